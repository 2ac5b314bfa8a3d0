#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/chip.h"
#include "model/operating_point.h"
#include "profiles/fail_counts.h"
#include "profiles/generator/recipe.h"
#include "profiles/profile_info.h"

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

    /// Returns whether a file begins as a sealed one does; whether it is whole, open() finds out.
    static bool carriesSeal(const std::filesystem::path& path);

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

    /// Returns read noise and temperature of the threshold and recipe encodings.
    const VoltageShifts& shifts() const;
    /// Returns by how much critical voltages are higher at a temperature than at the reference
    /// temperature.
    double voltageShift(std::optional<double> temperatureC) const;

    /// Return the range that the profile knows about at the reference temperature. With read
    /// noise, from its reach above the last critical voltage that is known.
    double lowestVoltage() const;
    double highestVoltage() const;

    /// Returns a voltage that the user gave, in the unit of the profile. Throws Error naming the
    /// file if the profile can't convert it, or if it says nothing about it at that temperature.
    double supply(const Voltage& voltage, std::optional<double> temperatureC = {}) const;

    /// Returns the share of cells that fail at a supply in expectation; absent where only a
    /// measurement exists.
    std::optional<double> expectedRate(double supply,
                                       std::optional<double> temperatureC = {}) const;

    /// Returns the temperature that is meant when `asked` was asked for: if nothing was, the only
    /// one there is, the reference temperature, or none if the profile doesn't say. Throws Error
    /// listing those there are if that is not one, or if `asked` is none of them and the profile
    /// doesn't say how cells depend on the temperature.
    std::optional<double> temperature(std::optional<double> asked) const;

    /// Returns the supply at which as many cells fail at the reference temperature.
    double atReference(double supply, std::optional<double> temperatureC) const;

    /// Returns the conditions of the counts encoding; absent in others.
    const std::optional<CountsConditions>& countsConditions() const;
    /// Returns the cells of a chip that failed at a supply and temperature, and how much was
    /// measured. Throws Error if the encoding is not counts.
    MeasuredCells measuredCells(std::uint32_t index, const OperatingPoint& at) const;
    /// Returns the counts of one array. Throws Error if the encoding is not counts or there is
    /// no such place.
    ArrayCounts arrayCounts(const CountsPlace& place) const;

    /// Reads or draws a chip, always the same for the same file and index. Throws Error naming the
    /// file if there is no such chip, its cells are damaged, or the encoding is counts, which know
    /// of no critical voltages.
    Chip chip(std::uint32_t index) const;

    /// Reads or draws a chip as far as supplies of at least `floorVoltage` are concerned: without
    /// the cells that fail only below, which saves most of the work where few cells fail. Throws
    /// Error also if the floor is below lowestVoltage().
    Chip chip(std::uint32_t index, double floorVoltage) const;

 private:
    struct Content;
    explicit Profile(std::shared_ptr<const Content> content);
    static std::shared_ptr<Content> read(const std::filesystem::path& path);
    void requireChip(std::uint32_t index) const;

    std::shared_ptr<const Content> content_;
};

}  // namespace brownout
