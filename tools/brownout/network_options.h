#pragma once

#include "inference/dataset.h"
#include "inference/model.h"
#include "inference/quantized_network.h"
#include "inference/quantizer.h"
#include "tools/brownout/command_line.h"

namespace brownout {

/// How a network lies in the memory: the options, or else what the network says of itself in its
/// metadata
/// (`brownout.bits`, `brownout.quantizer`, `brownout.store`), or else 8 bits, rquant, weights.
struct StorageSettings {
    QuantizerSettings quantizer;
    StoreScope store = StoreScope::kWeights;
};

/// The data set that --data names, its first --images images if given. Throws UsageError or Error.
Dataset openData(const CommandLine& line);

/// Adds --protection, whose value the help calls `value`, and its other name --codec.
void addProtectionOption(CommandLine& line, const char* value, const char* description);

/// Returns the protections that --protection names. Throws UsageError for one that there isn't.
std::vector<std::string> protectionsOf(const CommandLine& line);

/// Adds --bits, --quantizer and --store.
void addStorageOptions(CommandLine& line);

/// Throws UsageError for an option that is wrong, Error for metadata that is.
StorageSettings storageOf(const Model& model, const CommandLine& line);

}  // namespace brownout
