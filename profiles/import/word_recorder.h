#pragma once

#include <cstdint>

#include "profiles/import/import_options.h"
#include "profiles/import/measurement.h"

namespace brownout {

/// The recorder of words read back from a memory that was filled with one background word: every
/// bit that differs is a failing read. A bit that was written as 1 can only show 1->0, and the
/// other way round.
class WordRecorder {
 public:
    /// Takes width, background and de-duplication of words. Throws UsageError if they don't go
    /// together.
    explicit WordRecorder(const ImportOptions& options);

    /// Returns the number of bits of a word of the file.
    std::uint32_t fileBits() const { return fileBits_; }
    /// Returns the number of those bits that are cells (half if bytes are mirrored).
    std::uint32_t cellBits() const { return cellBits_; }
    /// Returns the background of a word of the file.
    std::uint64_t background() const { return background_; }
    std::uint32_t wordsPerBlock() const { return wordsPerBlock_; }
    DumpShape shape() const { return {cellBits_, wordsPerBlock_}; }
    /// Returns the bits that one read of every word looked at.
    Coverage coverage() const;

    /// Notes a word that differs from the background; `index` counts the words of the file.
    void differs(Measurement& measurement, std::uint32_t entry, std::uint64_t index,
                 std::uint64_t word);

    /// Returns how many words had two halves that differed, though they should have been the same,
    /// and zeroes the count.
    std::uint64_t takeUnequalHalves();

    /// Checks the number of words of a file against the map and the files before. Throws Error
    /// naming the file.
    void endOfFile(Measurement& measurement, const Input& input, std::uint64_t words);

 private:
    std::uint32_t fileBits_ = 0;
    std::uint32_t cellBits_ = 0;
    std::uint32_t wordsPerBlock_ = 0;
    std::uint64_t background_ = 0;
    std::uint64_t cellMask_ = 0;
    std::uint64_t unequalHalves_ = 0;
    std::uint64_t blocks_ = 0;
    std::string firstFile_;
};

}  // namespace brownout
