#include "topology/cli/demo_home.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <unistd.h>

namespace sealane::topology {

DemoProcess* DemoState::find(DemoProcess::Kind kind, const std::string& name) {
    const auto found = std::ranges::find_if(processes, [&](const DemoProcess& process) {
        return process.kind == kind && process.name == name;
    });
    return found == processes.end() ? nullptr : &*found;
}

DemoProcess* DemoState::find_by_directory(const std::string& directory) {
    const auto found = std::ranges::find(processes, directory, &DemoProcess::directory);
    return found == processes.end() ? nullptr : &*found;
}

DemoHome DemoHome::from(const Invocation& invocation) {
    std::string directory = invocation.text("home");
    if (directory.empty()) {
        const char* chosen = std::getenv("SEALANE_DEMO_HOME");
        const char* home = std::getenv("HOME");
        if (chosen != nullptr) {
            directory = chosen;
        } else if (geteuid() == 0) {
            directory = "/var/lib/sealane/demo";
        } else {
            directory = std::string(home != nullptr ? home : "/tmp") + "/.sealane/demo";
        }
    }
    return DemoHome(std::filesystem::absolute(directory).string());
}

bool DemoHome::exists() const {
    return access(state_file().c_str(), F_OK) == 0;
}

Result<DemoState> DemoHome::load() const {
    std::ifstream file(state_file());
    if (!file)
        return fail(
            ErrorCode::kNotFound, "no demo in " + directory_ + "; start one: sealane demo up"
        );
    std::stringstream text;
    text << file.rdbuf();
    boost::system::error_code broken;
    const auto document = boost::json::parse(text.str(), broken);
    if (broken || !document.is_object() || !document.as_object().contains("processes")) {
        return fail(
            ErrorCode::kMalformed,
            state_file() + " does not read as JSON; end its processes and remove " + directory_
        );
    }
    DemoState state;
    try {
        state.fed = document.at("fed").as_bool();
        for (const auto& value : document.at("processes").as_array()) {
            DemoProcess process;
            process.kind = value.at("kind").as_string() == "mirror" ? DemoProcess::Kind::kMirror
                                                                    : DemoProcess::Kind::kBroker;
            process.name = value.at("name").as_string().c_str();
            const auto* cluster = value.as_object().if_contains("cluster");
            if (process.kind == DemoProcess::Kind::kBroker)
                process.cluster = cluster != nullptr ? cluster->as_string().c_str() : process.name;
            process.program = value.at("program").as_string().c_str();
            process.directory = value.at("directory").as_string().c_str();
            process.pid = static_cast<pid_t>(value.at("pid").as_int64());
            process.admin = value.at("admin").as_string().c_str();
            state.processes.push_back(std::move(process));
        }
    } catch (const std::exception& failure) {
        return fail(ErrorCode::kMalformed, state_file() + ": " + failure.what());
    }
    return state;
}

Status DemoHome::save(const DemoState& state) const {
    boost::json::array processes;
    for (const DemoProcess& process : state.processes) {
        processes.push_back(boost::json::object{
            {"kind", process.kind == DemoProcess::Kind::kMirror ? "mirror" : "broker"},
            {"name", process.name},
            {"cluster", process.cluster},
            {"program", process.program},
            {"directory", process.directory},
            {"pid", process.pid},
            {"admin", process.admin},
        });
    }
    std::ofstream file(state_file() + ".tmp");
    file << boost::json::serialize(boost::json::object{{"fed", state.fed}, {"processes", processes}}
            )
         << "\n";
    file.close();
    if (!file || std::rename((state_file() + ".tmp").c_str(), state_file().c_str()) != 0) {
        return fail(ErrorCode::kIo, "cannot write " + state_file());
    }
    return {};
}

}  // namespace sealane::topology
