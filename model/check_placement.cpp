#include "model/check_placement.h"

#include <string>

#include "base/error.h"

namespace brownout {

std::uint32_t CheckPlacement::blocksPerCheckWord(const SramGeometry& geometry,
                                                 std::uint32_t checkBits,
                                                 std::uint32_t blockWords) {
    geometry.validate();
    if (geometry.wordsPerArray() % blockWords != 0) {
        throw Error("protection", "blocks of " + std::to_string(blockWords) +
                                      " words in arrays of " +
                                      std::to_string(geometry.wordsPerArray()) +
                                      " words; expected whole blocks in an array");
    }
    if (checkBits == 0) return 0;
    if (checkBits > 8 || checkBits > geometry.wordBits()) {
        throw Error("check bits", std::to_string(checkBits) + " for each word of " +
                                      std::to_string(geometry.wordBits()) +
                                      " bits; expected at most 8 and no more than the word has");
    }
    return geometry.wordBits() / checkBits;
}

SramGeometry CheckPlacement::chipFor(const SramGeometry& data, std::uint32_t checkBits,
                                     std::uint32_t blockWords) {
    const std::uint32_t served = blocksPerCheckWord(data, checkBits, blockWords) * blockWords;
    SramGeometry chip = data;
    if (served > 0) chip.arrays += (data.arrays + served - 1) / served;
    return chip;
}

CheckPlacement::CheckPlacement(const SramGeometry& chip, std::uint32_t checkBits,
                               std::uint32_t blockWords)
    : chip_(chip),
      data_(chip),
      checkBits_(checkBits),
      blockWords_(blockWords),
      perCheckWord_(blocksPerCheckWord(chip, checkBits, blockWords)) {
    if (checkBits_ == 0) return;
    if (chip_.arrays == 1) {
        throw Error("check bits",
                    "live in arrays of their own; the chip has one array, expected at least two");
    }
    // An array of check bits serves kW data arrays. The largest D with D + ceil(D / kW) <= arrays:
    // of every kW + 1 arrays kW hold data. An array that is left over holds nothing.
    const std::uint32_t served = perCheckWord_ * blockWords_;
    data_.arrays = chip_.arrays - (chip_.arrays + served) / (served + 1);
    checkArrays_ = (data_.arrays + served - 1) / served;
}

CheckPlacement::Place CheckPlacement::placeOf(std::uint64_t dataWord) const {
    const std::uint64_t perArray = data_.wordsPerArray();
    const std::uint64_t array = dataWord / perArray;
    const std::uint64_t block = dataWord % perArray / blockWords_;
    const std::uint64_t group = array / blockWords_;
    const std::uint64_t checkArray = data_.arrays + group / perCheckWord_;
    return {checkArray * perArray + array % blockWords_ * (perArray / blockWords_) + block,
            static_cast<std::uint32_t>(group % perCheckWord_) * checkBits_};
}

std::optional<std::uint64_t> CheckPlacement::dataWordAt(std::uint64_t word,
                                                        std::uint32_t bit) const {
    const std::uint64_t perArray = data_.wordsPerArray();
    const std::uint64_t array = word / perArray;
    if (array < data_.arrays || array >= chip_.arrays || bit / checkBits_ >= perCheckWord_) {
        return std::nullopt;
    }
    const std::uint64_t blocks = perArray / blockWords_;
    const std::uint64_t group = (array - data_.arrays) * perCheckWord_ + bit / checkBits_;
    const std::uint64_t dataArray = group * blockWords_ + word % perArray / blocks;
    if (dataArray >= data_.arrays) return std::nullopt;
    return dataArray * perArray + word % blocks * blockWords_;
}

}  // namespace brownout
