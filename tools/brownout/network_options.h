#pragma once

#include "inference/formats/storage.h"
#include "inference/network.h"
#include "tools/brownout/command_line.h"

namespace brownout {

/// Adds --protection, whose value the help calls `value`, and its other name --codec.
void addProtectionOption(CommandLine& line, const char* value, const char* description);

/// Returns the protections that --protection names. Throws UsageError for one that there isn't.
std::vector<std::string> protectionsOf(const CommandLine& line);

/// Adds --format, --bits, --quantizer and --store.
void addStorageOptions(CommandLine& line);

/// Adds --image-shape.
void addImageShapeOption(CommandLine& line);

/// Reads the network that --model names, with the sizes of --image-shape where it leaves them free.
/// Throws UsageError if they are missing or don't fit.
Network networkOf(const CommandLine& line);

/// Adds --exact.
void addEngineOptions(CommandLine& line);

/// Returns the settings that the options or else the network's metadata say, see
/// inference/formats/storage.h. Throws UsageError for an option that is wrong, Error for metadata
/// that is.
StorageSettings storageOf(const Network& network, const CommandLine& line);

/// Returns the settings that storageOf returns, for every format of the list that --format may be.
std::vector<StorageSettings> storagesOf(const Network& network, const CommandLine& line);

}  // namespace brownout
