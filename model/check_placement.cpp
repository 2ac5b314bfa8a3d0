#include "model/check_placement.h"

#include <string>

#include "base/error.h"

namespace brownout {

std::uint32_t CheckPlacement::wordsPerCheckWord(const SramGeometry& geometry,
                                                std::uint32_t checkBits) {
    geometry.validate();
    if (checkBits == 0) return 0;
    if (checkBits > 8 || checkBits > geometry.wordBits()) {
        throw Error("check bits", std::to_string(checkBits) + " for each word of " +
                                      std::to_string(geometry.wordBits()) +
                                      " bits; expected at most 8 and no more than the word has");
    }
    return geometry.wordBits() / checkBits;
}

SramGeometry CheckPlacement::chipFor(const SramGeometry& data, std::uint32_t checkBits) {
    const std::uint32_t perCheckWord = wordsPerCheckWord(data, checkBits);
    SramGeometry chip = data;
    if (perCheckWord > 0) chip.arrays += (data.arrays + perCheckWord - 1) / perCheckWord;
    return chip;
}

CheckPlacement::CheckPlacement(const SramGeometry& chip, std::uint32_t checkBits)
    : chip_(chip),
      data_(chip),
      checkBits_(checkBits),
      perCheckWord_(wordsPerCheckWord(chip, checkBits)) {
    if (checkBits_ == 0) return;
    if (chip_.arrays == 1) {
        throw Error("check bits",
                    "live in arrays of their own; the chip has one array, expected at least two");
    }
    // The largest D with D + ceil(D/k) <= arrays: of every k + 1 arrays k hold data. An array that
    // is left over holds nothing.
    data_.arrays = chip_.arrays - (chip_.arrays + perCheckWord_) / (perCheckWord_ + 1);
    checkArrays_ = (data_.arrays + perCheckWord_ - 1) / perCheckWord_;
}

CheckPlacement::Place CheckPlacement::placeOf(std::uint64_t dataWord) const {
    const std::uint64_t array = dataWord / data_.wordsPerArray();
    const std::uint64_t checkArray = data_.arrays + array / perCheckWord_;
    return {checkArray * data_.wordsPerArray() + dataWord % data_.wordsPerArray(),
            static_cast<std::uint32_t>(array % perCheckWord_) * checkBits_};
}

std::optional<std::uint64_t> CheckPlacement::dataWordAt(std::uint64_t word,
                                                        std::uint32_t bit) const {
    const std::uint64_t array = word / data_.wordsPerArray();
    if (array < data_.arrays || array >= chip_.arrays || bit / checkBits_ >= perCheckWord_) {
        return std::nullopt;
    }
    const std::uint64_t dataArray = (array - data_.arrays) * perCheckWord_ + bit / checkBits_;
    if (dataArray >= data_.arrays) return std::nullopt;
    return dataArray * data_.wordsPerArray() + word % data_.wordsPerArray();
}

}  // namespace brownout
