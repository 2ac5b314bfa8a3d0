#include "sim/memory_core.h"

#include <string>

#include "base/error.h"

namespace brownout {

MemoryCore::MemoryCore(std::shared_ptr<ChipSource> chips,
                       std::shared_ptr<const Protection> protection)
    : protection_(std::move(protection)),
      placement_(chips->geometry(), *protection_),
      words_(placement_.dataGeometry().words()),
      wordsPerArray_(static_cast<std::uint32_t>(placement_.dataGeometry().wordsPerArray())),
      chips_(std::move(chips)),
      cells_(geometry().words()) {
    requireSingleWords(*protection_, "the SystemC memory");
    if (protection_->wordBits() != geometry().wordBits()) {
        throw Error("protection " + protection_->name(),
                    "for words of " + std::to_string(protection_->wordBits()) +
                        " bits; the chip's have " + std::to_string(geometry().wordBits()));
    }
    if (protection_->checkBits() == 0) return;
    for (std::uint64_t word = 0; word < words(); word += wordsPerArray_) {
        const CheckPlacement::Place place = placement_.placeOf(word);
        checkPlace_.push_back({static_cast<std::uint32_t>(place.word - word), place.shift});
    }
}

void MemoryCore::setSupply(double supply) {
    auto overlay = chips_.faults(load_, {supply, temperatureC_, {}});
    overlay_->forEachWord(
        [this](const WordFault& fault) { cells_[fault.word] = Cells{cells_[fault.word].stored}; });
    overlay_ = std::move(overlay);
    overlay_->forEachWord([this](const WordFault& fault) {
        Cells& cells = cells_[fault.word];
        cells = {cells.stored, fault.andMask, fault.orMask, fault.xorMask};
    });
}

void MemoryCore::write(std::uint64_t first, Span<const Word> words) {
    const Word mask = protection_->dataMask();
    const Word checkMask = (Word{1} << protection_->checkBits()) - 1;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::uint64_t word = first + i;
        const CodedWord coded = protection_->encode(words[i] & mask);
        cells_[word].stored = coded.data;
        if (checkPlace_.empty()) continue;
        const CheckPlace& place = checkPlaceOf(word);
        Word& shared = cells_[word + place.distance].stored;
        shared = (shared & ~(checkMask << place.shift)) | (Word{coded.check} << place.shift);
    }
}

template <typename Content>
CodedWord MemoryCore::codedOf(std::uint64_t word, const Content& content) const {
    const Word data = content(cells_[word]) & protection_->dataMask();
    if (checkPlace_.empty()) return {data, 0};
    const Word checkMask = (Word{1} << protection_->checkBits()) - 1;
    const CheckPlace& place = checkPlaceOf(word);
    return {data, static_cast<std::uint8_t>(content(cells_[word + place.distance]) >> place.shift &
                                            checkMask)};
}

void MemoryCore::read(std::uint64_t first, Span<Word> words, Span<WordStatus> statuses) const {
    const auto asRead = [](const Cells& cells) { return cells.read(); };
    for (std::size_t i = 0; i < words.size(); ++i) {
        const DecodedWord decoded = protection_->decode(codedOf(first + i, asRead));
        words[i] = decoded.data;
        if (!statuses.empty()) statuses[i] = decoded.status;
    }
}

void MemoryCore::stored(std::uint64_t first, Span<Word> words) const {
    const auto asStored = [](const Cells& cells) { return cells.stored; };
    for (std::size_t i = 0; i < words.size(); ++i) {
        words[i] = protection_->decode(codedOf(first + i, asStored)).data;
    }
}

}  // namespace brownout
