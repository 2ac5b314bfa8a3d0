#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/span.h"
#include "model/chip.h"
#include "model/flipped_words.h"
#include "model/geometry.h"
#include "model/uniform_field.h"

namespace brownout {

/// The effect of one word on the data stored in it: its reader gets ((stored & andMask) | orMask) ^
/// xorMask. The three masks name different bits: stuck-at-0 cells are 0 in andMask, stuck-at-1
/// cells 1 in orMask, flipping cells 1 in xorMask. The same masks drive the RTL's fault overlay.
struct WordFault {
    std::uint32_t word = 0;  ///< physical word, see SramGeometry
    Word andMask = ~Word{0};
    Word orMask = 0;
    Word xorMask = 0;

    Word read(Word stored) const { return ((stored & andMask) | orMask) ^ xorMask; }
};

/// A cell that fails only in some reads.
struct ProbabilisticCell {
    std::uint32_t cell = 0;
    float p01 = 0.F;
    float p10 = 0.F;
};

/// The key of one load of a memory, so that the outcome of its probabilistic cells can be drawn
/// again: a pure function of these three and the cell.
struct LoadId {
    std::uint64_t seed = 0;
    std::uint32_t chip = 0;
    std::uint32_t load = 0;
};

/// The faults of a chip at one supply, by word: as many entries as there are faulty words.
class FaultOverlay {
 public:
    /// Makes an overlay without faults.
    FaultOverlay() = default;

    /// Takes failing cells in any order, none twice.
    FaultOverlay(const SramGeometry& geometry, Span<const FaultyCell> failing);

    /// Takes failing cells in any order, none twice, of which only `count` count as failing: the
    /// others are those that read noise reaches.
    FaultOverlay(const SramGeometry& geometry, Span<const FaultyCell> failing, std::uint64_t count);

    /// Draws the cells of a uniform field at a rate, which flip. Throws Error if the rate is
    /// outside [0, 1].
    static FaultOverlay uniform(const SramGeometry& geometry, const UniformField& field,
                                double rate);
    /// Draws the cells of a uniform field at a rate into this overlay, as `uniform` does, and uses
    /// its memory again.
    void assignUniform(const SramGeometry& geometry, const UniformField& field, double rate);

    /// Calls `visit(fault)` with the WordFault of every faulty word, ascending. An overlay that
    /// isn't `resolved` gives the faults of the deterministic cells only.
    template <typename Visitor>
    void forEachWord(Visitor&& visit) const {
        for (const WordFault& fault : words_) visit(fault);
        for (const FlippedWord& word : flippedWords_) visit(faultOf(word));
    }
    /// Calls `visit(fault)` for the faulty words among the physical words [first, end), ascending.
    /// O(log n) besides the visits.
    template <typename Visitor>
    void forEachWord(std::uint64_t first, std::uint64_t end, Visitor&& visit) const {
        for (auto at = firstFrom(words_, first); at != words_.end() && at->word < end; ++at) {
            visit(*at);
        }
        for (auto at = firstFrom(flippedWords_, first); at != flippedWords_.end() && at->word < end;
             ++at) {
            visit(faultOf(*at));
        }
    }
    /// Returns the cells whose outcome is drawn for each load, by ascending cell.
    Span<const ProbabilisticCell> probabilistic() const { return probabilistic_; }
    /// Returns how many cells fail at this supply, of either kind; in a chip with read noise, how
    /// many have a critical voltage above it.
    std::uint64_t failingCells() const;

    /// Returns the cells that are not always read right, ascending, with the chances of a wrong
    /// read; an overlay doesn't know their critical voltages, which are 0. For pictures and
    /// statistics: a memory needs words only.
    std::vector<FaultyCell> cells() const;

    /// Returns this overlay with the outcome of every probabilistic cell drawn for one load: one
    /// uniform number u a cell, which turns a 0 if u < p01 and a 1 if u < p10.
    FaultOverlay resolved(const LoadId& load) const;

    /// Returns the word that a reader of physical word `word` gets. O(log n).
    Word read(std::uint64_t word, Word stored) const;

    /// Applies the overlay to the consecutive words that start at physical word `first`.
    void apply(std::uint64_t first, Span<Word> words) const;

 private:
    static WordFault faultOf(const FlippedWord& word) {
        return {word.word, ~Word{0}, 0, word.flips()};
    }

    template <typename Faults>
    static typename Faults::const_iterator firstFrom(const Faults& faults, std::uint64_t word) {
        return std::lower_bound(
            faults.begin(), faults.end(), word,
            [](const auto& fault, std::uint64_t number) { return fault.word < number; });
    }

    SramGeometry geometry_;
    // Only one of the two has content.
    std::vector<WordFault> words_;
    std::vector<FlippedWord> flippedWords_;
    std::vector<ProbabilisticCell> probabilistic_;
    std::uint64_t failingCells_ = 0;
};

}  // namespace brownout
