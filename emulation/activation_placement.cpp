#include "emulation/activation_placement.h"

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

}  // namespace

ActivationPlacement::ActivationPlacement(const StoredActivations& activations, std::uint64_t words,
                                         std::uint32_t wordBits)
    : words_(words) {
    std::vector<Taken> taken;
    for (const StoredActivation& tensor : activations.tensors) {
        if (tensor.codes.bits > wordBits) {
            throw Error("activations", "have codes of " + std::to_string(tensor.codes.bits) +
                                           " bits; words have " + std::to_string(wordBits));
        }
        Place place;
        place.bits = tensor.codes.bits;
        place.perWord = wordBits / place.bits;
        place.codes = tensor.elements;
        place.words = (place.codes + place.perWord - 1) / place.perWord;
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

std::uint64_t ActivationPlacement::wordsOfImage() const {
    std::uint64_t words = 0;
    for (const Place& place : places_) words += place.words;
    return words;
}

std::size_t ActivationPlacement::streaming() const {
    return static_cast<std::size_t>(std::count_if(
        places_.begin(), places_.end(), [](const Place& place) { return place.streams; }));
}

WordCodes ActivationPlacement::codesOf(std::size_t tensor, std::uint64_t word) const {
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
