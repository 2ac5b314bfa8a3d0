#pragma once

#include <memory>
#include <vector>

#include "model/check_placement.h"
#include "model/chip_socket.h"
#include "model/coded_overlay.h"
#include "model/drawn_chips.h"
#include "model/weight_memory.h"

namespace brownout {

/// The memory model without time, which all others are compared with: the data that were written,
/// and the faults of a chip over them. Words never written hold 0. What was written decodes to
/// itself where no cell fails, so reads copy, and encode and decode the faulty blocks only; under a
/// protection that alters data, for which that holds of prepared data alone, all blocks. Holds 8
/// bytes a word besides the faults.
class FunctionalMemory final : public WeightMemory, public ChipSocket {
 public:
    /// Makes a memory of the arrays of `chips`, of which the last hold the check bits
    /// (CheckPlacement); `domains` are its supply domains. Chip 0 is in the socket, and nothing
    /// fails until setSupply is called. Throws Error if `protection` isn't for words of these
    /// arrays, or they can't hold the check bits, or if the domains are not as faultsByDomain wants
    /// them.
    FunctionalMemory(std::shared_ptr<ChipSource> chips,
                     std::shared_ptr<const Protection> protection,
                     std::vector<ArrayDomain> domains = {});

    std::uint64_t words() const override { return data_.size(); }
    const Protection& protection() const override { return *protection_; }
    void setSupply(const OperatingPoint& at) override;
    void write(std::uint64_t first, Span<const Word> words) override;
    void read(std::uint64_t first, Span<Word> words, Span<WordStatus> statuses) override;
    using WeightMemory::read;
    using WeightMemory::setSupply;

    const SramGeometry& geometry() const override { return chips_.geometry(); }
    void insert(const LoadId& load) override { load_ = load; }
    std::shared_ptr<const FaultOverlay> faults() const override { return physical_; }

    const CheckPlacement& placement() const { return placement_; }

 private:
    /// Decodes the block from data word `at` on, and puts those of its words that lie among
    /// [first, first + words.size()) into `words`.
    void decodeBlock(std::uint64_t at, Span<const CodedFault> faults, std::uint64_t first,
                     Span<Word> words, Span<WordStatus> statuses);

    std::shared_ptr<const Protection> protection_;
    CheckPlacement placement_;
    DrawnChips chips_;
    LoadId load_;
    std::vector<Word> data_;   ///< data as written
    std::vector<Word> block_;  ///< scratch: the words of a block
    // The faults at the present supply, by physical word and by coded word.
    std::shared_ptr<const FaultOverlay> physical_ = std::make_shared<const FaultOverlay>();
    CodedOverlay faults_;
};

}  // namespace brownout
