#include "hardware/frames/frame_link.h"

#include <array>
#include <random>

#include "base/error.h"
#include "hardware/frames/little_endian.h"

namespace brownout {
namespace {

constexpr std::size_t kReplyHeader = 6;      ///< operation, status, tag
constexpr std::size_t kMostReply = 1 << 13;  ///< the longest, of 255 failures, has 5620 bytes

std::string contentOf(const FrameRequest& request, std::uint32_t tag) {
    std::string content;
    content.reserve(10 + request.payload.size());
    content += static_cast<char>(request.op);
    content += static_cast<char>(request.count);
    appendLittleEndian(content, tag, 4);
    appendLittleEndian(content, request.address, 4);
    return content + request.payload;
}

std::string refusal(std::uint8_t status) {
    switch (status) {
        case 1:
            return "knows no such operation";
        case 2:
            return "found a payload of the wrong length";
        case 3:
            return "has no such word";
        case 4:
            return "has no such March algorithm";
        default:
            return "gave the unknown status " + std::to_string(status);
    }
}

std::string describe(const FrameRequest& request) {
    return "request " + std::to_string(static_cast<int>(request.op)) + " for " +
           std::to_string(request.count) + " from word " + std::to_string(request.address) + " on";
}

}  // namespace

FrameLink::FrameLink(std::unique_ptr<ByteStream> stream, const FrameLinkSettings& settings)
    : stream_(std::move(stream)),
      settings_(settings),
      parser_(kMostReply),
      // Replies to a client before this one may still be on the line.
      tag_(std::random_device()()) {}

void FrameLink::exchange(Span<const FrameRequest> requests,
                         const std::function<void(std::size_t, std::string_view)>& take) {
    next_ = 0;
    answered_ = 0;
    sent_.clear();
    std::array<char, 1 << 14> arrived{};
    unsigned failures = 0;
    Deadline deadline = Deadline::in(settings_.timeout);
    while (answered_ < requests.size()) {
        sendWhatFits(requests);
        const std::size_t count = stream_->read(arrived.data(), arrived.size(), deadline);
        const std::size_t before = answered_;
        missed_ = false;
        parser_.feed({arrived.data(), count},
                     [&](std::string_view content) { accept(content, requests, take); });
        if (answered_ > before) {
            failures = 0;
            deadline = Deadline::in(settings_.timeout);
        }
        // Bytes that are no replies don't make the time longer.
        if (!missed_ && (answered_ > before || !deadline.passed())) continue;
        if (answered_ == requests.size()) break;
        if (++failures == settings_.attempts) {
            throw Error(name(), "no answer to " + describe(requests[answered_]) + " in " +
                                    std::to_string(failures) + " attempts");
        }
        goBack();
        deadline = Deadline::in(settings_.timeout);
    }
}

bool FrameLink::continueFrom(std::uint32_t newestTag) {
    if (newestTag + 1 == tag_) return true;
    tag_ = newestTag + 1;
    return false;
}

void FrameLink::sendWhatFits(Span<const FrameRequest> requests) {
    // The device has taken the oldest one in; the others wait in its queue.
    std::size_t waiting = 0;
    for (std::size_t i = 1; i < sent_.size(); ++i) waiting += sent_[i].bytes;
    std::string line;
    while (next_ < requests.size()) {
        const std::string frame = frameOf(contentOf(requests[next_], tag_));
        if (!sent_.empty()) {
            waiting += frame.size();
            if (waiting > window_) break;
        }
        sent_.push_back({next_, tag_, frame.size()});
        line += frame;
        ++next_;
        ++tag_;
    }
    if (!line.empty()) stream_->write(line, Deadline::in(settings_.timeout));
}

void FrameLink::accept(std::string_view content, Span<const FrameRequest> requests,
                       const std::function<void(std::size_t, std::string_view)>& take) {
    if (content.size() < kReplyHeader || sent_.empty()) return;
    const auto tag = static_cast<std::uint32_t>(littleEndian(content, 2, 4));
    if (tag != sent_.front().tag) {
        for (const Sent& sent : sent_) missed_ = missed_ || sent.tag == tag;
        return;
    }
    const FrameRequest& request = requests[sent_.front().request];
    const auto op = static_cast<std::uint8_t>(content[0]);
    const auto status = static_cast<std::uint8_t>(content[1]);
    if (op != (static_cast<std::uint8_t>(request.op) | 0x80U)) {
        throw Error(name(), "answered " + describe(request) + " with reply " + std::to_string(op));
    }
    if (status != 0) throw Error(name(), refusal(status) + ": " + describe(request));
    const std::string_view payload = content.substr(kReplyHeader);
    if (request.replyBytes && payload.size() != *request.replyBytes) {
        throw Error(name(), "answered " + describe(request) + " with " +
                                std::to_string(payload.size()) + " bytes; expected " +
                                std::to_string(*request.replyBytes));
    }
    const std::size_t answered = sent_.front().request;
    sent_.pop_front();
    ++answered_;
    take(answered, payload);
}

/// Makes ready to send again what wasn't replied to, once nothing comes any more that may be an old
/// reply: the device is then done with what it got.
void FrameLink::goBack() {
    repeated_ += sent_.size();
    next_ = answered_;
    sent_.clear();
    std::array<char, 1 << 12> dropped{};
    const Deadline end = Deadline::in(settings_.timeout);
    while (!end.passed() &&
           stream_->read(dropped.data(), dropped.size(), Deadline::in(settings_.quiet)) > 0) {
    }
}

}  // namespace brownout
