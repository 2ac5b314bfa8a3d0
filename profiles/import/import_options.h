#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/input.h"
#include "profiles/device.h"
#include "profiles/fail_counts.h"
#include "profiles/import/descramble_map.h"

namespace brownout {

/// The formats of IMPORT.md.
enum class ImportFormat { kHexDump, kCsv, kNpy, kBitmap01, kArmMbist };

/// Meanings of the numbers of an array file.
enum class ArrayValues {
    kFlags,          ///< 0 or 1: it fails
    kCounts,         ///< failing reads
    kProbabilities,  ///< failing reads / reads
    kWords,          ///< words as they were read back, not numbers of cells
};

/// Directions that a fail log looked for: a log doesn't say so itself.
enum class LoggedDirections { kSeen, k01, k10, kBoth };

/// Options for reading the files of an import.
struct ImportOptions {
    ImportFormat format = ImportFormat::kHexDump;
    /// Description in the map file and the geometry options.
    MapDescription map;
    std::string voltagePattern;          ///< pattern of the voltage in a file's name; may be empty
    std::optional<double> temperatureC;  ///< temperature of all files
    std::optional<std::uint32_t> reads;  ///< reads of each cell under each condition

    // Words: hex-dump and npy.
    std::uint32_t wordBits = 16;
    std::uint32_t wordsPerBlock = 1024;
    std::optional<std::uint64_t> background;  ///< word that was written; absent: ones
    bool dedupBytes = false;                  ///< the upper half of a word repeats the lower one

    // Arrays: npy.
    std::optional<ArrayValues> values;

    // Fail logs: csv and arm-mbist.
    std::map<std::string, std::string> columns;  ///< our name -> name in the file
    std::vector<std::string> fields;             ///< arm-mbist: what the fields of a line are
    char delimiter = ',';
    char decimal = '.';    ///< decimal sign, a point or a comma
    int addressBase = 10;  ///< base of addresses without "0x" in csv, 10 or 16
    LoggedDirections directions = LoggedDirections::kSeen;
    std::vector<double> alsoMeasured;  ///< voltages at which perhaps nothing failed
};

/// A file to import, and what is known of it besides its content.
struct ImportFile {
    std::unique_ptr<Input> input;
    std::optional<double> voltage;           ///< unit of the profile
    std::optional<FailDirection> direction;  ///< direction that it counts
};

/// Remarks of an import.
struct ImportNotes {
    std::vector<std::string> lines;
};

}  // namespace brownout
