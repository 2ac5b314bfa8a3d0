#include "model/functional_memory.h"

#include <algorithm>
#include <string>

#include "base/error.h"

namespace brownout {
namespace {

std::shared_ptr<const Protection> fitting(std::shared_ptr<const Protection> protection,
                                          const SramGeometry& chip) {
    if (protection->wordBits() != chip.wordBits()) {
        throw Error("protection " + protection->name(),
                    "for words of " + std::to_string(protection->wordBits()) +
                        " bits; the chip's have " + std::to_string(chip.wordBits()));
    }
    return protection;
}

}  // namespace

FunctionalMemory::FunctionalMemory(std::shared_ptr<ChipSource> chips,
                                   std::shared_ptr<const Protection> protection,
                                   std::vector<ArrayDomain> domains)
    : protection_(fitting(std::move(protection), chips->geometry())),
      placement_(chips->geometry(), *protection_),
      chips_(std::move(chips), std::move(domains)),
      data_(placement_.dataGeometry().words(), 0),
      block_(protection_->blockWords()) {}

void FunctionalMemory::setSupply(const OperatingPoint& at) {
    physical_ = chips_.faults(load_, at);
    faults_ = CodedOverlay(physical_, placement_);
}

void FunctionalMemory::write(std::uint64_t first, Span<const Word> words) {
    checkAccess(first, words.size(), 0);
    const Word mask = protection_->dataMask();
    for (std::size_t i = 0; i < words.size(); ++i) data_[first + i] = words[i] & mask;
}

void FunctionalMemory::read(std::uint64_t first, Span<Word> words, Span<WordStatus> statuses) {
    checkAccess(first, words.size(), statuses.size());
    std::copy_n(data_.begin() + static_cast<std::ptrdiff_t>(first), words.size(), words.begin());
    std::fill(statuses.begin(), statuses.end(), WordStatus::kClean);
    const std::uint64_t end = first + words.size();
    if (protection_->altersData()) {
        const std::size_t size = block_.size();
        for (std::uint64_t at = first / size * size; at < end; at += size) {
            decodeBlock(at, {}, first, words, statuses);
        }
    }
    if (block_.size() > 1) {
        faults_.forEachBlock(first, end, [&](Span<const CodedFault> faults) {
            const std::uint64_t at = faults.front().word / block_.size() * block_.size();
            decodeBlock(at, faults, first, words, statuses);
        });
        return;
    }
    faults_.forEachWord(first, end, [&](const CodedFault& fault) {
        const CodedWord stored = protection_->encode(data_[fault.word]);
        const DecodedWord decoded = protection_->decode(fault.read(stored));
        words[fault.word - first] = decoded.data;
        if (!statuses.empty()) statuses[fault.word - first] = decoded.status;
    });
}

void FunctionalMemory::decodeBlock(std::uint64_t at, Span<const CodedFault> faults,
                                   std::uint64_t first, Span<Word> words,
                                   Span<WordStatus> statuses) {
    std::copy_n(data_.begin() + static_cast<std::ptrdiff_t>(at), block_.size(), block_.begin());
    std::uint8_t check = protection_->encode(block_);
    if (!faults.empty()) check = readBlock(faults, block_, check);
    const WordStatus status = protection_->decode(block_, check);
    for (std::size_t i = 0; i < block_.size(); ++i) {
        if (at + i < first || at + i >= first + words.size()) continue;
        words[at + i - first] = block_[i];
        if (!statuses.empty()) statuses[at + i - first] = status;
    }
}

}  // namespace brownout
