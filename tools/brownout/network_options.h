#pragma once

#include "inference/dataset.h"
#include "inference/model.h"
#include "inference/quantized_network.h"
#include "inference/quantizer.h"
#include "tools/brownout/command_line.h"

namespace brownout {

/// The way in which a network lies in the memory: by the options, or else by its own metadata
/// (`brownout.bits`, `brownout.quantizer`, `brownout.store`), or else 8 bits, rquant, weights.
struct StorageSettings {
    QuantizerSettings quantizer;
    StoreScope store = StoreScope::kWeights;
};

/// Returns the data set that --data names, of which only the first --images images are read if that
/// is given. Throws UsageError or Error.
Dataset openData(const CommandLine& line);

/// Returns the protections that --codec names. Throws UsageError for one that there isn't.
std::vector<std::string> protectionsOf(const CommandLine& line);

/// Adds --bits, --quantizer and --store.
void addStorageOptions(CommandLine& line);

/// Returns how the network is stored by the options and its metadata. Throws UsageError for an
/// option that is wrong, Error for metadata that is.
StorageSettings storageOf(const Model& model, const CommandLine& line);

}  // namespace brownout
