#pragma once
// ReplicaPolls: the long polls of replicas that wait on this node. A replica that has something new
// to ask for ends its own by a fetch of nothing on another connection.

#include "common/base/ids.hpp"
#include "common/runtime/event.hpp"

#include <map>
#include <vector>

namespace sealane::broker {

class ReplicaPolls {
 public:
    // One poll while it waits.
    class Waiting {
     public:
        Waiting(ReplicaPolls& polls, BrokerId replica, runtime::Event& event)
            : polls_(polls), replica_(replica), event_(event) {
            polls_.waiting_[replica_].push_back(this);
        }
        ~Waiting() { std::erase(polls_.waiting_[replica_], this); }
        Waiting(const Waiting&) = delete;
        Waiting& operator=(const Waiting&) = delete;
        [[nodiscard]] bool ended() const { return ended_; }

     private:
        friend class ReplicaPolls;
        ReplicaPolls& polls_;
        BrokerId replica_;
        runtime::Event& event_;
        bool ended_ = false;
    };

    void end(BrokerId replica) {
        const auto found = waiting_.find(replica);
        if (found == waiting_.end()) return;
        for (Waiting* poll : found->second) {
            poll->ended_ = true;
            poll->event_.notify_all();
        }
    }

 private:
    std::map<BrokerId, std::vector<Waiting*>> waiting_;
};

}  // namespace sealane::broker
