#include "emulation/faulty_values.h"

#include <utility>

#include "base/error.h"

namespace brownout {
namespace {

std::uint64_t bitsOf(const CodedWord& word) {
    return static_cast<std::uint64_t>(__builtin_popcountll(word.data) +
                                      __builtin_popcount(word.check));
}

}  // namespace

void requireForValues(const Protection& protection) {
    if (protection.altersData() || protection.blockWords() != 1) {
        throw Error("protection " + protection.name(),
                    "can't protect what a network computes: it alters what it stores, or spans "
                    "several words");
    }
}

FaultyValues::FaultyValues(ValuesUnderTest under, const CodedOverlay& faults)
    : under_(std::move(under)), tensors_(under_.placement->places().size()) {
    const ValuePlacement& placement = *under_.placement;
    faults.forEachWord(0, placement.words(), [&](const CodedFault& fault) {
        placement.forEachWordAt(fault.word, [&](std::size_t tensor, std::uint64_t word) {
            const WordCodes codes = placement.codesOf(tensor, word);
            tensors_[tensor].groups.push_back({codes.first, codes.count});
            tensors_[tensor].faults.push_back(fault);
            failingCells_ += bitsOf(fault.faulty()) * placement.places()[tensor].uses;
        });
    });
}

void FaultyValues::read(std::size_t tensor, std::size_t group, Span<Code> codes) {
    const Protection& protection = *under_.protection;
    const CodedFault& fault = tensors_[tensor].faults[group];
    const std::uint64_t perWord = under_.placement->places()[tensor].perWord;
    const WordCodes slots =
        under_.placement->codesOf(tensor, tensors_[tensor].groups[group].first / perWord);
    Word data = 0;
    for (std::uint32_t slot = 0; slot < slots.count; ++slot) {
        data = slots.withCode(data, slot, codes[slot]);
    }
    const CodedWord stored = protection.encode(data);
    const CodedWord read = fault.read(stored);
    if (read == stored) return;
    counts_.bitsWrong +=
        bitsOf({read.data ^ stored.data, static_cast<std::uint8_t>(read.check ^ stored.check)});
    const DecodedWord decoded = protection.decode(read);
    Word used = decoded.data;
    switch (decoded.status) {
        case WordStatus::kDetected:
            ++counts_.wordsDetected;
            break;
        case WordStatus::kCorrected:
            ++(used == data ? counts_.wordsCorrected : counts_.wordsSilent);
            break;
        case WordStatus::kClean:
            counts_.wordsSilent += used == data ? 0 : 1;
            break;
    }
    if (decoded.status == WordStatus::kDetected &&
        (under_.detected == DetectedPolicy::kZeroWeight || protection.masksWeights())) {
        const Code zero = under_.placement->places()[tensor].zero;
        used = slots.withCodes(used, protection.worthlessBits(decoded),
                               [&](std::uint64_t /*element*/) { return zero; });
    }
    for (std::uint32_t slot = 0; slot < slots.count; ++slot) {
        codes[slot] = slots.codeIn(used, slot);
    }
}

ValueCounts FaultyValues::counts(std::uint64_t images) const {
    ValueCounts counts = counts_;
    const std::uint64_t cells = under_.protection->wordBits() + under_.protection->checkBits();
    counts.bitsRead = images * under_.placement->wordsOfImage() * cells;
    counts.failingCells = images * failingCells_;
    return counts;
}

FailingValues FaultyRowValues::failing() {
    const auto ifAny = [](std::optional<FaultyValues>& values) {
        return values && !values->empty() ? &*values : nullptr;
    };
    return {ifAny(activations), ifAny(sums)};
}

}  // namespace brownout
