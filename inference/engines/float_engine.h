#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "inference/engines/aligned_floats.h"
#include "inference/engines/engine.h"
#include "inference/engines/lane_filling.h"
#include "inference/engines/plan_activations.h"
#include "inference/formats/encoded_network.h"
#include "inference/network.h"
#include "inference/plan/plan.h"

namespace brownout {

class ChangedKernels;

/// The engine that computes in 32-bit floats, `lanes` images at a time (kernels/kernels.h), and in
/// integers where the graph that it is given says so (graph/integer_regions.h).
///
/// Fewer images than lanes, and the first layers of large ones, are run one by one where that is
/// faster, with neighbouring positions in the lanes: the results have the same bits.
///
/// Convolutions of 3 x 3 are summed by Winograd's way under Summation::kFast where that is faster.
/// Results differ from the direct order by rounding, about as much as that differs from exact sums;
/// a weight that a fault makes thousands of times larger than the others leaves that much more
/// rounding in all outputs of its channel.
///
/// Infinities and NaN, which a fault can make of a weight, take the way of IEEE 754 and of the ONNX
/// reference: 0 times infinity is NaN, at padding too; Relu, Clip, Max, Min and pooling pass NaN
/// on.
class FloatEngine final : public Engine {
 public:
    /// Makes an engine with the float parameters of the file. `instructionSet` "" means
    /// activeInstructionSet(). Throws Error if the network doesn't take one image of known size
    /// (batch size free or 1).
    explicit FloatEngine(const Network& network, const std::string& instructionSet = "",
                         Summation summation = Summation::kDirect);

    /// Makes an engine with the stored parameters as their codes decode, the others in float.
    explicit FloatEngine(const EncodedNetwork& network, const std::string& instructionSet = "",
                         Summation summation = Summation::kDirect);

    /// Makes an engine for a graph that has the parameters of `network`, such as a part of it.
    FloatEngine(const Network& graph, const EncodedNetwork& network,
                const std::string& instructionSet = "", Summation summation = Summation::kDirect);

    /// Makes an engine for a network of any inputs: one shape for each.
    FloatEngine(const Network& network, const std::vector<Shape>& inputShapes,
                const std::string& instructionSet = "");

    /// Make engines with the float parameters of the file on these kernels and no others.
    FloatEngine(const Network& network, const kernels::Kernels& kernels,
                Summation summation = Summation::kDirect);
    FloatEngine(const Network& network, const std::vector<Shape>& inputShapes,
                const kernels::Kernels& kernels);

    FloatEngine(FloatEngine&&) noexcept;
    FloatEngine& operator=(FloatEngine&&) noexcept;
    ~FloatEngine() override;

    const Shape& imageShape() const override { return imageShape_; }
    std::size_t outputs() const override { return outputs_; }
    void run(const float* images, std::size_t count, float* outputs) override;
    std::shared_ptr<Prefixes> makePrefixes(std::size_t images, std::size_t bytes) const override;
    void runKeeping(const float* images, Span<const std::size_t> numbers, float* outputs,
                    Prefixes& prefixes) override;
    bool runBehind(const Prefixes& prefixes, Span<const std::size_t> numbers,
                   float* outputs) override;
    std::size_t lanes() const override;
    void runTimed(const float* images, float* outputs, Span<double> nodeSeconds) override;
    void patch(std::size_t tensor, std::size_t element, Code code) override;
    void restore() override;
    void readValuesFrom(const FailingValues& memories) override;
    void keep() override;
    std::string instructionSet() const override;
    std::string arithmetic() const override;
    std::size_t bytes() const override { return activationBytes() + weightBytes(); }

    /// Runs the network once on inputs of any number, in the network's order; returns all its
    /// outputs.
    std::vector<FloatTensor> runOnce(const std::vector<FloatTensor>& inputs);

    /// Returns the number of places in the packed weights changed since the last restore.
    std::size_t patchedPlaces() const { return undo_.size() + integerUndo_.size(); }
    std::size_t activationBytes() const;
    std::size_t weightBytes() const;

 private:
    /// All places where the elements of one stored tensor are kept.
    struct Places;
    struct Change {
        float* place;
        float before;
    };

    struct IntegerChange {
        const IntegerForm* form;
        std::size_t element;
        std::int32_t before;
    };

    void prepare(const Network& graph, const EncodedNetwork* network,
                 const std::string& instructionSet, Summation summation);
    void load(const Network& graph, const EncodedNetwork* network, Plan plan);
    void takeImageShape(const Network& network);
    void loadParameters(const Network& graph, const EncodedNetwork* network);
    void change(float* place, float value);
    const Plan& plan() const { return lanes_->plan(); }
    PlanMemory memoryOf(PlanActivations& activations, std::size_t images) const;
    void beginRun();
    void runBlock(PlanActivations& activations, const float* images, std::size_t count,
                  float* outputs);
    /// Runs a block up to where it is handed over one by one, and then side by side.
    void runHandingOver(const float* images, std::size_t count, float* outputs);
    /// Runs a block from step `first` on. kept[lane] has its activations there, those of `pieces`
    /// one after the other.
    void runRest(std::size_t first, const std::vector<ActivationPiece>& pieces,
                 std::vector<const float*> kept, std::size_t count, float* outputs);
    bool isBestOneByOne(std::size_t images) const;
    void loadIntegers();
    void patchIntegers(const Places& places, std::size_t tensor, std::size_t element, Code code);
    std::int32_t* packedWords() const { return reinterpret_cast<std::int32_t*>(packed_.get()); }

    std::unique_ptr<PlanActivations> lanes_;      ///< an image in each lane
    std::unique_ptr<PlanActivations> positions_;  ///< one image, positions in lanes; may be null
    std::size_t mostOneByOne_ = 0;  ///< images that are run faster one by one than in lanes
    std::optional<HandOver> handOver_;
    std::vector<float> handedOver_;  ///< [lane][elements], what is handed over
    AlignedFloats uniform_, packed_;
    std::unique_ptr<EncodedNetwork> network_;
    std::vector<Places> places_;
    std::vector<ChangedKernels> changedKernels_;  ///< one for each of Plan::evaluatedParameters
    std::vector<Change> undo_;
    std::size_t firstPatched_;  ///< first step that sees a patch
    FailingValues failing_;
    Span<double> nodeSeconds_;  ///< where runs add them, if anywhere
    std::vector<IntegerChange> integerUndo_;
    Shape imageShape_;
    std::size_t outputs_ = 0;
};

}  // namespace brownout
