#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

#include "model/check_placement.h"
#include "model/fault_overlay.h"

namespace brownout {

/// The effect of the cells of one coded word on what is stored in it, data and check bits alike:
/// ((stored & and) | or) ^ xor, as in WordFault. Check bits count from 0 whatever their place;
/// those of a block of several words belong to its first word.
struct CodedFault {
    std::uint32_t word = 0;  ///< data word
    std::uint8_t checkAnd = 0xFF;
    std::uint8_t checkOr = 0;
    std::uint8_t checkXor = 0;
    Word andMask = ~Word{0};
    Word orMask = 0;
    Word xorMask = 0;

    /// Returns what a read of `stored` gives.
    CodedWord read(CodedWord stored) const {
        return {((stored.data & andMask) | orMask) ^ xorMask,
                static_cast<std::uint8_t>(((stored.check & checkAnd) | checkOr) ^ checkXor)};
    }
    /// Returns a mask of the cells that fail.
    CodedWord faulty() const {
        return {~andMask | orMask | xorMask,
                static_cast<std::uint8_t>((~checkAnd & 0xFF) | checkOr | checkXor)};
    }
};

/// Turns the content of the cells of a block into what is read of them: `faults` as
/// CodedOverlay::forEachBlock gives them, `cells` the words of the block. Returns the check bits as
/// they are read.
inline std::uint8_t readBlock(Span<const CodedFault> faults, Span<Word> cells, std::uint8_t check) {
    const std::uint64_t first = faults.front().word / cells.size() * cells.size();
    for (const CodedFault& fault : faults) {
        const CodedWord read = fault.read({cells[fault.word - first], check});
        cells[fault.word - first] = read.data;
        check = read.check;
    }
    return check;
}

/// The faulty coded words of a chip at one supply: the faults of an overlay over the physical words
/// of the chip, sorted by the data word that they harm. Faults of spare cells of the check arrays
/// harm none. Making one costs in proportion to the faults of the check arrays.
class CodedOverlay {
 public:
    /// Makes an overlay without faults.
    CodedOverlay() : CodedOverlay(std::make_shared<const FaultOverlay>()) {}
    /// Makes an overlay of words without check bits: the coded words are the words.
    explicit CodedOverlay(std::shared_ptr<const FaultOverlay> faults);
    /// Makes an overlay of words whose check bits lie as `placement` says. `faults` must have its
    /// probabilistic cells drawn (`resolved`); those not drawn don't fail.
    CodedOverlay(std::shared_ptr<const FaultOverlay> faults, const CheckPlacement& placement);
    CodedOverlay(FaultOverlay faults, const CheckPlacement& placement)
        : CodedOverlay(std::make_shared<const FaultOverlay>(std::move(faults)), placement) {}

    /// Returns the number of words of a block.
    std::uint32_t blockWords() const { return blockWords_; }

    /// Calls `visit(fault)` with the CodedFault of every faulty coded word, ascending.
    template <typename Visitor>
    void forEachWord(Visitor&& visit) const {
        forEachWord(0, dataWords_, visit);
    }

    /// Calls `visit(fault)` for the faulty coded words among the data words [first, end),
    /// ascending. O(log n) besides the visits.
    template <typename Visitor>
    void forEachWord(std::uint64_t first, std::uint64_t end, Visitor&& visit) const {
        const auto before = [](const CheckFault& fault, std::uint64_t word) {
            return fault.word < word;
        };
        auto check = std::lower_bound(check_.begin(), check_.end(), first, before);
        faults_->forEachWord(first, std::min(end, dataWords_), [&](const WordFault& data) {
            for (; check != check_.end() && check->word < data.word; ++check) visit(*check);
            CodedFault fault;
            if (check != check_.end() && check->word == data.word) fault = *check++;
            fault.word = data.word;
            fault.andMask = data.andMask;
            fault.orMask = data.orMask;
            fault.xorMask = data.xorMask;
            visit(static_cast<const CodedFault&>(fault));
        });
        for (; check != check_.end() && check->word < end; ++check) visit(*check);
    }

    /// Calls `visit(faults)` with the faulty words of every faulty block, ascending: a
    /// Span<const CodedFault> that holds during the call.
    template <typename Visitor>
    void forEachBlock(Visitor&& visit) const {
        forEachBlock(0, dataWords_, visit);
    }

    /// Calls `visit(faults)` for the faulty blocks among those that hold data words [first, end),
    /// ascending.
    template <typename Visitor>
    void forEachBlock(std::uint64_t first, std::uint64_t end, Visitor&& visit) const {
        if (blockWords_ == 1) {
            forEachWord(first, end,
                        [&](const CodedFault& fault) { visit(Span<const CodedFault>(&fault, 1)); });
            return;
        }
        first = first / blockWords_ * blockWords_;
        end = std::min(end, dataWords_);
        end = (end + blockWords_ - 1) / blockWords_ * blockWords_;
        std::vector<CodedFault> block;
        forEachWord(first, end, [&](const CodedFault& fault) {
            if (!block.empty() && block.front().word / blockWords_ != fault.word / blockWords_) {
                visit(Span<const CodedFault>(block));
                block.clear();
            }
            block.push_back(fault);
        });
        if (!block.empty()) visit(Span<const CodedFault>(block));
    }

 private:
    /// The part of a CodedFault that is about check bits, in a quarter of its size.
    struct CheckFault {
        std::uint32_t word;
        std::uint8_t checkAnd, checkOr, checkXor;

        operator CodedFault() const {  // NOLINT(google-explicit-constructor)
            return {word, checkAnd, checkOr, checkXor, ~Word{0}, 0, 0};
        }
    };

    std::shared_ptr<const FaultOverlay> faults_;
    std::vector<CheckFault> check_;  ///< ascending by data word
    std::uint64_t dataWords_;
    std::uint32_t blockWords_ = 1;
};

}  // namespace brownout
