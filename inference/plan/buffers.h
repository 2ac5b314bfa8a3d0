#pragma once

#include <cstddef>
#include <limits>
#include <optional>
#include <vector>

namespace brownout {

struct Plan;

/// The buffers of activations of a plan while it is made: which steps write and read each, and in
/// the end where each lies. Buffers whose steps don't overlap share memory.
class Buffers {
 public:
    /// The step of a plan's outputs, after all others.
    static constexpr std::size_t kEnd = std::numeric_limits<std::size_t>::max();

    /// Adds a buffer that is in use from step `step` on, and returns its number.
    std::size_t add(std::size_t elements, std::size_t step);
    /// Says that a buffer has its content before the first step: an input of the network.
    void fillBefore(std::size_t buffer) { buffers_[buffer].firstStep = 0; }
    /// Says that step `step` writes, or reads, a buffer.
    void write(std::size_t buffer, std::size_t step);
    void read(std::size_t buffer, std::size_t step);
    /// Gives a buffer that no step has read fewer elements.
    void shrink(std::size_t buffer, std::size_t elements) { buffers_[buffer].elements = elements; }

    /// Returns whether the content of a buffer is complete before step `step`.
    bool madeBefore(std::size_t buffer, std::size_t step) const {
        return buffers_[buffer].writtenBy <= step;
    }
    /// Lays a buffer into a later one, from element `offset` on, so that the steps which make it
    /// write it there. Returns false where that can't be: it lies in another already, is an input
    /// of the network, or has not this number of elements.
    bool nest(std::size_t inner, std::size_t outer, std::size_t offset, std::size_t elements);

    /// Places all buffers: fills in Plan::bufferOffsets, activationElements and bufferUses.
    void place(Plan& plan);

 private:
    struct Buffer {
        std::size_t elements = 0;
        std::size_t firstStep = 0, lastStep = 0;
        std::optional<std::size_t> within = {};  ///< buffer that it lies in
        std::size_t offset = 0;                  ///< first element there
        std::size_t writtenBy =
            0;  ///< number of the last step that writes it, plus 1; 0 for inputs
    };
    std::vector<std::size_t> outermost();

    std::vector<Buffer> buffers_;
};

}  // namespace brownout
