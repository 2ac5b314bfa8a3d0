#include "model/coded_overlay.h"

#include <limits>

namespace brownout {
namespace {

/// Returns a part of a word fault's mask: `count` bits from `shift` on.
std::uint8_t part(Word mask, std::uint32_t shift, std::uint32_t count) {
    return static_cast<std::uint8_t>(mask >> shift & ((1U << count) - 1));
}

}  // namespace

CodedOverlay::CodedOverlay(std::shared_ptr<const FaultOverlay> faults)
    : faults_(std::move(faults)), dataWords_(std::numeric_limits<std::uint64_t>::max()) {}

CodedOverlay::CodedOverlay(std::shared_ptr<const FaultOverlay> faults,
                           const CheckPlacement& placement)
    : faults_(std::move(faults)),
      dataWords_(placement.dataGeometry().words()),
      blockWords_(placement.blockWords()) {
    const std::uint32_t count = placement.checkBits();
    if (count == 0) return;
    const std::uint32_t dataArrays = placement.dataGeometry().arrays;
    const std::uint64_t perArray = placement.dataGeometry().wordsPerArray();
    const std::uint64_t blocks = perArray / blockWords_;  // of an array
    const std::uint32_t slots = placement.blocksPerCheckWord();

    // The faults of a check array come by ascending place and, within it, for up to `slots` data
    // arrays in turn. Counted and dealt out to their data arrays, they ascend by data word.
    std::vector<CheckFault> found;
    std::vector<std::size_t> start(dataArrays + 1, 0);  // of each data array's in check_
    faults_->forEachWord(dataWords_, placement.chipGeometry().words(), [&](const WordFault& fault) {
        const std::uint64_t place = fault.word % perArray;
        // The data array of slot 0; that of the next slot is blockWords_ arrays further.
        const std::uint64_t firstArray =
            (fault.word / perArray - dataArrays) * slots * blockWords_ + place / blocks;
        Word left = ~fault.andMask | fault.orMask | fault.xorMask;
        while (left != 0) {
            const auto slot = static_cast<std::uint32_t>(__builtin_ctzll(left)) / count;
            const std::uint32_t shift = slot * count;
            left &= ~(((Word{1} << count) - 1) << shift);
            const std::uint64_t array = firstArray + std::uint64_t{slot} * blockWords_;
            if (slot >= slots || array >= dataArrays) break;  // spare cells
            CheckFault check{};
            check.word =
                static_cast<std::uint32_t>(array * perArray + place % blocks * blockWords_);
            check.checkAnd = static_cast<std::uint8_t>(~part(~fault.andMask, shift, count));
            check.checkOr = part(fault.orMask, shift, count);
            check.checkXor = part(fault.xorMask, shift, count);
            found.push_back(check);
            ++start[array + 1];
        }
    });
    for (std::size_t array = 0; array < dataArrays; ++array) start[array + 1] += start[array];
    check_.resize(found.size());
    for (const CheckFault& check : found) check_[start[check.word / perArray]++] = check;
}

}  // namespace brownout
