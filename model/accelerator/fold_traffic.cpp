#include "model/accelerator/fold_traffic.h"

#include <algorithm>
#include <set>

namespace brownout {
namespace {

enum Size : std::size_t { kM, kK, kN };

std::uint64_t ceilOf(std::uint64_t size, std::uint64_t most) { return (size + most - 1) / most; }

/// Returns `whole * part / of` without overflow in between; `part` <= `of`, `of` > 0.
std::uint64_t shareOf(std::uint64_t whole, std::uint64_t part, std::uint64_t of) {
    return static_cast<std::uint64_t>(static_cast<long double>(whole) * part / of);
}

/// The part of a footprint that stays: all of it where there is room; else what the window, through
/// which the rest streams, leaves.
std::uint64_t keptOf(std::uint64_t footprint, std::uint64_t room, std::uint64_t window) {
    if (footprint <= room) return footprint;
    return room > window ? room - window : 0;
}

/// One of the two sizes that lie over the array: folds of `extent`, the last one of the rest.
struct Folded {
    Size size = kM;
    std::uint64_t total = 1, extent = 1;

    std::uint64_t folds() const { return ceilOf(total, extent); }
    std::uint64_t widest() const { return std::min(total, extent); }

    /// Returns the sum of `of(width)` over the folds, taken `together` at a time.
    template <typename Of>
    std::uint64_t sum(std::uint64_t together, Of&& of) const {
        const std::uint64_t width = std::min(total, extent * together);
        const std::uint64_t full = total / width;
        return full * of(width) + (total % width == 0 ? 0 : of(total % width));
    }
};

/// The inputs of one group: how many there are, and how many a part of the product touches.
class Inputs {
 public:
    Inputs(const ProductShape& product, std::uint64_t batch)
        : product_(product),
          images_(product.images * batch),
          distinct_(touchedInputs(product, batch)) {
        read_ = images_ * product.channels;
        for (std::size_t axis = 0; axis < 3; ++axis) {
            std::uint64_t inside = 0;
            for (std::uint64_t o = 0; o < product.out[axis]; ++o) {
                for (std::uint64_t k = 0; k < product.kernel[axis]; ++k) {
                    const std::uint64_t at = o * product.stride[axis] + k * product.dilation[axis] -
                                             product.padding[axis];
                    if (at < product.in[axis]) ++inside;
                }
            }
            read_ *= inside;
        }
    }

    std::uint64_t distinct() const { return distinct_; }
    /// Returns the elements that all windows read together, without padding.
    std::uint64_t ofAllWindows() const { return read_; }

    /// Returns the channels that `depth` successive rows of the product touch at most: a channel is
    /// as many rows as its kernel has elements.
    std::uint64_t channels(std::uint64_t depth) const {
        const std::uint64_t kernel = product_.kernelSize();
        const std::uint64_t touched =
            depth % kernel == 0 ? depth / kernel : (depth - 2 + kernel) / kernel + 1;
        return std::min(product_.channels, touched);
    }

    /// Returns the elements of a channel that `positions` successive outputs touch: whole lines of
    /// the first axis that has several.
    std::uint64_t ofPositions(std::uint64_t positions) const {
        const std::uint64_t plane = product_.in[0] * product_.in[1] * product_.in[2];
        const std::uint64_t whole = positions / product_.outPlane();
        const std::uint64_t rest = positions % product_.outPlane();
        return std::min(images_ * plane, whole * plane + (rest > 0 ? lines(rest) : 0));
    }

    /// Returns the elements of a channel that the windows of one position need.
    std::uint64_t window() const { return lines(1); }

 private:
    std::uint64_t lines(std::uint64_t positions) const {
        std::size_t axis = 0;
        while (axis < 2 && product_.in[axis] == 1) ++axis;
        std::uint64_t inLine = 1, outLine = 1;
        for (std::size_t later = axis + 1; later < 3; ++later) {
            inLine *= product_.in[later];
            outLine *= product_.out[later];
        }
        // Positions begin anywhere in a line.
        const std::uint64_t outLines =
            std::min(product_.out[axis], (positions + outLine - 2) / outLine + 1);
        const std::uint64_t span = (product_.kernel[axis] - 1) * product_.dilation[axis] + 1;
        return inLine * std::min(product_.in[axis], (outLines - 1) * product_.stride[axis] + span);
    }

    const ProductShape& product_;
    std::uint64_t images_, distinct_, read_ = 0;
};

/// A product on an array, ready to be asked for many orders.
class Folds {
 public:
    Folds(const ComputeArray& array, const ProductShape& product, std::uint64_t batch,
          const Room& room)
        : inputs_(product, batch),
          room_(room),
          total_{product.positions() * batch, product.depth(), product.filters} {
        Size rows = kK, columns = kN;
        if (array.dataflow == Dataflow::kOutputStationary) rows = kM;
        if (array.dataflow == Dataflow::kInputStationary) columns = kM;
        rows_ = {rows, total_[rows], array.rows};
        columns_ = {columns, total_[columns], array.columns};
    }

    const Folded& outside(const FoldOrder& order) const {
        return order.columnsOutside ? columns_ : rows_;
    }

    DramUse traffic(const FoldOrder& order) const {
        const Folded& x = outside(order);
        const Folded& y = order.columnsOutside ? rows_ : columns_;
        DramUse use;
        use.inputs = inputTraffic(x, y, order.tileFolds);
        const std::uint64_t weights = total_[kK] * total_[kN];
        use.weights = weights + again(x, y, order.tileFolds, kK, kN, weights, room_.weights);
        const std::uint64_t sums = total_[kM] * total_[kN];
        use.sumReads = again(x, y, order.tileFolds, kM, kN, sums, room_.sums);
        use.sumWrites = use.sumReads;
        return use;
    }

 private:
    /// Returns what is fetched again of an operand with two sizes, of which it always moves whole
    /// products: footprints are rectangles.
    std::uint64_t again(const Folded& x, const Folded& y, std::uint64_t tile, Size first,
                        Size second, std::uint64_t total, std::uint64_t room) const {
        const bool ofX = x.size == first || x.size == second;
        const bool ofY = y.size == first || y.size == second;
        if (ofX && ofY) return 0;
        const Folded& one = ofX ? x : y;
        const std::uint64_t other = total / one.total;
        const auto beyond = [&](std::uint64_t width) {
            return width * other - keptOf(width * other, room, 0);
        };
        if (ofX) return x.sum(tile, beyond) * (y.folds() - 1);
        const std::uint64_t tiles = ceilOf(x.folds(), tile);
        // While a fold of y is used several times in a tile it takes room of what would stay.
        const std::uint64_t inUse = tile == 1 ? 0 : std::min(room, y.widest() * other);
        return (tiles - 1) * (total - keptOf(total, room, inUse)) +
               (x.folds() - tiles) * y.sum(1, beyond);
    }

    std::uint64_t inputTraffic(const Folded& x, const Folded& y, std::uint64_t tile) const {
        const std::uint64_t room = room_.inputs;
        const std::uint64_t distinct = inputs_.distinct();
        const bool ofX = x.size != kN, ofY = y.size != kN;
        const std::uint64_t window = windowOf(x, y);
        if (room < window) {
            // Some of what windows share is fetched once for each, whenever it is read.
            const std::uint64_t shared = inputs_.ofAllWindows() - distinct;
            const std::uint64_t streamed = distinct + shareOf(shared, window - room, window);
            return streamed * (ofX ? 1 : x.folds()) * (ofY ? 1 : y.folds());
        }
        if (ofX && ofY) return distinct;
        const auto beyond = [&](std::uint64_t width) {
            const std::uint64_t footprint = footprintOf(ofX ? x.size : y.size, width);
            return footprint - keptOf(footprint, room, std::min(window, footprint));
        };
        if (ofX) return distinct + x.sum(tile, beyond) * (y.folds() - 1);
        const std::uint64_t tiles = ceilOf(x.folds(), tile);
        const std::uint64_t inUse =
            tile == 1 ? window : std::min(room, footprintOf(y.size, y.widest()));
        return distinct +
               (tiles - 1) * (distinct - keptOf(distinct, room, std::min(distinct, inUse))) +
               (x.folds() - tiles) * y.sum(1, beyond);
    }

    /// Returns the inputs that have to be there at once so that none is fetched for each window.
    std::uint64_t windowOf(const Folded& x, const Folded& y) const {
        std::uint64_t positions = 1, depth = total_[kK];
        for (const Folded* fold : {&x, &y}) {
            if (fold->size == kM) positions = fold->widest();
            if (fold->size == kK) depth = fold->widest();
        }
        return std::min(inputs_.distinct(),
                        inputs_.channels(depth) * inputs_.ofPositions(positions));
    }

    std::uint64_t footprintOf(Size size, std::uint64_t width) const {
        const std::uint64_t footprint =
            size == kM ? inputs_.channels(total_[kK]) * inputs_.ofPositions(width)
                       : inputs_.channels(width) * inputs_.ofPositions(total_[kM]);
        return std::min(inputs_.distinct(), footprint);
    }

    Inputs inputs_;
    Room room_;
    std::array<std::uint64_t, 3> total_;
    Folded rows_, columns_;
};

std::string describe(const Folds& folds, const FoldOrder& order) {
    static const char* const kNames[] = {"positions", "depth", "filters"};
    const Folded& x = folds.outside(order);
    const std::uint64_t width = std::min(x.total, x.extent * order.tileFolds);
    return std::string(kNames[x.size]) +
           (width == x.total ? " in one tile" : " in tiles of " + std::to_string(width));
}

}  // namespace

FoldTraffic trafficOf(const ComputeArray& array, const ProductShape& product, std::uint64_t batch,
                      const Room& room, const FoldOrder& order) {
    const Folds folds(array, product, batch, room);
    return {folds.traffic(order), describe(folds, order), order};
}

FoldTraffic leastTraffic(const ComputeArray& array, const ProductShape& product,
                         std::uint64_t batch, const Room& room, const ElementBits& bits) {
    const Folds folds(array, product, batch, room);
    FoldOrder best;
    DramUse least;
    std::uint64_t leastBits = ~std::uint64_t{0};
    for (const bool columnsOutside : {true, false}) {
        const std::uint64_t count = folds.outside({columnsOutside, 1}).folds();
        // Tiles that differ: those of as many folds as make one tile, two tiles, and so on.
        std::set<std::uint64_t> tiles;
        for (std::uint64_t number = 1; number <= count;) {
            const std::uint64_t tile = ceilOf(count, number);
            tiles.insert(tile);
            // The next number of tiles whose tiles are smaller.
            number = tile == 1 ? count + 1 : ceilOf(count, tile - 1);
        }
        for (const std::uint64_t tile : tiles) {
            const FoldOrder order{columnsOutside, tile};
            const DramUse use = folds.traffic(order);
            const std::uint64_t moved = use.inputs * bits.inputs + use.weights * bits.weights +
                                        (use.sumReads + use.sumWrites) * bits.sums;
            if (moved < leastBits) {
                leastBits = moved;
                least = use;
                best = order;
            }
        }
    }
    return {least, describe(folds, best), best};
}

}  // namespace brownout
