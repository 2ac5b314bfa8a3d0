// The forms in which steps keep the weights that they multiply: packed for the direct order,
// evaluated for Winograd's.

#include <algorithm>

#include "inference/plan/plan.h"

namespace brownout {

std::size_t Packing::placeOf(std::size_t element) const {
    const std::size_t group = element / (rows * depth);
    const std::size_t within = element % (rows * depth);
    const std::size_t row = depthStep == 1 ? within / rowStep : within % depthStep;
    const std::size_t k = depthStep == 1 ? within % rowStep : within / depthStep;
    const std::size_t blocks = (rows + rowBlock - 1) / rowBlock;
    return offset + ((group * blocks + row / rowBlock) * depth + k) * rowBlock + row % rowBlock;
}

void Packing::pack(const float* unpacked, float* packedMemory) const {
    std::fill_n(packedMemory + offset, size(), 0.0F);
    for (std::size_t i = 0; i < groups * rows * depth; ++i) {
        packedMemory[placeOf(i)] = unpacked[i];
    }
}

void EvaluatedKernels::evaluate(std::size_t kernel, const kernels::Kernels& by,
                                float* packedMemory) const {
    const std::size_t group = kernel / (rows * channels);
    const std::size_t row = kernel / channels % rows;
    const std::size_t place = values + group * points() * pointStep +
                              (row / rowBlock * channels + kernel % channels) * rowBlock +
                              row % rowBlock;
    by.evaluateWeights(tile, packedMemory + weights + 9 * kernel, packedMemory + place,
                       static_cast<std::int64_t>(pointStep));
}

}  // namespace brownout
