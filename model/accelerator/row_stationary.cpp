#include "model/accelerator/row_stationary.h"

#include <algorithm>

#include "base/error.h"

namespace brownout {
namespace {

std::uint64_t ceilOf(std::uint64_t size, std::uint64_t most) { return (size + most - 1) / most; }

/// The sizes of one group, in the paper's letters.
struct Sizes {
    std::uint64_t images, channels, filters, kernelRows, kernelColumns, outRows, outColumns;

    Sizes(const ProductShape& product, std::uint64_t batch)
        : images(product.images * batch * product.out[0]),
          channels(product.channels * product.kernel[0]),
          filters(product.filters),
          kernelRows(product.kernel[1]),
          kernelColumns(product.kernel[2]),
          outRows(product.out[1]),
          outColumns(product.out[2]) {}
};

/// Returns the mapping of the first rule that fits a product, without parameters if none does.
const RowStationaryMapping& givenFor(const ComputeArray& array, const ProductShape& product) {
    const auto fits = [](const std::optional<std::uint64_t>& wanted, std::uint64_t is) {
        return !wanted || *wanted == is;
    };
    for (const MappingRule& rule : array.mappings) {
        if (fits(rule.kernel, product.kernel[1]) && fits(rule.stride, product.stride[1]) &&
            fits(rule.channels, product.channels) &&
            fits(rule.filters, product.filters * product.groups)) {
            return rule.mapping;
        }
    }
    static const RowStationaryMapping kNone;
    return kNone;
}

/// Returns the input rows that `count` output rows from `first` on read, without padding.
std::uint64_t inputRows(const ProductShape& product, std::uint64_t first, std::uint64_t count) {
    const auto begin = static_cast<std::int64_t>(first * product.stride[1]) -
                       static_cast<std::int64_t>(product.padding[1]);
    const auto end = static_cast<std::int64_t>((first + count - 1) * product.stride[1] +
                                               (product.kernel[1] - 1) * product.dilation[1] + 1) -
                     static_cast<std::int64_t>(product.padding[1]);
    const auto in = static_cast<std::int64_t>(product.in[1]);
    const std::int64_t rows = std::min(end, in) - std::max<std::int64_t>(begin, 0);
    return static_cast<std::uint64_t>(std::max<std::int64_t>(rows, 0));
}

/// Returns the largest value from 1 to `most` that fits; `fits` holds up to a value and not beyond.
template <typename Fits>
std::uint64_t largest(std::uint64_t most, Fits&& fits) {
    std::uint64_t low = 1, high = std::max<std::uint64_t>(most, 1);
    while (low < high) {
        const std::uint64_t middle = low + (high - low + 1) / 2;
        if (fits(middle)) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    return low;
}

/// Returns how many sets of `rows` x `e` elements lie on the array. Wider sets are cut into pieces
/// of at most the array's columns, which lie below each other.
std::uint64_t setsOn(const ComputeArray& array, std::uint64_t rows, std::uint64_t e) {
    const std::uint64_t bands = array.rows / rows;
    if (e <= array.columns) return bands * (array.columns / e);
    return bands / ceilOf(e, array.columns);
}

void require(bool fits, const char* parameter, std::uint64_t value, const std::string& problem) {
    if (fits) return;
    throw Error("array.mapping",
                std::string(parameter) + " = " + std::to_string(value) + " " + problem);
}

}  // namespace

ChosenMapping mappingOf(const ComputeArray& array, const ProductShape& product, std::uint64_t batch,
                        const Room& room, bool sharedRoom) {
    const Sizes s(product, batch);
    const RowStationaryMapping& given = givenFor(array, product);
    const ElementRegisters& registers = array.elementRegisters;
    ChosenMapping map;
    map.kernelParts = ceilOf(s.kernelRows, array.rows);
    map.setRows = ceilOf(s.kernelRows, map.kernelParts);
    const std::uint64_t width = s.kernelColumns;
    map.q = given.q.value_or(largest(s.channels, [&](std::uint64_t q) {
        return q * width <= registers.inputs && q * width <= registers.weights;
    }));
    map.p = given.p.value_or(largest(s.filters, [&](std::uint64_t p) {
        return p <= registers.sums && p * map.q * width <= registers.weights;
    }));
    map.q = std::min(map.q, s.channels);
    map.p = std::min(map.p, s.filters);
    require(map.q * width <= registers.inputs || map.q == 1, "q", map.q,
            "channels: more than an element has registers for inputs of");
    require(map.p <= registers.sums, "p", map.p, "filters: more than an element has registers for");
    require(map.p * map.q * width <= registers.weights || map.p * map.q == 1, "p q", map.p * map.q,
            "kernel rows: more than an element has registers for weights of");
    map.e = std::min(s.outRows, given.e.value_or(largest(s.outRows, [&](std::uint64_t e) {
        return setsOn(array, map.setRows, e) >= 1;
    })));
    const std::uint64_t sets = setsOn(array, map.setRows, map.e);
    require(sets >= 1, "e", map.e, "output rows: a set is larger than the array");
    map.t = given.t.value_or(std::min(sets / given.r.value_or(1), ceilOf(s.filters, map.p)));
    map.t = std::max<std::uint64_t>(map.t, 1);
    map.r = given.r.value_or(std::min(sets / map.t, ceilOf(s.channels, map.q)));
    map.r = std::max<std::uint64_t>(map.r, 1);
    require(map.r * map.t <= sets, "r t", map.r * map.t,
            "sets: the array has room for " + std::to_string(sets));
    const std::uint64_t passFilters = std::min(map.p * map.t, s.filters);
    const auto fits = [&](std::uint64_t n, std::uint64_t m) {
        const std::uint64_t inputs =
            n * map.q * map.r * inputRows(product, 0, map.e) * product.in[2];
        return n * m * map.e * s.outColumns + (sharedRoom ? inputs : 0) <= room.sums;
    };
    map.n = given.n.value_or(largest(s.images, [&](std::uint64_t n) {
        return fits(n, std::min(s.filters, given.m.value_or(passFilters)));
    }));
    map.n = std::min(map.n, s.images);
    map.m = given.m.value_or(
        std::max(passFilters, largest(s.filters, [&](std::uint64_t m) { return fits(map.n, m); })));
    map.m = std::min(map.m, s.filters);
    return map;
}

ProductUse rowStationaryUse(const ChosenMapping& map, const ProductShape& product,
                            std::uint64_t batch, const Room& room, const ElementBits& bits) {
    const Sizes s(product, batch);
    const std::uint64_t strips = ceilOf(s.outRows, map.e);
    const std::uint64_t imageGroups = ceilOf(s.images, map.n);
    const std::uint64_t filterPasses = ceilOf(s.filters, map.p * map.t);
    const std::uint64_t channelPasses = ceilOf(s.channels, map.q * map.r) * map.kernelParts;
    const std::uint64_t filterTiles = ceilOf(s.filters, map.m);
    std::uint64_t rows = 0, mostRows = 0;  // of the input, all strips together, and the largest
    for (std::uint64_t strip = 0; strip < strips; ++strip) {
        const std::uint64_t first = strip * map.e;
        const std::uint64_t count = inputRows(product, first, std::min(map.e, s.outRows - first));
        rows += count;
        mostRows = std::max(mostRows, count);
    }
    const std::uint64_t outputs = s.images * s.filters * s.outRows * s.outColumns;
    const std::uint64_t weights = s.filters * s.channels * s.kernelRows * s.kernelColumns;
    const std::uint64_t inputs = s.images * s.channels * rows * product.in[2];

    ProductUse use;
    use.array.inputReads = inputs * filterPasses;
    use.array.weightReads = weights * imageGroups * strips;
    use.array.sumWrites = outputs * channelPasses;
    use.array.sumReads = outputs * (channelPasses - 1);
    // In a pass an element works on n images, its p filters and q channels, a row of outputs.
    const auto share = [](std::uint64_t total, std::uint64_t inPass, std::uint64_t sets) {
        const std::uint64_t rest = total % (inPass * sets);
        return total / (inPass * sets) * inPass + ceilOf(rest, sets);
    };
    use.array.cycles = s.images * strips * share(s.filters, map.p, map.t) *
                       share(s.channels, map.q, map.r) * map.kernelParts * s.outColumns *
                       s.kernelColumns;
    // Four register accesses a multiply-accumulate: weight, input, sum read, sum written.
    use.array.registerAccesses = 4 * s.images * s.filters * s.outRows * s.outColumns * s.channels *
                                 s.kernelRows * s.kernelColumns;
    // Words that enter the elements: each input row into the elements of a diagonal, each weight
    // row into the e elements of its row, each sum through the elements that add to it.
    const std::uint64_t inputWords =
        s.images * s.channels * product.in[2] * s.kernelRows * s.outRows * ceilOf(s.filters, map.p);
    const std::uint64_t weightWords = weights * imageGroups * s.outRows;
    const std::uint64_t sumWords = outputs * ceilOf(s.channels, map.q) * s.kernelRows;
    use.array.transfers = inputWords + weightWords + sumWords;
    use.array.registerAccesses += inputWords + weightWords;

    // Strips outside, filters within: inputs of a strip come again for every m filters, all weights
    // for every strip. Filters outside: the other way round.
    const std::uint64_t stripInputs = map.n * s.channels * mostRows * product.in[2];
    const std::uint64_t tileWeights = map.m * s.channels * s.kernelRows * s.kernelColumns;
    const auto again = [](std::uint64_t total, std::uint64_t inUse, std::uint64_t space,
                          std::uint64_t times) { return inUse <= space ? total : total * times; };
    DramUse stripsOutside;
    stripsOutside.inputs = again(inputs, stripInputs, room.inputs, filterTiles);
    stripsOutside.weights = again(weights, weights, room.weights, imageGroups * strips);
    DramUse filtersOutside;
    filtersOutside.inputs = again(inputs, s.images * s.channels * product.in[1] * product.in[2],
                                  room.inputs, filterTiles);
    filtersOutside.weights = again(weights, tileWeights, room.weights, imageGroups * strips);
    const auto moved = [&](const DramUse& dram) {
        return dram.inputs * bits.inputs + dram.weights * bits.weights;
    };
    use.dram = moved(filtersOutside) < moved(stripsOutside) ? filtersOutside : stripsOutside;
    // Sums beyond the room leave between passes.
    const std::uint64_t tileSums = map.n * map.m * map.e * s.outColumns;
    if (tileSums > room.sums) {
        use.dram.sumReads = use.dram.sumWrites = static_cast<std::uint64_t>(
            static_cast<long double>(use.array.sumReads) * (tileSums - room.sums) / tileSums);
    }
    use.array *= product.groups;
    use.dram *= product.groups;
    const auto text = [](std::uint64_t value) { return std::to_string(value); };
    use.blocks = {map.q * map.r * s.kernelRows * s.kernelColumns, map.p * map.t, true,
                  ceilOf(map.m, map.p * map.t)};
    use.order = "m " + text(map.m) + ", n " + text(map.n) + ", e " + text(map.e) + ", p " +
                text(map.p) + ", q " + text(map.q) + ", r " + text(map.r) + ", t " + text(map.t);
    return use;
}

}  // namespace brownout
