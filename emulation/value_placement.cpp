#include "emulation/value_placement.h"

#include <algorithm>

#include "base/error.h"

namespace brownout {
namespace {

/// Words that hold a tensor, [first, end), until a node has read it.
struct Taken {
    std::uint64_t first = 0, end = 0;
    std::size_t lastRead = 0;
};

/// Returns the lowest words that are free together, or nothing. `taken` is by ascending word.
std::optional<std::uint64_t> lowestFree(const std::vector<Taken>& taken, std::uint64_t words,
                                        std::uint64_t size) {
    std::uint64_t first = 0;
    for (const Taken& other : taken) {
        if (other.first >= first + size) break;
        first = std::max(first, other.end);
    }
    if (first + size > words) return std::nullopt;
    return first;
}

/// Returns the place of codes whose first word isn't known yet. Throws Error if none fits a word.
ValuePlacement::Place placeOf(std::uint64_t codes, std::uint32_t bits, std::uint32_t wordBits) {
    if (bits > wordBits) {
        throw Error("memory", "is to hold codes of " + std::to_string(bits) +
                                  " bits; its words have " + std::to_string(wordBits));
    }
    ValuePlacement::Place place;
    place.bits = bits;
    place.perWord = wordBits / bits;
    place.codes = codes;
    place.words = (codes + place.perWord - 1) / place.perWord;
    return place;
}

}  // namespace

ValuePlacement::ValuePlacement(const StoredActivations& activations, std::uint64_t words,
                               std::uint32_t wordBits)
    : words_(words) {
    std::vector<Taken> taken;
    for (const StoredActivation& tensor : activations.tensors) {
        Place place = placeOf(tensor.elements, tensor.codes.bits, wordBits);
        place.zero = tensor.codes.encode(tensor.codes.stored(0));
        // A layer still reads its inputs while it writes.
        taken.erase(
            std::remove_if(taken.begin(), taken.end(),
                           [&](const Taken& other) { return other.lastRead < tensor.written; }),
            taken.end());
        if (const auto first = lowestFree(taken, words, place.words)) {
            place.first = *first;
            const Taken own{*first, *first + place.words, tensor.lastRead};
            const auto after = std::find_if(taken.begin(), taken.end(), [&](const Taken& other) {
                return other.first > own.first;
            });
            taken.insert(after, own);
        } else {
            place.streams = true;
        }
        places_.push_back(place);
    }
}

ValuePlacement::ValuePlacement(const StoredSums& sums, std::uint64_t words, std::uint32_t wordBits)
    : words_(words) {
    for (const StoredSum& product : sums.products) {
        for (std::uint64_t tile = 0; tile < product.tiles(); ++tile) {
            Place place =
                placeOf(product.positions * product.filtersOf(tile), product.bits, wordBits);
            place.streams = place.words > words;
            place.uses = product.folds();
            places_.push_back(place);
        }
    }
}

std::uint64_t ValuePlacement::wordsOfImage() const {
    std::uint64_t words = 0;
    for (const Place& place : places_) words += place.words * place.uses;
    return words;
}

std::size_t ValuePlacement::streaming() const {
    return static_cast<std::size_t>(std::count_if(
        places_.begin(), places_.end(), [](const Place& place) { return place.streams; }));
}

WordCodes ValuePlacement::codesOf(std::size_t tensor, std::uint64_t word) const {
    const Place& place = places_.at(tensor);
    WordCodes codes;
    codes.tensor = static_cast<std::uint32_t>(tensor);
    codes.bits = place.bits;
    codes.first = word * place.perWord;
    codes.count = static_cast<std::uint32_t>(
        std::min<std::uint64_t>(place.perWord, place.codes - codes.first));
    codes.stride = static_cast<std::int32_t>(place.bits);
    return codes;
}

}  // namespace brownout
