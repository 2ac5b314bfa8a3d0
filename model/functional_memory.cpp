#include "model/functional_memory.h"

#include <algorithm>
#include <string>

#include "base/error.h"

namespace brownout {
namespace {

std::shared_ptr<const Codec> fitting(std::shared_ptr<const Codec> codec, const SramGeometry& chip) {
    if (codec->wordBits() != chip.wordBits()) {
        throw Error("codec " + codec->name(), "for words of " + std::to_string(codec->wordBits()) +
                                                  " bits; the chip's have " +
                                                  std::to_string(chip.wordBits()));
    }
    return codec;
}

}  // namespace

FunctionalMemory::FunctionalMemory(const SramGeometry& chip, std::shared_ptr<const Codec> codec,
                                   FaultsAtSupply faults)
    : codec_(fitting(std::move(codec), chip)),
      placement_(chip, *codec_),
      faultsAt_(std::move(faults)),
      data_(placement_.dataGeometry().words(), 0),
      check_(codec_->checkBits() > 0 ? data_.size() : 0, 0) {}

void FunctionalMemory::setSupply(double supply) {
    faults_ = CodedOverlay(faultsAt_(supply), placement_);
}

void FunctionalMemory::write(std::uint64_t first, Span<const Word> words) {
    checkAccess(first, words.size(), 0);
    const Word mask = codec_->dataMask();
    for (std::size_t i = 0; i < words.size(); ++i) data_[first + i] = words[i] & mask;
    if (check_.empty()) return;
    for (std::size_t i = 0; i < words.size(); ++i)
        check_[first + i] = codec_->encode(data_[first + i]);
}

void FunctionalMemory::read(std::uint64_t first, Span<Word> words, Span<WordStatus> statuses) {
    checkAccess(first, words.size(), statuses.size());
    std::copy_n(data_.begin() + static_cast<std::ptrdiff_t>(first), words.size(), words.begin());
    std::fill(statuses.begin(), statuses.end(), WordStatus::kClean);
    faults_.forEachWord(first, first + words.size(), [&](const CodedFault& fault) {
        const CodedWord stored{data_[fault.word],
                               check_.empty() ? std::uint8_t{0} : check_[fault.word]};
        const DecodedWord decoded = codec_->decode(fault.read(stored));
        words[fault.word - first] = decoded.data;
        if (!statuses.empty()) statuses[fault.word - first] = decoded.status;
    });
}

}  // namespace brownout
