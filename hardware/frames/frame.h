#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

// Frames of bytes as rtl/fpga/PROTOCOL.md describes them, without their meaning.

namespace brownout {

/// Returns the frame that carries `content`, as it goes on the line: flags around it, a checksum
/// behind it, escapes in it.
std::string frameOf(std::string_view content);

/// Finds frames in a stream of bytes that may be anything: a frame counts if its checksum is right,
/// and everything else is dropped.
class FrameParser {
 public:
    /// Makes a parser of frames with at most `most` bytes of content.
    explicit FrameParser(std::size_t most) : most_(most) {}

    /// Takes the bytes that came next; calls `take` with the content of each frame that they
    /// complete. What `take` throws ends the call, and the bytes behind that frame are lost.
    void feed(std::string_view bytes, const std::function<void(std::string_view)>& take);

    /// Returns how many frames were dropped for what was in them.
    std::uint64_t badFrames() const { return badFrames_; }

 private:
    std::size_t most_;
    std::string frame_;     ///< content so far, and the checksum behind it
    bool escaped_ = false;  ///< the byte before was an escape
    std::uint64_t badFrames_ = 0;
};

}  // namespace brownout
