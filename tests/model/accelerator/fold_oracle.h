#pragma once

#include <algorithm>
#include <set>

#include "model/accelerator/fold_traffic.h"

namespace brownout::test {

/// One operand of a matrix product, walked element by element through the order of the folds: an
/// oracle for fold_traffic.h. What stays where there isn't room for all: the first elements.
class WalkedOperand {
 public:
    /// `rows` and `columns` are the folded or streamed sizes of the operand; `extent` the width of
    /// their folds, 0 for a size that streams.
    struct Side {
        char size;
        std::uint64_t total, extent;
    };

    WalkedOperand(Side a, Side b, std::uint64_t room, std::uint64_t window)
        : a_(a), b_(b), room_(room), window_(window) {}

    /// Returns how many elements are fetched where folds of `x` are taken `tile` at a time.
    std::uint64_t fetches(const Side& x, const Side& y, std::uint64_t tile) const {
        const bool ofX = has(x), ofY = has(y);
        const std::uint64_t xFolds = folds(x), yFolds = folds(y);
        const std::uint64_t all = a_.total * b_.total;
        std::uint64_t inUse = window_;
        if (tile > 1 && ofY && !ofX) {
            inUse = std::min(room_, std::min(y.total, y.extent) * (all / y.total));
        }
        const std::uint64_t pinned = ofX || !ofY ? 0 : kept(all, inUse);
        std::set<std::uint64_t> pinnedHere;
        std::uint64_t count = 0;
        for (std::uint64_t first = 0; first < xFolds; first += tile) {
            const std::uint64_t last = std::min(first + tile, xFolds);
            for (std::uint64_t fy = 0; fy < yFolds; ++fy) {
                std::uint64_t position = 0, footprint = 0;
                for (std::uint64_t fx = first; fx < last; ++fx) footprint += sizeOf(x, fx, y, fy);
                for (std::uint64_t fx = first; fx < last; ++fx) {
                    const std::uint64_t size = sizeOf(x, fx, y, fy);
                    for (std::uint64_t i = 0; i < size; ++i, ++position) {
                        if (room_ < window_) {
                            ++count;
                        } else if (ofX && ofY) {
                            ++count;
                        } else if (ofX) {
                            if (fy == 0 || position >= kept(footprint, window_)) ++count;
                        } else {
                            const std::uint64_t name = fy * y.extent * (all / y.total) + i;
                            const bool stays = name < pinned;
                            if (stays && !pinnedHere.insert(name).second) continue;
                            if (stays || fx == first || i >= kept(size, window_)) ++count;
                        }
                    }
                }
            }
        }
        return count;
    }

 private:
    bool has(const Side& side) const { return side.size == a_.size || side.size == b_.size; }
    static std::uint64_t folds(const Side& side) {
        return (side.total + side.extent - 1) / side.extent;
    }
    static std::uint64_t width(const Side& side, std::uint64_t fold) {
        return std::min(side.extent, side.total - fold * side.extent);
    }
    std::uint64_t kept(std::uint64_t footprint, std::uint64_t window) const {
        if (footprint <= room_) return footprint;
        return room_ > window ? room_ - window : 0;
    }
    std::uint64_t sizeOf(const Side& x, std::uint64_t fx, const Side& y, std::uint64_t fy) const {
        std::uint64_t size = 1;
        for (const Side& side : {a_, b_}) {
            size *= side.size == x.size   ? width(x, fx)
                    : side.size == y.size ? width(y, fy)
                                          : side.total;
        }
        return size;
    }

    Side a_, b_;
    std::uint64_t room_, window_;
};

/// Returns the DRAM traffic of a matrix product, element by element.
inline DramUse walkedTraffic(const ComputeArray& array, std::uint64_t m, std::uint64_t k,
                             std::uint64_t n, const Room& room, const FoldOrder& order) {
    using Side = WalkedOperand::Side;
    const bool os = array.dataflow == Dataflow::kOutputStationary;
    const bool is = array.dataflow == Dataflow::kInputStationary;
    const Side rows{os ? 'm' : 'k', os ? m : k, array.rows};
    const Side columns{is ? 'm' : 'n', is ? m : n, array.columns};
    const Side x = order.columnsOutside ? columns : rows;
    const Side y = order.columnsOutside ? rows : columns;
    const Side ofM{'m', m, 0}, ofK{'k', k, 0}, ofN{'n', n, 0};
    // A position streams through with the depth of a fold, or the positions of a fold with all of
    // it.
    const std::uint64_t positions = os   ? std::min<std::uint64_t>(m, array.rows)
                                    : is ? std::min<std::uint64_t>(m, array.columns)
                                         : 1;
    const std::uint64_t depth = os ? k : std::min<std::uint64_t>(k, array.rows);
    DramUse use;
    use.inputs =
        WalkedOperand(ofM, ofK, room.inputs, positions * depth).fetches(x, y, order.tileFolds);
    use.weights = WalkedOperand(ofK, ofN, room.weights, 0).fetches(x, y, order.tileFolds);
    use.sumReads = WalkedOperand(ofM, ofN, room.sums, 0).fetches(x, y, order.tileFolds) - m * n;
    use.sumWrites = use.sumReads;
    return use;
}

}  // namespace brownout::test
