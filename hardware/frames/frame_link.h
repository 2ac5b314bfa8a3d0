#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/span.h"
#include "hardware/connection/byte_stream.h"
#include "hardware/frames/frame.h"

namespace brownout {

/// Operations of the frame protocol.
enum class FrameOp : std::uint8_t {
    kIdentify = 1,
    kWrite = 2,
    kRead = 3,
    kLoadMasks = 4,
    kClearMasks = 5,
    kBist = 6,
    kReadCounters = 7,
    kClearCounters = 8,
};

/// One request.
struct FrameRequest {
    FrameOp op = FrameOp::kIdentify;
    std::uint8_t count = 0;
    std::uint32_t address = 0;
    std::string payload;
    std::optional<std::size_t> replyBytes = 0;  ///< payload of its reply; absent if that varies
};

/// The patience of a link.
struct FrameLinkSettings {
    std::chrono::milliseconds timeout{2000};  ///< longest wait for the next reply
    std::chrono::milliseconds quiet{20};      ///< silence after which no old reply comes any more
    unsigned attempts = 5;                    ///< attempts at a request until it is given up
};

/// Exchanges requests and replies with a device over a stream that may lose, garble, delay or
/// repeat bytes.
///
/// Each request carries a tag that no other one of the link has, and its reply repeats the tag.
/// Replies count in the order of the requests only: if one is missing, it and all requests behind
/// it are sent again, with new tags, so that a device does them in order whatever was lost (go back
/// n). All requests may be repeated. A reply with an old tag, damaged or of the wrong length is
/// never taken.
class FrameLink {
 public:
    explicit FrameLink(std::unique_ptr<ByteStream> stream, const FrameLinkSettings& settings = {});

    /// Returns what errors call the device.
    const std::string& name() const { return stream_->name(); }

    /// Sets how many bytes of requests may be on their way beside one that the device works on; 0,
    /// as at the start, means one request at a time.
    void setWindow(std::size_t bytes) { window_ = bytes; }

    /// Sends all requests; calls `take(i, payload)` with the payload of the reply to request i,
    /// once for each and in their order. Throws Error naming the device if it doesn't answer a
    /// request after several attempts, or refuses one, or the stream is gone.
    void exchange(Span<const FrameRequest> requests,
                  const std::function<void(std::size_t, std::string_view)>& take);

    /// Takes the tag that the device calls the newest, after an exchange. Returns true if that is
    /// the tag of the last request; otherwise requests from now on have newer ones.
    bool continueFrom(std::uint32_t newestTag);

    /// Returns how many requests were sent again.
    std::uint64_t repeated() const { return repeated_; }

 private:
    struct Sent {
        std::size_t request;
        std::uint32_t tag;
        std::size_t bytes;
    };

    void sendWhatFits(Span<const FrameRequest> requests);
    void accept(std::string_view content, Span<const FrameRequest> requests,
                const std::function<void(std::size_t, std::string_view)>& take);
    void goBack();

    std::unique_ptr<ByteStream> stream_;
    FrameLinkSettings settings_;
    FrameParser parser_;
    std::size_t window_ = 0;
    std::uint32_t tag_;
    std::uint64_t repeated_ = 0;
    // The exchange that is going on.
    std::size_t next_ = 0;      ///< request to send next
    std::size_t answered_ = 0;  ///< requests that were replied to
    std::deque<Sent> sent_;     ///< requests that wait for their replies
    bool missed_ = false;       ///< a reply came out of order: one before it is missing
};

}  // namespace brownout
