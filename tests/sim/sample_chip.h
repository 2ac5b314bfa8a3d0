#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "model/chip.h"
#include "model/random.h"
#include "model/threshold_chips.h"

namespace brownout::test {

/// A chip of which a share `rate` of the cells fails somewhere between 0.75 and 1: stuck at 0,
/// stuck at 1, flipping, and (a quarter) failing sometimes. Always the same for the same arguments.
inline std::shared_ptr<const Chip> sampleChip(const SramGeometry& geometry, double rate,
                                              std::uint32_t number = 0, bool persistent = false) {
    RandomStream random(11, RandomDomain::kTraffic, number, 1);
    std::vector<FaultyCell> cells;
    for (std::uint64_t cell = 0; cell < geometry.cells(); ++cell) {
        if (random.uniform() >= rate) continue;
        FaultyCell faulty{static_cast<std::uint32_t>(cell),
                          static_cast<float>(0.75 + 0.25 * random.uniform()), 0.F, 0.F};
        const std::uint64_t kind = random.next() % (persistent ? 3 : 4);
        if (kind == 3) {
            faulty.p01 = static_cast<float>(random.uniform());
            faulty.p10 = static_cast<float>(random.uniform());
        } else {
            faulty.p01 = kind == 1 ? 0.F : 1.F;
            faulty.p10 = kind == 0 ? 0.F : 1.F;
        }
        cells.push_back(faulty);
    }
    return std::make_shared<const Chip>(geometry, std::move(cells), 0.7);
}

/// A source of that chip alone.
inline std::shared_ptr<ChipSource> sampleChips(const SramGeometry& geometry, double rate) {
    return std::make_shared<ThresholdChips>(
        std::vector<std::shared_ptr<const Chip>>{sampleChip(geometry, rate)});
}

/// A source of a chip without faults.
inline std::shared_ptr<ChipSource> faultlessChips(const SramGeometry& geometry) {
    return std::make_shared<ThresholdChips>(Chip(geometry, {}, 0));
}

/// Chips that a test makes up as it goes.
class MadeUpChips final : public ChipSource {
 public:
    using Make = std::function<FaultOverlay(std::uint32_t chip)>;

    MadeUpChips(const SramGeometry& geometry, Make make)
        : geometry_(geometry), make_(std::move(make)) {}
    const SramGeometry& geometry() const override { return geometry_; }
    std::shared_ptr<const FaultOverlay> faults(std::uint32_t chip, const OperatingPoint&) override {
        return std::make_shared<const FaultOverlay>(make_(chip));
    }

 private:
    SramGeometry geometry_;
    Make make_;
};

}  // namespace brownout::test
