#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "profiles/import/import_options.h"
#include "profiles/import/measurement.h"

namespace brownout {

/// One bitmap entry of an ARM memory BIST (79 bits).
struct MbistEntry {
    std::uint32_t address = 0;  ///< address of the word: bits 78 to 68
    std::uint64_t failing = 0;  ///< bits of the word that read wrong: bits 67 to 4
    std::uint32_t seed = 0;     ///< bits 3 to 0: bit i of the word was written as seed bit i mod 4
};

/// Reads an entry as 20 hexadecimal digits ("0x" may precede) or 79 binary digits ("0b" may).
/// Returns nothing if `text` is neither, or if bit 79 is set.
std::optional<MbistEntry> parseMbistEntry(std::string_view text);

/// Reads lists of entries into `measurement`: "arm-mbist" of IMPORT.md. Throws Error naming the
/// file and the line.
void readMbistLogs(std::vector<ImportFile>& files, const ImportOptions& options,
                   Measurement& measurement, ImportNotes& notes);

}  // namespace brownout
