#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "inference/encoded_network.h"
#include "inference/kernels/dispatch.h"
#include "inference/model.h"

namespace brownout {

struct Plan;

/// Runs a network on images, with weights that can be patched and restored in place. One thread
/// uses one executor: it owns the packed weights and the activations.
///
/// The result of an image depends on nothing but the image, the weights and the instruction set:
/// not on the other images of a batch, how images are split in batches, the thread, or earlier
/// runs.
class Executor {
 public:
    /// With the float parameters of the file. `instructionSet` "" means activeInstructionSet().
    /// Throws Error if the network doesn't take one image of known size (batch size free or 1).
    explicit Executor(const Model& model, const std::string& instructionSet = "");

    /// With the stored parameters as their codes decode, the others in float.
    explicit Executor(const EncodedNetwork& network, const std::string& instructionSet = "");

    /// For networks of any inputs: one shape for each input of the model.
    Executor(const Model& model, const std::vector<Shape>& inputShapes,
             const std::string& instructionSet = "");

    Executor(Executor&&) noexcept;
    Executor& operator=(Executor&&) noexcept;
    ~Executor();

    /// Shape of an image without the batch, for example (C, H, W).
    const Shape& imageShape() const { return imageShape_; }
    std::size_t imageElements() const { return elementCount(imageShape_); }
    /// Values of the first output for one image.
    std::size_t classes() const { return classes_; }

    /// Runs `count` images of imageElements() floats each; writes classes() floats an image.
    void run(const float* images, std::size_t count, float* outputs);

    /// Runs the network once on inputs of any number, in the model's order; returns all its
    /// outputs.
    std::vector<FloatTensor> runOnce(const std::vector<FloatTensor>& inputs);

    /// Sets element `element` of stored tensor `tensor` (index into storedTensors()) to what `code`
    /// means, wherever the network uses it, and remembers what was there. Only with an
    /// EncodedNetwork.
    void patch(std::size_t tensor, std::size_t element, Code code);

    /// Undoes all patches since the last restore, exactly; takes time in proportion to their
    /// number.
    void restore();

    /// Makes the weights as they are patched now those that `restore` returns to.
    void keep() { undo_.clear(); }

    /// Places in the packed weights changed since the last restore.
    std::size_t patchedPlaces() const { return undo_.size(); }

    /// "baseline", "avx2" or "avx512"; and the images worked on at once.
    std::string instructionSet() const;
    std::size_t lanes() const;

    /// Bytes of activations and of weights that this executor holds.
    std::size_t activationBytes() const;
    std::size_t weightBytes() const;

 private:
    struct Free {
        void operator()(float* p) const { std::free(p); }
    };
    using Floats = std::unique_ptr<float[], Free>;
    /// Everywhere the elements of one stored tensor are kept.
    struct Places;
    struct Change {
        float* place;
        float before;
    };

    static Floats allocate(std::size_t count);
    void prepare(const Model& model, const std::vector<Shape>& inputShapes,
                 const std::string& instructionSet, const EncodedNetwork* network);
    void takeImageShape(const Model& model);
    void loadParameters(const Model& model, const EncodedNetwork* network);
    void runSteps();

    std::unique_ptr<const Plan> plan_;
    std::vector<std::size_t> bufferOffsets_;  // in floats
    Floats activations_, uniform_, packed_;
    std::unique_ptr<EncodedNetwork> network_;
    std::vector<Places> places_;
    std::vector<Change> undo_;
    Shape imageShape_;
    std::size_t classes_ = 0;
};

/// Shapes for a network that takes images one by one: the batch 1. Throws Error if the model has
/// several inputs, a fixed batch other than 1, or an image of unknown size.
std::vector<Shape> singleImageShapes(const Model& model);

/// Index of the largest of `count` values; the lowest one of equals; values that are not numbers
/// lose.
std::size_t largestIndex(const float* values, std::size_t count);

}  // namespace brownout
