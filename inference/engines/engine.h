#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "base/code.h"
#include "base/span.h"
#include "inference/formats/encoded_network.h"

namespace brownout {

class Prefixes;
struct FailingValues;
struct StoredValues;

/// A network ready to run on images, with weights that can be patched and restored in place. One
/// thread uses one engine, which owns the weights in the form it computes with, and the
/// activations.
///
/// The result of an image depends on nothing but the image, the weights and the instruction set:
/// not on the other images of a batch, how images are split in batches, the thread, or earlier
/// runs.
class Engine {
 public:
    virtual ~Engine() = default;

    /// Returns the shape of an image without the batch, for example (C, H, W).
    virtual const Shape& imageShape() const = 0;
    std::size_t imageElements() const { return elementCount(imageShape()); }
    /// Returns the number of values that the network gives an image.
    virtual std::size_t outputs() const = 0;

    /// Runs `count` images of imageElements() floats each; writes outputs() floats for each.
    virtual void run(const float* images, std::size_t count, float* outputs) = 0;
    /// Makes room to keep activations without faults of `images` images in at most `bytes`; null if
    /// no run could begin behind them.
    virtual std::shared_ptr<Prefixes> makePrefixes(std::size_t images, std::size_t bytes) const = 0;
    /// Runs images as run() does and keeps their activations. `numbers` has the number of each,
    /// below Prefixes::images(). Threads may keep different images at once.
    virtual void runKeeping(const float* images, Span<const std::size_t> numbers, float* outputs,
                            Prefixes& prefixes) = 0;
    /// Gives what run() would for images whose activations another engine of this network, or this
    /// one, has kept, with less work where the patches allow. Returns false, and does nothing,
    /// where they don't.
    virtual bool runBehind(const Prefixes& prefixes, Span<const std::size_t> numbers,
                           float* outputs) = 0;
    /// Returns the number of images that are worked on at once.
    virtual std::size_t lanes() const = 0;
    /// Runs lanes() images as run() does, and adds the seconds that each node of the network took
    /// to its element of `nodeSeconds`. A node whose work another one's step does takes none.
    virtual void runTimed(const float* images, float* outputs, Span<double> nodeSeconds) = 0;

    /// Sets element `element` of stored tensor `tensor` (index into
    /// EncodedNetwork::storedTensors()) to the value of `code`, wherever the network uses it, and
    /// remembers what was there. Throws Error if there is no such element.
    virtual void patch(std::size_t tensor, std::size_t element, Code code) = 0;
    /// Undoes all patches since the last restore, exactly; takes time in proportion to their
    /// number.
    virtual void restore() = 0;
    /// Lets the values that the engine stores (EngineSettings::stored) be read back from these
    /// memories in all runs that follow. What comes before the first patch is computed again, too,
    /// while there is one. Throws Error if there are no such values.
    virtual void readValuesFrom(const FailingValues& memories) = 0;
    /// Makes the weights as they are patched now those that restore() returns to.
    virtual void keep() = 0;

    /// Returns the instruction set that results depend on: "baseline", "avx2", "avx512".
    virtual std::string instructionSet() const = 0;
    /// Returns the arithmetic that sums and products are done in: "float", "float, Winograd",
    /// or "integer", or "bits", with what else there is behind it: "integer; float, Winograd".
    virtual std::string arithmetic() const = 0;
    /// Returns the bytes of weights and activations that the engine holds.
    virtual std::size_t bytes() const = 0;
};

/// The values that an engine gives an image.
enum class EngineOutputs {
    kOwn,    ///< the network's first output
    kScores  ///< the same before a final softmax, whose saturated values tie: for ranking classes
};

/// Settings of an engine.
struct EngineSettings {
    EngineOutputs outputs = EngineOutputs::kScores;
    /// "" means activeInstructionSet(), or avx2 for networks of large activations on processors on
    /// which avx512 isn't faster for them: a function of network and processor, not of what runs.
    std::string instructionSet = {};
    /// Sums every convolution product by product. Without it, convolutions of 3 x 3 may take fewer
    /// multiplications (Winograd), which differs by rounding.
    bool exact = false;
    /// Activations and partial sums that lie in memories as codes, or null. Such a network computes
    /// in floats.
    std::shared_ptr<const StoredValues> stored = {};
};

/// Makes an engine for a network whose stored parameters are as their codes decode, the others in
/// float. Quantised activations and weights are computed with in integers if the format says so
/// (NumberFormat::integers(), graph/integer_regions.h); integers are exact with any settings;
/// so are activations and weights of plus and minus one as bits (graph/bit_regions.h).
/// Formats whose faults can make a weight huge or infinite (EncodedNetwork::bounded()) are
/// always summed exactly. Throws Error if the network doesn't take one image of known size (batch
/// size free or 1).
std::unique_ptr<Engine> makeEngine(const EncodedNetwork& network,
                                   const EngineSettings& settings = {});

/// Makes an engine for a network with the parameters of its file, in integers where the file has
/// them. Nothing is stored, so patch() throws.
std::unique_ptr<Engine> makeEngine(const Network& network, const EngineSettings& settings = {});

}  // namespace brownout
