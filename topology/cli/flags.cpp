// Definitions of all flags. One DEFINE and nothing else: meaning, type and default live here.

#include "topology/cli/flags.hpp"

#include <gflags/gflags.h>

#include <algorithm>

DEFINE_string(topology, "", "FILE: the topology file; default: the running demo's");
DEFINE_string(cluster, "", "NAME: a cluster of the topology");
DEFINE_string(bootstrap, "", "HOST:PORT,...: brokers to start from, instead of --cluster");
DEFINE_string(tls_ca, "", "FILE: with --bootstrap, trust this certificate authority (PEM)");
DEFINE_string(tls_cert, "", "FILE: with --bootstrap, show this client certificate (PEM)");
DEFINE_string(tls_key, "", "FILE: with --bootstrap, the certificate's key (PEM, mode 0600)");
DEFINE_string(
    sasl_mechanism,
    "",
    "NAME: with --bootstrap, authenticate by PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER"
);
DEFINE_string(sasl_user, "", "USER: with --sasl-mechanism, who we are");
DEFINE_string(
    sasl_secret_file, "", "FILE: with --sasl-mechanism, the password or token (mode 0600)"
);
DEFINE_string(output, "text", "text|json: how to print");
DEFINE_string(timeout, "30s", "DURATION: give up after this long");
DEFINE_bool(quiet, false, "print results only, no progress");
DEFINE_bool(verbose, false, "print log lines too");
DEFINE_string(
    home,
    "",
    "DIR: where the demo keeps its state; default ~/.sealane/demo, for root /var/lib/sealane/demo"
);
DEFINE_string(
    feed, "", "FILE: a file to feed into the local clusters, a record a line; repeat for more"
);
DEFINE_int64(brokers, 1, "COUNT: brokers of each cluster, 1 to 7");
DEFINE_bool(exit_when_healthy, false, "wait until healthy, at most for --timeout");
DEFINE_string(exclude, "", "BROKER,...: brokers that shall hold nothing");
DEFINE_string(topic, "", "TOPIC: only this topic; repeat for more");
DEFINE_bool(voter, false, "take the broker out of the metadata quorum as well");
DEFINE_bool(unclean, false, "let a replica lead that may lack acknowledged records");
DEFINE_string(signal, "KILL", "KILL|STOP|CONT|TERM: STOP pauses a process, CONT lets it go on");
DEFINE_bool(purge, false, "remove data, keys and logs as well");
DEFINE_bool(yes, false, "do not ask");
DEFINE_int64(partitions, 1, "COUNT: partitions");
DEFINE_int64(
    replication_factor, -1, "COUNT: replicas of each partition; default: the cluster's own default"
);
DEFINE_string(config, "", "NAME=VALUE: a topic configuration; repeat for more");
DEFINE_string(key_separator, "", "TEXT: what stands between key and value; default: no keys");
DEFINE_int64(partition, -1, "NUMBER: only this partition");
DEFINE_string(offset, "beginning", "beginning|end|NUMBER: where to start");
DEFINE_int64(count, 0, "NUMBER: stop after this many records; 0: no limit");
DEFINE_bool(exit, false, "stop at the end of the topic instead of waiting for more");
DEFINE_string(file, "", "FILE: read records from it, a line each, instead of standard input");
DEFINE_string(compression, "none", "none|gzip|snappy|lz4|zstd: codec of produced batches");
DEFINE_string(acks, "all", "0|1|all: what to wait for");
DEFINE_bool(watch, false, "print again every second until interrupted");
DEFINE_bool(exit_code, false, "exit 10 when something is not OK");
DEFINE_string(format, "ascii", "svg|mermaid|ascii: kind of picture");
DEFINE_string(to, "", "FILE: write there instead of standard output");
DEFINE_string(link, "", "NAME: a link of the topology, as in seoul->korea");
DEFINE_int64(rate, 200, "NUMBER: probe records a second");
DEFINE_string(baseline, "5s", "DURATION: how long to measure before the fault");
DEFINE_string(report, "", "DIR: where to write report.html and report.json");
DEFINE_string(listener, "plain", "plain|tls: which listener");

namespace sealane::topology {
namespace {

FlagSpec read_flag(const char* name) {
    const gflags::CommandLineFlagInfo info = gflags::GetCommandLineFlagInfoOrDie(name);
    FlagSpec flag{name, "", info.description, info.default_value};
    std::ranges::replace(flag.name, '_', '-');
    if (info.type != "bool") {
        const auto colon = flag.meaning.find(": ");
        flag.value_name = flag.meaning.substr(0, colon);
        flag.meaning = flag.meaning.substr(colon + 2);
    }
    return flag;
}

std::vector<FlagSpec> read_flags() {
    std::vector<FlagSpec> flags;
    for (const char* name : {
             "topology",
             "cluster",
             "bootstrap",
             "tls_ca",
             "tls_cert",
             "tls_key",
             "sasl_mechanism",
             "sasl_user",
             "sasl_secret_file",
             "output",
             "timeout",
             "quiet",
             "verbose",
             "home",
             "feed",
             "purge",
             "yes",
             "partitions",
             "replication_factor",
             "config",
             "key_separator",
             "partition",
             "offset",
             "count",
             "exit",
             "file",
             "compression",
             "acks",
             "watch",
             "exit_code",
             "format",
             "to",
             "link",
             "rate",
             "baseline",
             "report",
             "listener",
             "brokers",
             "signal",
             "exit_when_healthy",
             "exclude",
             "topic",
             "voter",
             "unclean",
         }) {
        flags.push_back(read_flag(name));
    }
    return flags;
}

}  // namespace

const std::vector<FlagSpec>& flag_table() {
    static const std::vector<FlagSpec> flags = read_flags();
    return flags;
}

const FlagSpec* find_flag(std::string_view name) {
    const auto& flags = flag_table();
    const auto found = std::ranges::find(flags, name, &FlagSpec::name);
    return found == flags.end() ? nullptr : &*found;
}

const std::vector<std::string>& global_flags() {
    static const std::vector<std::string> names{"output", "quiet", "verbose", "timeout", "home"};
    return names;
}

Status set_flag(const FlagSpec& flag, const std::string& value) {
    std::string name = flag.name;
    std::ranges::replace(name, '-', '_');
    if (gflags::SetCommandLineOption(name.c_str(), value.c_str()).empty()) {
        return fail(
            ErrorCode::kBadConfig,
            "--" + flag.name + ": '" + value + "' is not " +
                (flag.value_name.empty() ? "true or false" : flag.value_name)
        );
    }
    return {};
}

}  // namespace sealane::topology
