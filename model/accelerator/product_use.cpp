#include "model/accelerator/product_use.h"

#include <algorithm>

#include "base/error.h"
#include "model/accelerator/row_stationary.h"

namespace brownout {

std::uint64_t shareOf(const Accelerator& accelerator, DataKind kind) {
    const auto at = accelerator.holder(kind);
    if (!at) return 0;
    const AcceleratorMemory& memory = accelerator.memories[*at];
    return memory.bytes * 8 / memory.holds.size();
}

Room roomFor(const Accelerator& accelerator, const ProductShape& product, const ElementBits& bits,
             const OperandsOnChip& onChip) {
    const auto bitsFor = [&](DataKind kind, std::uint64_t taken) -> std::uint64_t {
        const auto at = accelerator.holder(kind);
        if (!at) return 0;
        const std::uint64_t share = shareOf(accelerator, kind);
        const std::uint64_t left = share > taken ? share - taken : 0;
        return accelerator.memories[*at].doubleBuffered ? left / 2 : left;
    };
    const bool alone = !accelerator.dram();
    std::uint64_t activations = bitsFor(DataKind::kActivations, onChip.heldBits);
    if (!product.fixedWeights && !onChip.inputs && !onChip.weights) activations /= 2;
    Room room;
    room.inputs = onChip.inputs || alone ? kUnlimitedRoom : activations / bits.inputs;
    const std::uint64_t weights =
        product.fixedWeights ? bitsFor(DataKind::kWeights, 0) : activations;
    room.weights = onChip.weights || alone ? kUnlimitedRoom : weights / bits.weights;
    room.sums = alone ? kUnlimitedRoom : bitsFor(DataKind::kAccumulators, 0) / bits.sums;
    return room;
}

ProductUse productUse(const Accelerator& accelerator, const ProductShape& product,
                      std::uint64_t batch, Room room, const ElementBits& bits,
                      const std::string& layer) {
    ProductShape each = product;
    if (!product.fixedWeights) {
        // Weights that are activations are other ones for each image.
        each.groups *= batch;
        batch = 1;
    }
    if (accelerator.array.dataflow != Dataflow::kRowStationary) {
        return systolicUse(accelerator.array, each, batch, room, bits);
    }
    const auto inputsAt = accelerator.holder(DataKind::kActivations);
    const auto sumsAt = accelerator.holder(DataKind::kAccumulators);
    const bool shared = inputsAt && sumsAt && *inputsAt == *sumsAt;
    if (shared && accelerator.dram()) {
        room.sums = accelerator.memories[*sumsAt].bytes * 8 / bits.sums;
    }
    try {
        const ChosenMapping mapping = mappingOf(accelerator.array, each, batch, room, shared);
        if (shared && room.inputs < kUnlimitedRoom) {
            const std::uint64_t sums = mapping.n * mapping.m * mapping.e * each.out[2];
            room.inputs = (room.sums - std::min(room.sums, sums)) * bits.sums / bits.inputs;
        }
        return rowStationaryUse(mapping, each, batch, room, bits);
    } catch (const Error& error) {
        throw Error("layer '" + layer + "'", error.what());
    }
}

}  // namespace brownout
