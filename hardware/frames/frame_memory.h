#pragma once

#include <memory>
#include <string>
#include <vector>

#include "hardware/frames/frame_device.h"
#include "model/check_placement.h"
#include "model/chip_socket.h"
#include "model/drawn_chips.h"
#include "model/rtl_buffer_shape.h"
#include "model/weight_memory.h"

namespace brownout {

/// An FPGA that plays failing chips: a weight buffer behind the frame protocol whose fault masks
/// are loaded with the faults of a chip at each supply. It encodes and decodes by itself.
class FrameMemory final : public WeightMemory, public ChipSocket {
 public:
    /// Makes a memory of the device's first words. Throws Error naming the device if its codec
    /// isn't that of `protection`, or naming `chipsName` if the chips don't fit it.
    FrameMemory(std::unique_ptr<FrameDevice> device, std::shared_ptr<ChipSource> chips,
                std::shared_ptr<const Protection> protection, const std::string& chipsName);

    std::uint64_t words() const override { return placement_.dataGeometry().words(); }
    const Protection& protection() const override { return *protection_; }
    void setSupply(const OperatingPoint& at) override;
    void write(std::uint64_t first, Span<const Word> words) override;
    void read(std::uint64_t first, Span<Word> words, Span<WordStatus> statuses) override;
    using WeightMemory::read;
    using WeightMemory::setSupply;

    const SramGeometry& geometry() const override { return chips_.geometry(); }
    void insert(const LoadId& load) override { load_ = load; }
    std::shared_ptr<const FaultOverlay> faults() const override { return faults_; }

    /// Returns the place of data words in the device's addresses.
    const RtlAddressMap& addresses() const { return addresses_; }
    FrameDevice& device() { return *device_; }

 private:
    std::unique_ptr<FrameDevice> device_;
    std::shared_ptr<const Protection> protection_;
    CheckPlacement placement_;
    RtlAddressMap addresses_;
    DrawnChips chips_;
    LoadId load_;
    std::shared_ptr<const FaultOverlay> faults_ = std::make_shared<const FaultOverlay>();
};

}  // namespace brownout
