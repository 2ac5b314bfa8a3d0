#include "profiles/import/word_recorder.h"

#include "base/error.h"

namespace brownout {
namespace {

std::uint64_t ones(std::uint32_t bits) {
    return bits >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << bits) - 1;
}

}  // namespace

WordRecorder::WordRecorder(const ImportOptions& options)
    : fileBits_(options.wordBits),
      cellBits_(options.dedupBytes ? options.wordBits / 2 : options.wordBits),
      wordsPerBlock_(options.wordsPerBlock) {
    if (fileBits_ == 0 || fileBits_ > 64 || fileBits_ % 4 != 0) {
        throw UsageError("--word-bits",
                         std::to_string(fileBits_) + "; expected a multiple of 4, at most 64");
    }
    if (options.dedupBytes && fileBits_ % 16 != 0) {
        throw UsageError("--dedup-bytes", "words of " + std::to_string(fileBits_) +
                                              " bits; expected a multiple of 16");
    }
    if (wordsPerBlock_ == 0) throw UsageError("--words-per-block", "0; expected at least 1");
    background_ = options.background.value_or(ones(fileBits_));
    if ((background_ & ~ones(fileBits_)) != 0) {
        throw UsageError("--background",
                         "has more than " + std::to_string(fileBits_) + " bits, a word");
    }
    cellMask_ = ones(cellBits_);
    if (options.dedupBytes && (background_ >> cellBits_) != (background_ & cellMask_)) {
        throw UsageError("--background",
                         "its two halves differ, but --dedup-bytes expects words "
                         "whose halves are the same");
    }
}

Coverage WordRecorder::coverage() const {
    Coverage coverage;
    coverage.bits10 = background_ & cellMask_;
    coverage.bits01 = ~background_ & cellMask_;
    return coverage;
}

void WordRecorder::differs(Measurement& measurement, std::uint32_t entry, std::uint64_t index,
                           std::uint64_t word) {
    if (cellBits_ != fileBits_ && (word >> cellBits_) != (word & cellMask_)) ++unequalHalves_;
    const std::uint64_t block = index / wordsPerBlock_;
    measurement.needBlocks(block + 1);
    DumpBit place{static_cast<std::uint32_t>(block),
                  static_cast<std::uint32_t>(index % wordsPerBlock_), 0};
    for (std::uint64_t left = (word ^ background_) & cellMask_; left != 0; left &= left - 1) {
        place.bit = static_cast<std::uint32_t>(__builtin_ctzll(left));
        const bool wasOne = (background_ >> place.bit & 1) != 0;
        measurement.fail(entry, place, wasOne ? FailDirection::k10 : FailDirection::k01, 1);
    }
}

std::uint64_t WordRecorder::takeUnequalHalves() {
    const std::uint64_t count = unequalHalves_;
    unequalHalves_ = 0;
    return count;
}

void WordRecorder::endOfFile(Measurement& measurement, const Input& input, std::uint64_t words) {
    const std::string blocksOf = " blocks of " + std::to_string(wordsPerBlock_) + " words";
    if (words == 0) throw input.error("is empty; expected" + blocksOf);
    if (words % wordsPerBlock_ != 0) {
        throw input.error("ends after " + std::to_string(words) + " words, " +
                          std::to_string(words % wordsPerBlock_) + " words into block " +
                          std::to_string(words / wordsPerBlock_) + "; expected whole" + blocksOf);
    }
    const std::uint64_t blocks = words / wordsPerBlock_;
    const auto stated = measurement.map().statedBlocks();
    if (stated && blocks != *stated) {
        throw input.error("holds " + std::to_string(blocks) + blocksOf + "; expected " +
                          std::to_string(*stated) + ", as " + measurement.map().name() + " says");
    }
    if (blocks_ != 0 && blocks != blocks_) {
        throw input.error("holds " + std::to_string(blocks) + blocksOf + "; expected " +
                          std::to_string(blocks_) + ", as in " + firstFile_);
    }
    measurement.needBlocks(blocks);
    if (blocks_ == 0) firstFile_ = input.name();
    blocks_ = blocks;
}

}  // namespace brownout
