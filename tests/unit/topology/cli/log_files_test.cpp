#include "topology/cli/log_files.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <unistd.h>
#include <zlib.h>

namespace sealane::topology {
namespace {

class TemporaryFile {
 public:
    TemporaryFile() {
        std::string pattern = testing::TempDir() + "sealane-lines-XXXXXX";
        const int descriptor = mkstemp(pattern.data());
        EXPECT_GE(descriptor, 0);
        close(descriptor);
        path_ = pattern;
    }
    ~TemporaryFile() { unlink(path_.c_str()); }
    [[nodiscard]] const std::string& path() const { return path_; }
    void write(const std::string& content) const {
        std::ofstream(path_, std::ios::binary) << content;
    }

 private:
    std::string path_;
};

std::vector<std::string> lines_of(const std::string& path) {
    auto reader = LineReader::open(path);
    EXPECT_TRUE(reader);
    std::vector<std::string> lines;
    while (reader) {
        auto line = reader->next();
        EXPECT_TRUE(line) << line.error().to_string();
        if (!line || !*line) break;
        lines.push_back(**line);
    }
    return lines;
}

TEST(LineReader, KeepsBytesAsTheyAre) {
    TemporaryFile file;
    file.write(std::string("one\r\n\nth\0ree\rx\nlast", 19));
    EXPECT_EQ(
        lines_of(file.path()),
        (std::vector<std::string>{"one\r", "", std::string("th\0ree\rx", 8), "last"})
    );
}

TEST(LineReader, ReadsLinesAcrossItsPiecesAndCutsTheLongestOnes) {
    TemporaryFile file;
    const std::string long_line(LineReader::kLongestLine + 10, 'x');
    const std::string middle(100'000, 'y');
    file.write(middle + "\n" + long_line + "\nz\n");
    const auto lines = lines_of(file.path());
    ASSERT_EQ(lines.size(), 4U);
    EXPECT_EQ(lines[0], middle);
    EXPECT_EQ(lines[1] + lines[2], long_line);
    EXPECT_EQ(lines[3], "z");
}

TEST(LineReader, ReadsGzip) {
    TemporaryFile file;
    gzFile out = gzopen(file.path().c_str(), "wb");
    gzputs(out, "a\nb\n");
    gzclose(out);
    EXPECT_EQ(lines_of(file.path()), (std::vector<std::string>{"a", "b"}));
}

TEST(NamedLogs, NameTheFileThatCannotBeRead) {
    const auto files = named_logs({"/nowhere/at.log"});
    ASSERT_FALSE(files);
    EXPECT_NE(files.error().detail().find("/nowhere/at.log"), std::string::npos);
}

}  // namespace
}  // namespace sealane::topology
