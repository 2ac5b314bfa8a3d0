#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <optional>

#include "model/chip.h"
#include "model/chip_source.h"
#include "profiles/profile.h"

namespace brownout {

/// The chips of a profile, whatever its encoding. Supplies are in the unit of the profile; a
/// temperature may be left out where the profile has only one (Profile::temperature).
class ProfileChips final : public ChipSource {
 public:
    /// Keeps the chips used last, at most `kept` of them: a chip is drawn or read once as long as
    /// no more are in use at a time. `lowestSupply` saves work: cells that fail only below it are
    /// looked at when a lower supply is asked for, which draws or reads the chip again. Without it
    /// that is so for the supply at which a chip is asked first.
    explicit ProfileChips(Profile profile, std::size_t kept = 1,
                          std::optional<double> lowestSupply = {});

    const SramGeometry& geometry() const override { return profile_.device().geometry; }
    /// Returns the faults of a chip at an operating point. Throws Error naming the file if there is
    /// no such chip, its cells are damaged, or the profile doesn't speak about that supply and
    /// temperature.
    std::shared_ptr<const FaultOverlay> faults(std::uint32_t chip,
                                               const OperatingPoint& at) override;

 private:
    struct Kept;
    /// Returns the chip with its cells down to `supply` at least.
    std::shared_ptr<const Chip> chip(std::uint32_t index, double supply);

    Profile profile_;
    std::size_t most_;
    std::optional<double> lowestSupply_;
    std::mutex mutex_;
    std::list<std::shared_ptr<Kept>> kept_;  ///< used last comes first
};

}  // namespace brownout
