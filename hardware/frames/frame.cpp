#include "hardware/frames/frame.h"

#include <zlib.h>

#include "hardware/frames/little_endian.h"

namespace brownout {
namespace {

constexpr char kFlag = 0x7E;
constexpr char kEscape = 0x7D;
constexpr char kEscapeFlip = 0x20;
constexpr std::size_t kChecksumBytes = 4;

std::uint32_t checksumOf(std::string_view content) {
    return static_cast<std::uint32_t>(::crc32(0, reinterpret_cast<const Bytef*>(content.data()),
                                              static_cast<uInt>(content.size())));
}

void appendStuffed(std::string& line, std::string_view bytes) {
    for (const char byte : bytes) {
        if (byte == kFlag || byte == kEscape) {
            line += kEscape;
            line += static_cast<char>(byte ^ kEscapeFlip);
        } else {
            line += byte;
        }
    }
}

}  // namespace

std::string frameOf(std::string_view content) {
    std::string line;
    line.reserve(content.size() + content.size() / 32 + 16);
    line += kFlag;
    appendStuffed(line, content);
    std::string checksum;
    appendLittleEndian(checksum, checksumOf(content), kChecksumBytes);
    appendStuffed(line, checksum);
    line += kFlag;
    return line;
}

void FrameParser::feed(std::string_view bytes, const std::function<void(std::string_view)>& take) {
    for (const char byte : bytes) {
        if (byte == kEscape) {
            escaped_ = true;
        } else if (byte != kFlag) {
            // One byte more than allowed is kept, and stands for any number of them.
            if (frame_.size() <= most_ + kChecksumBytes) {
                frame_ += escaped_ ? static_cast<char>(byte ^ kEscapeFlip) : byte;
            }
            escaped_ = false;
        } else {
            const std::string frame = std::move(frame_);
            frame_.clear();
            const bool broken = escaped_;
            escaped_ = false;
            if (frame.empty() && !broken) continue;  // two flags in a row
            if (broken || frame.size() < kChecksumBytes || frame.size() > most_ + kChecksumBytes) {
                ++badFrames_;
                continue;
            }
            const std::string_view content(frame.data(), frame.size() - kChecksumBytes);
            if (checksumOf(content) != littleEndian(frame, content.size(), kChecksumBytes)) {
                ++badFrames_;
                continue;
            }
            take(content);
        }
    }
}

}  // namespace brownout
