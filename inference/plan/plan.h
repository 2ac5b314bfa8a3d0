#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/layer_shape.h"
#include "inference/activations/value_memory.h"
#include "inference/kernels/kernels.h"
#include "inference/network.h"
#include "inference/plan/integer_weights.h"

namespace brownout {

/// The place of a value of a plan: a buffer of activations, or an offset into the uniform memory.
struct ValueRef {
    bool uniform = true;
    std::size_t at = 0;
};

/// The memory that the steps of a plan work on; belongs to one thread.
struct PlanMemory {
    const kernels::Kernels* kernels;  ///< kernels for activations, lane by lane
    float* activations;
    const std::size_t* bufferOffsets;  ///< offset of each buffer, in floats
    float* uniform;                    ///< parameters, constants and what is computed from them
    float* packed;                     ///< weights in the order in which the kernels read them
    FailingValues failing = {};        ///< memories that stored values are read from
    std::size_t images = 0;            ///< lanes that have an image, for `failing`

    float* data(ValueRef ref) const {
        return ref.uniform ? uniform + ref.at : activations + bufferOffsets[ref.at];
    }
    /// Returns the words of a value or form that is kept as integers.
    std::int32_t* words(ValueRef ref) const { return reinterpret_cast<std::int32_t*>(data(ref)); }
    std::int32_t* packedWords() const { return reinterpret_cast<std::int32_t*>(packed); }
    kernels::Operand operand(ValueRef ref) const { return {data(ref), ref.uniform}; }
    const kernels::Kernels& kernelsOf(ValueRef output) const {
        return output.uniform ? kernels::kScalar : *kernels;
    }
};

using Step = std::function<void(const PlanMemory&)>;

/// The order of a weight matrix [group][row][k] in the packed memory: blocks of `rowBlock` rows,
/// within a block k by k (see kernels::ConvolveArgs); rows beyond the last are zero.
struct Packing {
    std::size_t offset = 0;  ///< place in the packed memory
    std::size_t groups = 1, rows = 0, depth = 0, rowBlock = 1;
    /// Steps of the unpacked tensor: element (row, k) of a group is at row * rowStep + k *
    /// depthStep.
    std::size_t rowStep = 0, depthStep = 1;

    std::size_t size() const {
        return groups * ((rows + rowBlock - 1) / rowBlock) * rowBlock * depth;
    }
    /// Returns the place of an element of the unpacked tensor in the packed memory.
    std::size_t placeOf(std::size_t element) const;
    /// Packs a whole tensor.
    void pack(const float* unpacked, float* packedMemory) const;
};

/// Kernels of 3 x 3 as a Winograd convolution keeps them: the values of each at the points of a
/// tile, see kernels::WinogradArgs. The nine weights themselves lie in the packed memory, too, as
/// in the file: a changed weight needs the other eight of its kernel to be evaluated again.
struct EvaluatedKernels {
    std::size_t weights = 0;  ///< place of the nine weights of each kernel in the packed memory
    std::size_t values =
        0;  ///< place of the values: [group][point][blocks of rowBlock rows][channel][row]
    std::size_t groups = 1, rows = 0, channels = 0, rowBlock = 1;
    std::int32_t tile = 4;      ///< outputs of a tile along an axis
    std::size_t pointStep = 0;  ///< distance of points, in floats

    std::size_t kernels() const { return groups * rows * channels; }
    std::size_t points() const { return static_cast<std::size_t>((tile + 2) * (tile + 2)); }
    /// Returns the floats of weights and values.
    std::size_t size() const { return 9 * kernels() + groups * points() * pointStep; }
    /// Evaluates one kernel again, counted in the order of the file.
    void evaluate(std::size_t kernel, const kernels::Kernels& by, float* packedMemory) const;
};

/// The order in which convolutions are summed.
enum class Summation {
    kDirect,  ///< product by product (kernels::ConvolveArgs)
    kFast     ///< by fewer multiplications where that is faster (kernels::WinogradArgs)
};

/// A network made ready for one instruction set and given input shapes: every shape known, shape
/// arithmetic folded away, activation memory shared out. Immutable; any number of threads may run
/// it, each with its own PlanMemory.
struct Plan {
    struct Endpoint {
        std::string name;
        Shape shape;
        ValueRef ref;
    };
    struct PackedParameter {
        std::string parameter;
        Packing packing;
    };
    struct EvaluatedParameter {
        std::string parameter;
        EvaluatedKernels kernels;
    };
    /// A parameter, or a constant without a name, that integer steps keep as integers.
    struct IntegerParameter {
        std::string parameter;
        std::shared_ptr<const IntegerForm> form;
        std::vector<std::int32_t> values;
    };
    struct UniformParameter {
        std::string parameter;
        std::size_t offset;  ///< place in the uniform memory
    };

    const kernels::Kernels* kernels = nullptr;
    std::vector<Endpoint> inputs;
    std::vector<Endpoint> outputs;
    std::vector<Step> uniformSteps;  ///< arithmetic on parameters, run before the others
    std::vector<Step> steps;
    std::vector<float> uniformImage;  ///< first content of the uniform memory: constants
    std::vector<UniformParameter> uniformParameters;
    std::vector<PackedParameter> packedParameters;
    std::vector<EvaluatedParameter> evaluatedParameters;
    std::vector<IntegerParameter> integerParameters;
    std::size_t packedSize = 0;  ///< size of the packed memory, in floats
    /// Offset of each buffer, in elements; times lanes: in floats.
    std::vector<std::size_t> bufferOffsets;
    std::size_t activationElements = 0;
    /// A buffer of activations, and the steps that write and read it.
    struct BufferUse {
        std::size_t offset = 0;  ///< in elements
        std::size_t elements = 0;
        std::size_t firstStep = 0, lastStep = 0;
    };
    std::vector<BufferUse> bufferUses;
    /// The first step that may see a change of a parameter; others come before it.
    std::map<std::string, std::size_t> firstSteps;

    /// Result and cost of each node, in the order of the network, for inspect().
    struct NodeCost {
        std::string name, op;
        Shape output;
        std::uint64_t macs = 0;
        std::string weights;      ///< parameter that is multiplied, if any
        std::size_t endStep = 0;  ///< number of steps that it and the nodes before it have
        std::size_t node = 0;     ///< number of the network's node that this one is or is part of
        bool activation = true;   ///< false where the result is the same for all images
        std::vector<ProductShape> products = {};       ///< products of activations in it
        std::vector<std::size_t> outputElements = {};  ///< elements of each output, 0 if left out
    };
    std::vector<NodeCost> costs;
};

/// Plans `network` for inputs of these shapes (one each, every size known). Throws Error naming
/// node and operator where something doesn't fit or isn't supported.
Plan makePlan(const Network& network, const std::vector<Shape>& inputShapes,
              const kernels::Kernels& kernels, Summation summation = Summation::kDirect);

/// Returns the ONNX operators that a plan can be made of, in alphabetical order.
std::vector<std::string> supportedOperators();

}  // namespace brownout
