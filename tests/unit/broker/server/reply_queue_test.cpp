#include "broker/server/reply_queue.hpp"

#include "common/base/rng.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace sealane::broker {
namespace {

BufferChain text(std::string_view content) {
    return BufferChain(BufferSlice::copy_of(content));
}

TEST(ReplyQueue, HoldsBackWhatIsReadyBehindWhatIsNot) {
    ReplyQueue queue;
    const auto first = queue.open(10);
    const auto second = queue.open(20);
    const auto third = queue.open(30);
    queue.fill(third, text("c"));
    queue.fill(second, text("b"));
    EXPECT_FALSE(queue.ready());
    EXPECT_EQ(queue.reply_bytes(), 2U);
    queue.fill(first, text("a"));
    const ReplyQueue::Batch batch = queue.take_ready(100);
    EXPECT_EQ(batch.bytes.joined().text(), "abc");
    EXPECT_EQ(batch.replies, 3U);
    EXPECT_EQ(batch.request_bytes, 60U);
    EXPECT_EQ(queue.size(), 0U);
    EXPECT_EQ(queue.request_bytes(), 0U);
}

TEST(ReplyQueue, RequestsWithoutReplyLeaveSilently) {
    ReplyQueue queue;
    const auto first = queue.open(10);
    const auto second = queue.open(10);
    queue.fill(first, {});
    queue.fill(second, text("b"));
    const ReplyQueue::Batch batch = queue.take_ready(100);
    EXPECT_EQ(batch.bytes.joined().text(), "b");
    EXPECT_EQ(batch.replies, 2U);
}

TEST(ReplyQueue, OneWriteStaysBelowItsBoundButAlwaysMoves) {
    ReplyQueue queue;
    for (int i = 0; i < 3; ++i) queue.fill(queue.open(1), text(std::string(60, 'x')));
    EXPECT_EQ(queue.take_ready(100).replies, 1U);
    EXPECT_EQ(queue.take_ready(120).replies, 2U);
    queue.fill(queue.open(1), text(std::string(500, 'x')));
    EXPECT_EQ(queue.take_ready(100).bytes.size(), 500U);
}

TEST(ReplyQueue, OrderHoldsForAnyOrderOfFilling) {
    Rng rng(11);
    for (int round = 0; round < 300; ++round) {
        ReplyQueue queue;
        std::vector<ReplyQueue::Place> open;
        std::string expected;
        std::string got;
        int made = 0;
        while (made < 40 || !open.empty()) {
            if (made < 40 && (open.empty() || rng.chance(1, 2))) {
                open.push_back(queue.open(1));
                ++made;
            } else {
                const auto pick = static_cast<std::ptrdiff_t>(rng.below(open.size()));
                const auto place = open[static_cast<std::size_t>(pick)];
                queue.fill(place, text(std::string(1, static_cast<char>('0' + place))));
                open.erase(open.begin() + pick);
            }
            if (queue.ready()) got += queue.take_ready(1000).bytes.joined().text();
        }
        for (int i = 0; i < 40; ++i) expected += static_cast<char>('0' + i);
        EXPECT_EQ(got, expected);
    }
}

}  // namespace
}  // namespace sealane::broker
