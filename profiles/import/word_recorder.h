#pragma once

#include <cstdint>

#include "profiles/import/import_options.h"
#include "profiles/import/measurement.h"

namespace brownout {

/// Words read back from a memory that was filled with one background word: every bit that differs
/// is a failing read. A bit that was written as 1 can only show 1->0, and the other way round.
class WordRecorder {
 public:
    /// Throws UsageError if width, background and de-duplication don't go together.
    explicit WordRecorder(const ImportOptions& options);

    /// Bits of a word of the file, and of those of them that are cells (half if bytes are
    /// mirrored).
    std::uint32_t fileBits() const { return fileBits_; }
    std::uint32_t cellBits() const { return cellBits_; }
    /// Returns the background of a word of the file.
    std::uint64_t background() const { return background_; }
    std::uint32_t wordsPerBlock() const { return wordsPerBlock_; }
    DumpShape shape() const { return {cellBits_, wordsPerBlock_}; }
    /// The bits that one read of every word looked at.
    Coverage coverage() const;

    /// Notes a word that differs from the background; `index` counts the words of the file.
    void differs(Measurement& measurement, std::uint32_t entry, std::uint64_t index,
                 std::uint64_t word);

    /// Words whose two halves differed, though they should have been the same. Zeroes the count.
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
