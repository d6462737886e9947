#pragma once
// SaslMechanisms: what the exchanges of the listeners work with: the files of users and keys, the
// credentials of the image, fresh nonces.

#include "broker/config/broker_config.hpp"
#include "broker/metadata/metadata_store.hpp"
#include "broker/server/sasl_authenticator.hpp"
#include "common/identity/secret_file.hpp"
#include "common/runtime/world.hpp"

#include <map>

namespace sealane::broker {

class SaslMechanisms {
 public:
    // `config` and `metadata` outlive it.
    SaslMechanisms(
        runtime::World& world, const BrokerConfig& config, const MetadataStore& metadata
    );
    // Reads every file that listeners name: one that cannot be used keeps the broker from starting.
    [[nodiscard]] Status check();
    // For ServerPorts::sasl; the answer outlives no more than this.
    [[nodiscard]] SaslAuthenticator::Begin of(const ListenerConfig& listener);

 private:
    struct Files {
        const SaslConfig* config = nullptr;
        std::unique_ptr<identity::WatchedFile<identity::PlainUsers>> users;
        std::unique_ptr<identity::WatchedFile<identity::TokenKeys>> keys;
    };
    using Exchange = std::unique_ptr<identity::SaslExchange>;
    [[nodiscard]] Result<Exchange> begin(Files& files, SaslMechanism mechanism);
    [[nodiscard]] Exchange begin_scram(identity::ScramMechanism mechanism);
    // The file as it is, or as it was before it became unusable.
    template <class Content>
    [[nodiscard]] Result<std::shared_ptr<const Content>> current(
        identity::WatchedFile<Content>& file
    );

    runtime::World& world_;
    const MetadataStore& metadata_;
    runtime::Log log_;
    std::map<std::string, Files> listeners_;
    std::string spare_key_;
};

}  // namespace sealane::broker
