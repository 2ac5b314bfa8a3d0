#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/chip.h"
#include "model/operating_point.h"
#include "profiles/generator/recipe.h"
#include "profiles/measured_chips.h"
#include "profiles/profile_info.h"
#include "profiles/supply_range.h"

namespace brownout {

/// A population of chips in a file (FORMAT.md). Copies share the file; every function may be called
/// from several threads at once.
///
/// Voltages are in the unit of the profile, device().unit.
class Profile {
 public:
    /// Opens a profile and checks all of it but the cells of the chips, which are checked as they
    /// are read. Throws Error naming the file and the object in it if anything is missing, damaged,
    /// inconsistent, or of a newer major version.
    ///
    /// HDF5 1.10 can crash or loop on damaged metadata, about once in a hundred files with a few
    /// flipped bytes, and no check from outside finds all such files. In a file that carries a seal
    /// damage is found before HDF5 sees it; a program that takes other files from strangers opens
    /// them and calls readAll() in a child process first (base/trial_run.h), as `brownout` does.
    static Profile open(const std::filesystem::path& path);

    /// Reads as much of the cells as it takes to find out whether that goes well, and drops it.
    void readAll() const;

    const std::filesystem::path& path() const;
    /// Returns the fingerprint of the file's bytes: see base/fingerprint.h.
    const std::string& fingerprint() const;
    /// Returns a fingerprint of what the first `chips` chips are, how their accesses cost energy,
    /// and what voltages mean: of all that decides the results of a campaign. Two files that differ
    /// in who made them, when and how only, or in chips beyond, have the same one. Reads the cells
    /// of these chips unless they come from a recipe. Throws Error naming the file.
    std::string chipsFingerprint(std::uint32_t chips) const;
    /// Returns true if the file carries a seal, which open() found intact.
    bool sealed() const;

    const ProfileHeader& header() const;
    const ProfileInfo& info() const { return header().info; }
    const Device& device() const { return header().device; }
    const std::optional<EnergyModel>& energy() const { return header().energy; }
    /// Returns the voltages that the profile was calibrated or measured at, ascending: those to
    /// sweep by default. Never empty.
    const std::vector<double>& referenceVoltages() const { return header().referenceVoltages; }

    Encoding encoding() const;
    /// Returns the parameters of the recipe encoding; absent in others.
    const std::optional<Recipe>& recipe() const;
    std::uint32_t chipCount() const;

    /// Returns the supplies and temperatures that the profile knows about.
    const SupplyRange& supplies() const;
    /// Returns the measurements of the counts encoding, null in others. Lives as long as the
    /// profile or a copy of it.
    const MeasuredChips* counts() const;

    /// Returns the share of cells that fail at a supply in expectation; absent where only a
    /// measurement exists.
    std::optional<double> expectedRate(double supply,
                                       std::optional<double> temperatureC = {}) const;

    /// Reads or draws a chip, always the same for the same file and index. Throws Error naming the
    /// file if there is no such chip, its cells are damaged, or the encoding is counts, which know
    /// of no critical voltages.
    Chip chip(std::uint32_t index) const;

    /// Reads or draws a chip as far as supplies of at least `floorVoltage` are concerned: without
    /// the cells that fail only below, which saves most of the work where few cells fail. Throws
    /// Error also if the floor is below the lowest of supplies().
    Chip chip(std::uint32_t index, double floorVoltage) const;

 private:
    struct Content;
    explicit Profile(std::shared_ptr<const Content> content);
    static std::shared_ptr<Content> read(const std::filesystem::path& path);
    void requireChip(std::uint32_t index) const;

    std::shared_ptr<const Content> content_;
};

/// Returns whether a file begins as a sealed profile does; whether it is whole, Profile::open()
/// finds out.
bool carriesSeal(const std::filesystem::path& path);

}  // namespace brownout
