#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "model/fault_overlay.h"
#include "model/geometry.h"
#include "profiles/chip_faults.h"
#include "profiles/profile.h"

namespace brownout {

/// Where the faults of a campaign come from: the chips of a profile at supplies, or uniform fields
/// at rates. Safe to use from several threads.
class FaultSource {
 public:
    virtual ~FaultSource() = default;

    /// The memory that the networks are laid out in.
    virtual const SramGeometry& geometry() const = 0;

    /// Faults of chip `chip` at point `point`, probabilistic cells not yet drawn.
    virtual FaultOverlay faultsAt(std::uint32_t chip, std::uint32_t point) = 0;
};

/// Chips of a profile at supplies in the profile's unit.
class ProfileFaults final : public FaultSource {
 public:
    /// Keeps the chips used last, at most `kept` of them: a chip is drawn or read once as long as
    /// no more are in use at a time.
    ProfileFaults(Profile profile, std::vector<double> supplies, std::size_t kept,
                  std::optional<double> temperatureC = {});

    const SramGeometry& geometry() const override { return profile_.device().geometry; }
    FaultOverlay faultsAt(std::uint32_t chip, std::uint32_t point) override;

 private:
    struct Kept;
    std::shared_ptr<const ChipFaults> chip(std::uint32_t index);

    Profile profile_;
    std::vector<double> supplies_;
    std::optional<double> temperatureC_;
    double lowest_;  ///< of the supplies: cells that fail only below are never looked at
    std::size_t most_;
    std::mutex mutex_;
    std::list<std::shared_ptr<Kept>> kept_;  ///< used last comes first
};

/// Uniform random faults, flipping cells, at bit error rates, in a memory of one's own choice.
class UniformFaults final : public FaultSource {
 public:
    UniformFaults(const SramGeometry& geometry, std::uint64_t seed, std::vector<double> rates);

    const SramGeometry& geometry() const override { return geometry_; }
    FaultOverlay faultsAt(std::uint32_t chip, std::uint32_t point) override;

 private:
    SramGeometry geometry_;
    std::uint64_t seed_;
    std::vector<double> rates_;
};

}  // namespace brownout
