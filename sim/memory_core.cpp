#include "sim/memory_core.h"

#include <algorithm>
#include <string>

#include "base/error.h"

namespace brownout {

MemoryCore::MemoryCore(std::shared_ptr<ChipSource> chips,
                       std::shared_ptr<const Protection> protection)
    : protection_(std::move(protection)),
      placement_(chips->geometry(), *protection_),
      chips_(std::move(chips)),
      cells_(geometry().words(), 0),
      faultOf_(geometry().words(), 0) {
    requireSingleWords(*protection_, "the SystemC memory");
    if (protection_->wordBits() != geometry().wordBits()) {
        throw Error("protection " + protection_->name(),
                    "for words of " + std::to_string(protection_->wordBits()) +
                        " bits; the chip's have " + std::to_string(geometry().wordBits()));
    }
    if (protection_->checkBits() == 0) return;
    for (std::uint64_t word = 0; word < words(); ++word) {
        const CheckPlacement::Place place = placement_.placeOf(word);
        checkWord_.push_back(static_cast<std::uint32_t>(place.word));
        checkShift_.push_back(static_cast<std::uint8_t>(place.shift));
    }
}

void MemoryCore::setSupply(double supply) {
    overlay_ = chips_.faults(load_, {supply, temperatureC_, {}});
    for (const WordFault& fault : faults_) faultOf_[fault.word] = 0;
    faults_.clear();
    overlay_->forEachWord([this](const WordFault& fault) {
        faults_.push_back(fault);
        faultOf_[fault.word] = static_cast<std::uint32_t>(faults_.size());
    });
}

void MemoryCore::write(std::uint64_t first, Span<const Word> words) {
    const Word mask = protection_->dataMask();
    const Word checkMask = (Word{1} << protection_->checkBits()) - 1;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::uint64_t word = first + i;
        const CodedWord coded = protection_->encode(words[i] & mask);
        cells_[word] = coded.data;
        if (checkWord_.empty()) continue;
        Word& shared = cells_[checkWord_[word]];
        const std::uint32_t shift = checkShift_[word];
        shared = (shared & ~(checkMask << shift)) | (Word{coded.check} << shift);
    }
}

CodedWord MemoryCore::codedRead(std::uint64_t word) const {
    const Word mask = protection_->dataMask();
    if (checkWord_.empty()) return {rawRead(word) & mask, 0};
    const Word checkMask = (Word{1} << protection_->checkBits()) - 1;
    return {
        rawRead(word) & mask,
        static_cast<std::uint8_t>((rawRead(checkWord_[word]) >> checkShift_[word]) & checkMask)};
}

void MemoryCore::read(std::uint64_t first, Span<Word> words, Span<WordStatus> statuses) const {
    for (std::size_t i = 0; i < words.size(); ++i) {
        const DecodedWord decoded = protection_->decode(codedRead(first + i));
        words[i] = decoded.data;
        if (!statuses.empty()) statuses[i] = decoded.status;
    }
}

void MemoryCore::stored(std::uint64_t first, Span<Word> words) const {
    std::copy_n(cells_.begin() + static_cast<std::ptrdiff_t>(first), words.size(), words.begin());
}

}  // namespace brownout
