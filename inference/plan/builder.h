#pragma once

#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "inference/plan/bit_layout.h"
#include "inference/plan/buffers.h"
#include "inference/plan/pairs.h"
#include "inference/plan/plan.h"

namespace brownout {

/// Elements of a value that a plan may have.
constexpr std::size_t kMaxPlanElements = std::size_t{1} << 26;

/// Attribute of the nodes of a rewritten network: the number of the node that they come from.
constexpr const char* kNodeNumber = "brownout.node";

/// Mark of a step that can make its result some rows of a plane at a time.
struct MadeInRows {
    std::int64_t planes = 0, height = 0, width = 0;
    std::int64_t channels = 0;  ///< planes that it makes at a time
    std::int64_t inputs = 0;    ///< elements of its input that belong to each row of its result
};

/// Maxima over windows of a step's result, of which nothing else is kept (pooled_rows.h).
struct PooledRows {
    kernels::PoolArgs args{};  ///< of the whole result
    ValueRef output;
    std::int64_t rows = 0;      ///< rows of maxima that are made at a time
    std::int64_t channels = 0;  ///< planes that are made at a time
};

/// Arithmetic that may still be merged into the step that made a value, as long as no other node
/// reads the value: a factor and a summand per channel, then another activation, then a clamp, then
/// maxima over windows.
struct Epilogue {
    bool takesScale = false;  ///< mark of a normalisation; else only the clamp is possible
    bool scaled = false, shifted = false, clamped = false;
    ValueRef scale, offset;  ///< factor, valid if scaled, and summand, valid if shifted
    /// Channels of scale and offset: element i has channel i / inner % channels.
    std::size_t channels = 0;
    std::size_t inner = 0;
    std::size_t groupSize = 0;         ///< elements normalised together: inner must divide it
    std::optional<ValueRef> residual;  ///< activation of the same shape, added before the clamp
    bool takesResidual = false;        ///< mark of a step that can add a residual
    std::optional<MadeInRows> inRows;
    std::optional<PooledRows> pooled;
    std::size_t step = 0;  ///< step of the plan that does it all
    float low = -std::numeric_limits<float>::infinity();
    float high = std::numeric_limits<float>::infinity();

    /// Returns the place of element `element` of the residual when the plan runs; null if there is
    /// none.
    const float* residualAt(const PlanMemory& m, std::int64_t element) const {
        return residual ? m.data(*residual) + element * m.kernels->lanes : nullptr;
    }
};

/// A value while a plan is made.
struct PlanValue {
    enum class Kind { kActivation, kUniform, kInteger };
    Kind kind = Kind::kActivation;
    Shape shape;
    std::size_t at = 0;     ///< buffer, or offset into the uniform memory once placed
    bool placed = true;     ///< unset for parameters that no node has read directly yet
    std::string parameter;  ///< name of the parameter that it is, if it is one
    const std::vector<float>* constant = nullptr;  ///< known floats (constants and parameters)
    std::vector<std::int64_t> integers;
    bool whole = false;       ///< true for whole numbers, which are floats while the plan runs
    std::uint32_t bits = 64;  ///< type of integers, as in IntTensor
    bool isSigned = true;
    std::shared_ptr<Epilogue> epilogue;
    std::shared_ptr<const PairLayout> pairs;     ///< layout of integers in pairs; null for floats
    std::shared_ptr<const BitLayout> bitLayout;  ///< layout of bits; null for floats

    bool uniform() const { return kind == Kind::kUniform; }
};

/// The maker of a plan, node by node: keeps the values, the buffers and when each is in use.
class PlanBuilder {
 public:
    PlanBuilder(const Network& network, const kernels::Kernels& kernels,
                Summation summation = Summation::kDirect);

    const Network& graph() const { return graph_; }
    const kernels::Kernels& kernelsFor(bool uniform) const {
        return uniform ? kernels::kScalar : *plan_.kernels;
    }

    Summation summation() const { return summation_; }

    [[noreturn]] void fail(const Node& node, const std::string& problem) const;

    bool hasInput(const Node& node, std::size_t i) const { return !node.input(i).empty(); }
    /// Returns the value of input `i`. Throws Error if it is left out.
    const PlanValue& input(const Node& node, std::size_t i) const;
    /// Returns the value of input `i` as floats, also where it is integers. Throws Error if it is
    /// left out.
    const PlanValue& floatInput(const Node& node, std::size_t i);
    /// Returns the value of input `i`, a factor or summand of a product. Throws Error if it is left
    /// out or integers: nothing that multiplies an image escapes the memory as an integer.
    const PlanValue& productInput(const Node& node, std::size_t i);
    /// Returns the integers of an input that has to be known when the plan is made.
    const std::vector<std::int64_t>& integerInput(const Node& node, std::size_t i) const;
    /// Returns the floats of an input that has to be known when the plan is made.
    const std::vector<float>& constantInput(const Node& node, std::size_t i);

    /// Returns the place where the floats of a value are when the plan runs.
    ValueRef refOf(const PlanValue& value);
    ValueRef refOfInput(const Node& node, std::size_t i) { return refOf(floatInput(node, i)); }

    /// Defines an output of a node. Throws Error for shapes with negative sizes or more than 2^26
    /// elements; so do the functions below.
    ValueRef define(const Node& node, std::size_t output, const Shape& shape, bool uniform);
    void defineAlias(const Node& node, std::size_t output, const PlanValue& of, const Shape& shape);
    void defineIntegers(const Node& node, std::size_t output, const Shape& shape,
                        std::vector<std::int64_t> values);
    void defineConstant(const Node& node, std::size_t output, const FloatTensor& tensor);
    /// Marks output 0 of a node as whole numbers.
    void setWhole(const Node& node) { values_.at(node.outputs.at(0)).whole = true; }
    void setEpilogue(const Node& node, std::shared_ptr<Epilogue> epilogue);

    /// Lays the buffer of an activation into that of a later one, see Buffers::nest; false where
    /// that can't be.
    bool nest(ValueRef inner, ValueRef outer, std::size_t offset, std::size_t elements);

    /// Makes a buffer for one step only.
    ValueRef scratch(const Node& node, const Shape& shape, bool uniform);
    /// Adds a uniform constant to the plan.
    ValueRef constant(const std::vector<float>& values);
    /// Makes a place for packed weights, which are packed from a parameter once, or by a step each
    /// run.
    Packing packWeights(const Node& node, const PlanValue& weights, Packing packing);

    /// Makes a place for the weights of a Winograd convolution, a parameter, and returns it.
    /// `kernels` gives sizes and tile.
    EvaluatedKernels placeKernels(const Node& node, const PlanValue& weights,
                                  EvaluatedKernels kernels);
    /// Makes a place for the integers of a parameter, which `form` says it takes.
    void packIntegers(const Node& node, Plan::IntegerParameter parameter, std::size_t words);
    /// Returns the place that packIntegers() gives next.
    std::size_t nextPacked() const { return plan_.packedSize; }
    /// Defines output 0 of a node as pairs, with a buffer of its own.
    ValueRef definePairs(const Node& node, const Shape& shape, const PairLayout& layout);
    /// Defines output 0 of a node as bits, with a buffer of its own.
    ValueRef defineBits(const Node& node, const Shape& shape, const BitLayout& layout);

    /// Adds a step that reads and writes these values. The step is uniform if `output` is.
    void addStep(ValueRef output, const std::vector<ValueRef>& uses, Step step);

    /// Says how often a value is read; the builder counts the nodes of the network itself.
    void setReaders(const std::string& name, std::size_t readers) { readers_[name] = readers; }
    /// Returns whether a node or output reads output `output` of this node.
    bool isRead(const Node& node, std::size_t output) const;
    /// Throws Error if a node or output reads output `output` of this node, which is `what`.
    void refuseRead(const Node& node, std::size_t output, const std::string& what) const;
    /// Returns whether only one node reads the value, so that it may be changed in place.
    bool readOnce(const std::string& name) const;

    /// Returns whether the step that made input `i` of a node may be changed to do more: nobody
    /// else sees the value.
    bool mayMerge(const Node& node, std::size_t i) const;
    /// Lets the step that made input `i` of a node add the activation `more`, of the same shape and
    /// made before that step, to its result. The caller has asked mayMerge().
    void mergeResidual(const Node& node, std::size_t i, ValueRef more);
    /// Lets the step that made input 0 of a node make output 0 of the node of it, of this shape.
    /// Leaves of the input's buffer `elements` elements as the step's own memory.
    void mergePool(const Node& node, PooledRows pooled, const Shape& shape, std::size_t elements);
    /// Returns whether the value of a buffer is complete before the step `step`.
    bool madeBefore(ValueRef ref, std::size_t step) const {
        return !ref.uniform && buffers_.madeBefore(ref.at, step);
    }

    void countMacs(std::uint64_t macs, const std::string& weights);
    /// Counts the multiply-accumulates of a product, whose sizes are kept for NodeCost.
    void countProduct(const ProductShape& product, const std::string& weights);

    /// Compiles a node that isn't one of the network's, as a part of one that is.
    void compilePart(const Node& part);

    /// Compiles the nodes of the network, whose inputs must be defined.
    void compileNodes();
    /// Returns a value that was defined, null if there is none of that name.
    const PlanValue* find(const std::string& name) const;
    /// Places the buffers and returns the plan; the builder is of no use afterwards.
    Plan finish();

    Plan build(const std::vector<Shape>& inputShapes);

 private:
    /// Defines a value of `planes` planes that differs between images and isn't floats.
    PlanValue& defineScratch(const Node& node, const Shape& shape, std::int64_t planes,
                             std::int64_t planeStep);
    void checkShape(const Node& node, const Shape& shape) const;
    void noteReads(const Node& node);

    const Network& graph_;
    Summation summation_;
    Plan plan_;
    std::map<std::string, PlanValue> values_;
    std::map<std::string, PlanValue> floats_;  ///< integers that a node read as floats
    std::map<std::string, std::size_t> readers_;
    Buffers buffers_;
    std::vector<std::string> noted_;  ///< parameters in Plan::firstSteps, in the order of nodes
    std::vector<std::unique_ptr<std::vector<float>>> constants_;
    std::uint64_t macs_ = 0;
    std::string macWeights_;
    std::vector<ProductShape> products_;
};

/// Converts an ONNX dimension to std::size_t, unchecked.
inline std::size_t toSize(std::int64_t value) { return static_cast<std::size_t>(value); }

/// Converts a size or a place to what the kernels count with.
template <typename Integer>
std::int32_t narrow(Integer value) {
    return static_cast<std::int32_t>(value);
}

/// Function that compiles one node of an operator.
using CompileNode = void (*)(PlanBuilder&, const Node&);
/// Returns the compilers of convolutions, by operator. The functions below return those of other
/// groups of related operators.
const std::map<std::string, CompileNode>& convolutionOperators();
const std::map<std::string, CompileNode>& productOperators();
const std::map<std::string, CompileNode>& elementwiseOperators();
const std::map<std::string, CompileNode>& integerOperatorsOfPlans();
const std::map<std::string, CompileNode>& bitOperatorsOfPlans();
const std::map<std::string, CompileNode>& binaryOperators();
const std::map<std::string, CompileNode>& castOperators();
const std::map<std::string, CompileNode>& regroupingOperators();
const std::map<std::string, CompileNode>& normalizationOperators();
const std::map<std::string, CompileNode>& layerNormalizationOperators();
const std::map<std::string, CompileNode>& poolingOperators();
const std::map<std::string, CompileNode>& shapeOperators();
const std::map<std::string, CompileNode>& movingOperators();
const std::map<std::string, CompileNode>& quantizationOperators();
const std::map<std::string, CompileNode>& comparisonOperators();
const std::map<std::string, CompileNode>& resizingOperators();
const std::map<std::string, CompileNode>& storedActivationOperators();
const std::map<std::string, CompileNode>& storedSumOperators();
/// Returns the compiler of an operator or part, null if it isn't supported.
CompileNode compilerOf(const std::string& op);

/// Returns an axis in [0, rank) for one that may be negative, -1 the last. Throws Error.
std::size_t normalizedAxis(const PlanBuilder& builder, const Node& node, std::int64_t axis,
                           std::size_t rank);
/// Returns the shape of two tensors broadcast together, as numpy does. Throws Error.
Shape broadcastShape(const PlanBuilder& builder, const Node& node, const Shape& a, const Shape& b);
/// Refuses results with negative sizes, or too large to have a table made for them. Throws Error.
void checkSize(const PlanBuilder& builder, const Node& node, const Shape& shape);
/// Returns the distance in elements of consecutive indices along each axis of a contiguous tensor.
std::vector<std::int64_t> stepsOf(const Shape& shape);
/// Returns these distances for a tensor broadcast to `to`: 0 along its broadcast axes.
std::vector<std::int64_t> broadcastSteps(const Shape& shape, const Shape& to);

}  // namespace brownout
