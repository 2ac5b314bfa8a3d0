#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "inference/activations/stored_activations.h"
#include "inference/activations/stored_sums.h"
#include "model/word_codes.h"

namespace brownout {

/// The places of the activations or partial sums of a network in a memory: a fixed plan, the same
/// for every image.
///
/// Codes are packed into words as weights are (MemoryMap), as many whole ones a word as fit, from
/// the lowest bit up; every tensor starts a word of its own. One for which there is no room comes
/// from the DRAM and goes there in pieces: it runs through the memory from word 0 on, again and
/// again, so that a cell holds several of its words one after the other.
class ValuePlacement {
 public:
    /// Places activations, all of which have codes, in a memory of `words` words. A tensor has its
    /// words from the layer that writes it to the last one that reads it, the lowest free ones that
    /// are together.
    ValuePlacement(const StoredActivations& activations, std::uint64_t words,
                   std::uint32_t wordBits);
    /// Places partial sums. Tiles are there one after the other: each begins at word 0.
    ValuePlacement(const StoredSums& sums, std::uint64_t words, std::uint32_t wordBits);

    /// The words of a tensor.
    struct Place {
        std::uint64_t first = 0;    ///< word of the memory that holds its first word
        std::uint64_t words = 0;    ///< words that it has
        std::uint64_t codes = 0;    ///< codes that it has
        std::uint32_t perWord = 0;  ///< codes of a word
        std::uint32_t bits = 0;     ///< bits of a code
        bool streams = false;       ///< runs through all of the memory
        std::uint64_t uses = 1;     ///< times that an image writes and reads each word
        Code zero = 0;              ///< code of the value nearest to 0
    };
    const std::vector<Place>& places() const { return places_; }
    /// Returns the words of the memory.
    std::uint64_t words() const { return words_; }
    /// Returns the words that an image writes and reads back, as often as it does.
    std::uint64_t wordsOfImage() const;
    /// Returns how many tensors run through the memory for want of room.
    std::size_t streaming() const;

    /// Returns the codes of word `word` of a tensor.
    WordCodes codesOf(std::size_t tensor, std::uint64_t word) const;

    /// Calls `visit(tensor, word)` for every word of a tensor that word `at` of the memory holds at
    /// some time.
    template <typename Visitor>
    void forEachWordAt(std::uint64_t at, Visitor&& visit) const {
        for (std::size_t tensor = 0; tensor < places_.size(); ++tensor) {
            const Place& place = places_[tensor];
            if (at < place.first) continue;
            const std::uint64_t step = place.streams ? words_ : place.words;
            for (std::uint64_t word = at - place.first; word < place.words; word += step) {
                visit(tensor, word);
            }
        }
    }

 private:
    std::uint64_t words_;
    std::vector<Place> places_;
};

}  // namespace brownout
