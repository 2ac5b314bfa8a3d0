#include "model/accelerator/systolic.h"

#include <algorithm>
#include <set>
#include <vector>

#include "model/accelerator/fold_traffic.h"

namespace brownout {
namespace {

std::uint64_t foldsOf(std::uint64_t size, std::uint64_t most) { return (size + most - 1) / most; }

/// Returns cycles and accesses of one group.
ArrayUse arrayUse(const ComputeArray& array, std::uint64_t m, std::uint64_t k, std::uint64_t n) {
    const std::uint64_t rows = array.rows, columns = array.columns;
    ArrayUse use;
    std::uint64_t folds = 0, fill = 0, stream = 0;
    switch (array.dataflow) {
        case Dataflow::kOutputStationary:
            folds = foldsOf(m, rows) * foldsOf(n, columns);
            fill = rows + columns - 2;
            stream = k;
            use.inputReads = m * k * foldsOf(n, columns);
            use.weightReads = k * n * foldsOf(m, rows);
            use.sumWrites = m * n;
            break;
        case Dataflow::kInputStationary:
            folds = foldsOf(k, rows) * foldsOf(m, columns);
            fill = 2 * rows + columns - 2;
            stream = n;
            use.inputReads = m * k;
            use.weightReads = k * n * foldsOf(m, columns);
            use.sumWrites = m * n * foldsOf(k, rows);
            use.sumReads = use.sumWrites - m * n;
            break;
        default:
            folds = foldsOf(k, rows) * foldsOf(n, columns);
            fill = 2 * rows + columns - 2;
            stream = m;
            use.inputReads = m * k * foldsOf(n, columns);
            use.weightReads = k * n;
            use.sumWrites = m * n * foldsOf(k, rows);
            use.sumReads = use.sumWrites - m * n;
    }
    const std::uint64_t macs = m * k * n;
    if (array.registers) {
        use.cycles = folds * (fill + stream);
        use.registerAccesses = 3 * macs;
    } else {
        use.cycles = folds * stream;
        use.inputReads = use.weightReads = use.sumWrites = macs;
        use.sumReads = macs - m * n;
    }
    return use;
}

}  // namespace

void ArrayUse::operator+=(const ArrayUse& more) {
    cycles += more.cycles;
    inputReads += more.inputReads;
    weightReads += more.weightReads;
    sumReads += more.sumReads;
    sumWrites += more.sumWrites;
    registerAccesses += more.registerAccesses;
    transfers += more.transfers;
}

void ArrayUse::operator*=(std::uint64_t factor) {
    cycles *= factor;
    inputReads *= factor;
    weightReads *= factor;
    sumReads *= factor;
    sumWrites *= factor;
    registerAccesses *= factor;
    transfers *= factor;
}

void DramUse::operator+=(const DramUse& more) {
    inputs += more.inputs;
    weights += more.weights;
    sumReads += more.sumReads;
    sumWrites += more.sumWrites;
}

void DramUse::operator*=(std::uint64_t factor) {
    inputs *= factor;
    weights *= factor;
    sumReads *= factor;
    sumWrites *= factor;
}

std::uint64_t touchedInputs(const ProductShape& product, std::uint64_t batch) {
    std::uint64_t touched = product.images * batch * product.channels;
    for (std::size_t axis = 0; axis < 3; ++axis) {
        std::vector<bool> seen(product.in[axis], false);
        for (std::uint64_t o = 0; o < product.out[axis]; ++o) {
            for (std::uint64_t k = 0; k < product.kernel[axis]; ++k) {
                const std::uint64_t at =
                    o * product.stride[axis] + k * product.dilation[axis] - product.padding[axis];
                if (at < seen.size()) seen[at] = true;  // padding wraps round to beyond the end
            }
        }
        touched *= static_cast<std::uint64_t>(std::count(seen.begin(), seen.end(), true));
    }
    return touched;
}

namespace {

/// Returns the blocks of weights of an order of folds. What isn't laid over the array is whole.
WeightBlocks blocksOf(const ComputeArray& array, const ProductShape& product,
                      const FoldOrder& folds) {
    WeightBlocks blocks{product.depth(), product.filters, true, 1};
    switch (array.dataflow) {
        case Dataflow::kOutputStationary:
            blocks.filters = array.columns;
            break;
        case Dataflow::kInputStationary:
            blocks.depth = array.rows;
            break;
        default:
            blocks.depth = array.rows;
            blocks.filters = array.columns;
            blocks.filtersOutside = folds.columnsOutside;
            blocks.tile = folds.tileFolds;
            break;
    }
    return blocks;
}

}  // namespace

ProductUse systolicUse(const ComputeArray& array, const ProductShape& product, std::uint64_t batch,
                       const Room& room, const ElementBits& bits) {
    const std::uint64_t m = product.positions() * batch;
    ProductUse use;
    use.array = arrayUse(array, m, product.depth(), product.filters);
    const FoldTraffic traffic = leastTraffic(array, product, batch, room, bits);
    use.dram = traffic.dram;
    use.order = traffic.order;
    use.blocks = blocksOf(array, product, traffic.folds);
    use.array *= product.groups;
    use.dram *= product.groups;
    return use;
}

}  // namespace brownout
