#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/span.h"
#include "model/check_placement.h"
#include "model/drawn_chips.h"
#include "model/protection/protection.h"

namespace brownout {

/// The inside of the SystemC memory: the cells of all arrays as physical words, check bits packed
/// into the words of the check arrays as the placement says, each physical word with the masks of
/// its own faults. Every read goes the way of the hardware: raw data word, raw check word, decoder.
/// Deliberately another way than that of FunctionalMemory, which it must agree with.
class MemoryCore {
 public:
    /// Makes a memory of the arrays of `chips`. Chip 0 is inserted, and nothing fails until
    /// setSupply is called. Throws Error if the protection doesn't fit the chips, or protects
    /// several words at a time.
    MemoryCore(std::shared_ptr<ChipSource> chips, std::shared_ptr<const Protection> protection);

    std::uint64_t words() const { return words_; }
    const Protection& protection() const { return *protection_; }
    const SramGeometry& geometry() const { return chips_.geometry(); }

    /// Takes another chip or load; the old one acts until setSupply is called.
    void insert(const LoadId& load) { load_ = load; }
    /// Sets the temperature, in degrees Celsius, from the next setSupply on.
    void setTemperature(std::optional<double> temperatureC) { temperatureC_ = temperatureC; }
    /// Lets those cells fail that fail at `supply`. Throws what the chips throw.
    void setSupply(double supply);
    /// Returns the faults that act now.
    std::shared_ptr<const FaultOverlay> faults() const { return overlay_; }

    /// Encodes and stores consecutive words, which must lie inside, from data word `first` on.
    void write(std::uint64_t first, Span<const Word> words);
    /// Reads and decodes consecutive words, which must lie inside; `statuses` takes one a word, or
    /// is empty.
    void read(std::uint64_t first, Span<Word> words, Span<WordStatus> statuses) const;
    /// Reads and decodes the words as they are stored, as if no cell failed.
    void stored(std::uint64_t first, Span<Word> words) const;

 private:
    /// A physical word: what is stored, and the masks of its cells that fail, in half a cache line.
    struct alignas(32) Cells {
        Word stored = 0;
        Word andMask = ~Word{0};
        Word orMask = 0;
        Word xorMask = 0;

        Word read() const { return ((stored & andMask) | orMask) ^ xorMask; }
    };
    /// The place of the check bits of a data array's words: this many words behind each, from a bit
    /// on. See CheckPlacement.
    struct CheckPlace {
        std::uint32_t distance;
        std::uint32_t shift;
    };
    const CheckPlace& checkPlaceOf(std::uint64_t word) const {
        return checkPlace_[static_cast<std::uint32_t>(word) / wordsPerArray_];
    }
    /// Returns a word and its check bits, given what `content` returns for their cells.
    template <typename Content>
    CodedWord codedOf(std::uint64_t word, const Content& content) const;

    std::shared_ptr<const Protection> protection_;
    CheckPlacement placement_;
    std::uint64_t words_;
    std::uint32_t wordsPerArray_;
    DrawnChips chips_;
    LoadId load_;
    std::optional<double> temperatureC_;
    std::shared_ptr<const FaultOverlay> overlay_ = std::make_shared<const FaultOverlay>();
    std::vector<Cells> cells_;            ///< by physical word
    std::vector<CheckPlace> checkPlace_;  ///< by data array; empty without check bits
};

}  // namespace brownout
