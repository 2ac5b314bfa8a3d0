#pragma once

#include <memory>
#include <optional>
#include <string>

#include "inference/formats/encoded_network.h"

namespace brownout {

/// The way a network lies in the memory.
struct StorageSettings {
    std::shared_ptr<const NumberFormat> format;
    StoreScope store = StoreScope::kWeights;
};

/// Settings that a user asks for in place of those in a network's metadata, as the command line
/// spells them.
struct StorageOptions {
    std::optional<std::string> format;     ///< a name that numberFormat() takes
    std::optional<std::string> bits;       ///< another spelling of the quantisers: "4", and
    std::optional<std::string> quantizer;  ///< "rquant", "normal,nearest,network"
    std::optional<std::string> store;      ///< "weights" or "parameters"
};

/// Returns the options where they are given, or else what the network's metadata says
/// (`brownout.format`, or `brownout.bits` and `brownout.quantizer`; `brownout.store`), or else
/// the codes of the file if it is a quantised one, or rquant8, weights. Bits alone change those of
/// the network's own quantiser, and the other way round. Throws UsageError, its place "format",
/// "bits", "quantizer" or "store", for options that are wrong or contradict each other, and Error
/// naming the file for metadata that is or does.
StorageSettings storageOf(const Network& network, const StorageOptions& options = {});

}  // namespace brownout
