#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "inference/kernels/kernels.h"
#include "inference/model.h"

namespace brownout {

/// Where a value of a plan is: a buffer of activations, or an offset into the uniform memory.
struct ValueRef {
    bool uniform = true;
    std::size_t at = 0;
};

/// What the steps of a plan work on; belongs to one thread.
struct Memory {
    const kernels::Kernels* kernels;  ///< For activations, lane by lane.
    float* activations;
    const std::size_t* bufferOffsets;  ///< In floats, by buffer.
    float* uniform;                    ///< Parameters, constants and what is computed from them.
    float* packed;                     ///< Weights in the order in which the kernels read them.

    float* data(ValueRef ref) const {
        return ref.uniform ? uniform + ref.at : activations + bufferOffsets[ref.at];
    }
    kernels::Operand operand(ValueRef ref) const { return {data(ref), ref.uniform}; }
    const kernels::Kernels& kernelsOf(ValueRef output) const {
        return output.uniform ? kernels::kScalar : *kernels;
    }
};

using Step = std::function<void(const Memory&)>;

/// Order of a weight matrix [group][row][k] in the packed memory: blocks of `rowBlock` rows, within
/// a block k by k (see kernels::ConvolveArgs); rows beyond the last are zero.
struct Packing {
    std::size_t offset = 0;  ///< Into the packed memory.
    std::size_t groups = 1, rows = 0, depth = 0, rowBlock = 1;
    /// The element (row, k) of a group is at row * rowStep + k * depthStep of the unpacked tensor.
    std::size_t rowStep = 0, depthStep = 1;

    std::size_t size() const {
        return groups * ((rows + rowBlock - 1) / rowBlock) * rowBlock * depth;
    }
    /// Place of the unpacked tensor's element in the packed memory.
    std::size_t placeOf(std::size_t element) const;
    /// Packs a whole tensor.
    void pack(const float* unpacked, float* packedMemory) const;
};

/// A network made ready for one instruction set and given input shapes: every shape known, shape
/// arithmetic folded away, activation memory shared out. Immutable; any number of threads may run
/// it, each with its own Memory.
struct Plan {
    struct Port {
        std::string name;
        Shape shape;
        ValueRef ref;
    };
    struct PackedParameter {
        std::string parameter;
        Packing packing;
    };
    struct UniformParameter {
        std::string parameter;
        std::size_t offset;  ///< Into the uniform memory.
    };

    const kernels::Kernels* kernels = nullptr;
    std::vector<Port> inputs;
    std::vector<Port> outputs;
    std::vector<Step> uniformSteps;  ///< Arithmetic on parameters: before the others.
    std::vector<Step> steps;
    std::vector<float> uniformImage;  ///< First content of the uniform memory: constants.
    std::vector<UniformParameter> uniformParameters;
    std::vector<PackedParameter> packedParameters;
    std::size_t packedSize = 0;              ///< Floats.
    std::vector<std::size_t> bufferOffsets;  ///< Elements; times lanes gives floats.
    std::size_t activationElements = 0;

    /// What each node produces and costs, in the order of the model, for inspect().
    struct NodeCost {
        std::string name, op;
        Shape output;
        std::uint64_t macs = 0;
        std::string weights;  ///< Parameter that is multiplied, if any.
    };
    std::vector<NodeCost> costs;
};

/// Plans `model` for inputs of these shapes (one each, every size known). Throws Error naming node
/// and operator where something doesn't fit or isn't supported.
Plan makePlan(const Model& model, const std::vector<Shape>& inputShapes,
              const kernels::Kernels& kernels);

/// ONNX operators that a plan can be made of, in alphabetical order.
std::vector<std::string> supportedOperators();

}  // namespace brownout
