#include "hardware/device/device.h"

#include <algorithm>

#include "base/error.h"
#include "base/input.h"
#include "hardware/device/word_bytes.h"

namespace brownout {
namespace {

/// Words between two signs of life: a second or so over a slow debug adapter.
constexpr std::size_t kPiece = 8192;

}  // namespace

std::string nameOf(DeviceAccess access) {
    return access == DeviceAccess::kAtSupply ? "at-supply" : "retention";
}

DeviceAccess deviceAccessOf(const std::string& option, const std::string& name) {
    for (const DeviceAccess access : {DeviceAccess::kAtSupply, DeviceAccess::kRetention}) {
        if (name == nameOf(access)) return access;
    }
    throw UsageError(option, quoted(name) + "; expected at-supply or retention");
}

HardwareDevice::HardwareDevice(std::unique_ptr<TargetMemory> target,
                               std::unique_ptr<ControlledSupply> supply,
                               const DeviceSettings& settings)
    : target_(std::move(target)),
      supply_(std::move(supply)),
      settings_(settings),
      bytes_(bytesOfWord(settings.geometry)) {
    settings_.geometry.validate();
}

void HardwareDevice::close() {
    supply_.reset();
    target_.reset();
}

Span<const std::uint8_t> HardwareDevice::packed(Span<const Word> words) {
    buffer_.clear();
    for (Word word : words) {
        for (std::uint64_t i = 0; i < bytes_; ++i, word >>= 8) {
            buffer_.push_back(static_cast<std::uint8_t>(word));
        }
    }
    return buffer_;
}

void HardwareDevice::writeChecked(std::uint64_t first, Span<const Word> words) {
    inPieces(words.size(), [&](std::size_t at, std::size_t count) {
        brownout::writeChecked(*target_, addressOf(first + at), packed(words.subspan(at, count)));
    });
    work_.wordsWritten += words.size();
}

void HardwareDevice::write(std::uint64_t first, Span<const Word> words) {
    inPieces(words.size(), [&](std::size_t at, std::size_t count) {
        target_->write(addressOf(first + at), packed(words.subspan(at, count)));
    });
    work_.wordsWritten += words.size();
}

void HardwareDevice::read(std::uint64_t first, Span<Word> words) {
    inPieces(words.size(), [&](std::size_t at, std::size_t count) {
        buffer_.resize(count * bytes_);
        target_->read(addressOf(first + at), buffer_);
        for (std::size_t i = 0; i < count; ++i) {
            Word& word = words[at + i] = 0;
            for (std::uint64_t b = bytes_; b-- > 0;) word = word << 8 | buffer_[i * bytes_ + b];
        }
    });
    work_.wordsRead += words.size();
}

void HardwareDevice::inPieces(std::size_t words,
                              const std::function<void(std::size_t, std::size_t)>& access) {
    const auto begin = std::chrono::steady_clock::now();
    for (std::size_t done = 0; done < words; done += kPiece) {
        access(done, std::min(kPiece, words - done));
        supply_->working();
    }
    const auto end = std::chrono::steady_clock::now();
    work_.seconds += std::chrono::duration<double>(end - begin).count();
}

}  // namespace brownout
