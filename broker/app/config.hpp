#pragma once
// BrokerConfig for whoever embeds a broker; it lives in broker/config, where all its folders may
// look at it.

#include "broker/config/broker_config.hpp"  // IWYU pragma: export
