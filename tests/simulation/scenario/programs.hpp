#pragma once
// The programs that scenarios run: the real broker, the real mirror, and clients that write
// numbered records and remember what they were told.

#include "broker/app/broker.hpp"
#include "broker/app/config.hpp"
#include "mirror/config/mirror_config.hpp"
#include "tests/checker/log_content.hpp"
#include "tests/simulation/scenario/sim_process.hpp"

namespace sealane::simulation {

[[nodiscard]] SimProcess::Factory broker_program(broker::BrokerConfig config);
// The broker of a process made by broker_program(); null while it does not run.
[[nodiscard]] broker::Broker* broker_of(SimProcess& process);
[[nodiscard]] SimProcess::Factory mirror_program(mirror::MirrorConfig config);

// Writes "<name>#0", "<name>#1", ... to one partition until told to stop, then waits until
// everything is acknowledged. `history` and `control` live in the scenario.
struct WriterControl {
    bool stop = false;
    bool finished = false;  // stopped, and nothing is unanswered
    std::vector<std::string> failures;
};
[[nodiscard]] SimProcess::Factory writer_program(
    std::string name,
    runtime::Endpoint bootstrap,
    TopicPartition partition,
    checker::WriterHistory& history,
    WriterControl& control
);

// Reads a whole partition once, up to its high watermark at the start.
struct ReadOut {
    bool done = false;
    std::optional<Error> error;
    checker::LogContent content;
};
[[nodiscard]] SimProcess::Factory reader_program(
    runtime::Endpoint bootstrap, TopicPartition partition, ReadOut& out
);

}  // namespace sealane::simulation
