#include "hardware/frames/frame_memory.h"

#include "base/error.h"
#include "model/coded_overlay.h"

namespace brownout {
namespace {

/// Returns the shape of a device. Throws Error if the device doesn't protect words as `protection`
/// does, or chips of such a geometry don't fit it.
RtlBufferShape fittingShape(const FrameDevice& device, const SramGeometry& chip,
                            const Protection& protection, const std::string& chipsName) {
    requireSingleWords(protection, "the RTL buffer at " + device.name());
    const FrameDeviceInfo& info = device.info();
    const auto codec = codecNumberOf(protection.name());
    if (!codec || *codec != info.codec) {
        throw Error(device.name(), "has the codec " + codecName(info.codec) +
                                       "; the protection is " + protection.name());
    }
    RtlBufferShape shape{"at " + device.name(), info.dataBits, info.words(), info.rows};
    checkFits(shape, chip, protection, chipsName);
    return shape;
}

}  // namespace

FrameMemory::FrameMemory(std::unique_ptr<FrameDevice> device, std::shared_ptr<ChipSource> chips,
                         std::shared_ptr<const Protection> protection, const std::string& chipsName)
    : device_(std::move(device)),
      protection_(std::move(protection)),
      placement_(chips->geometry(), *protection_),
      addresses_(placement_.dataGeometry().wordsPerArray(),
                 fittingShape(*device_, chips->geometry(), *protection_, chipsName).rowsPerBank),
      chips_(std::move(chips)) {
    // An earlier user's masks may still be loaded; a memory that was just made has no faults.
    device_->clearMasks();
}

void FrameMemory::setSupply(const OperatingPoint& at) {
    faults_ = chips_.faults(load_, at);
    std::vector<CodedFault> masks;
    CodedOverlay(faults_, placement_).forEachWord([&](CodedFault fault) {
        fault.word = addresses_.addressOf(fault.word);
        masks.push_back(fault);
    });
    device_->clearMasks();
    device_->loadMasks(masks);
}

void FrameMemory::write(std::uint64_t first, Span<const Word> words) {
    checkAccess(first, words.size(), 0);
    std::vector<FrameAccess> accesses;
    for (std::size_t done = 0; done < words.size();) {
        const std::uint64_t count = addresses_.consecutive(first + done, words.size() - done);
        accesses.push_back(
            {addresses_.addressOf(first + done), words.subspan(done, count), {}, {}});
        done += count;
    }
    device_->execute(accesses);
}

void FrameMemory::read(std::uint64_t first, Span<Word> words, Span<WordStatus> statuses) {
    checkAccess(first, words.size(), statuses.size());
    std::vector<FrameAccess> accesses;
    for (std::size_t done = 0; done < words.size();) {
        const std::uint64_t count = addresses_.consecutive(first + done, words.size() - done);
        accesses.push_back({addresses_.addressOf(first + done),
                            {},
                            words.subspan(done, count),
                            statuses.empty() ? statuses : statuses.subspan(done, count)});
        done += count;
    }
    device_->execute(accesses);
}

}  // namespace brownout
