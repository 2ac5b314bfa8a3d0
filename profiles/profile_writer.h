#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

#include "model/chip.h"
#include "profiles/generator/recipe.h"
#include "profiles/profile.h"
#include "profiles/profile_info.h"

namespace brownout {

// Each function writes the whole file or nothing: an error, even a full disk, leaves what was there
// before. All throw Error naming the file, or the part of the header that isn't allowed.

/// Writes a population as a recipe. The format version of `header` is ignored: the file gets the
/// oldest that has all it uses.
void writeRecipeProfile(const std::filesystem::path& path, const ProfileHeader& header,
                        const Recipe& recipe);

/// The range of voltages that a threshold file knows about.
struct ThresholdRange {
    std::uint32_t chips = 1;
    double floorVoltage = 0;    ///< cells that fail only below are not in the file
    double highestVoltage = 0;  ///< highest supply the profile speaks about
    /// Shifts of the critical voltages. With read noise, the file speaks of supplies from the
    /// noise's reach above the floor.
    VoltageShifts shifts = {};
};

/// Writes chips cell by cell. `chip` is called once for each, in ascending order; one chip at a
/// time is in memory. Cells at or below the floor are left out.
void writeThresholdProfile(const std::filesystem::path& path, const ProfileHeader& header,
                           const ThresholdRange& range,
                           const std::function<Chip(std::uint32_t)>& chip);

/// Writes all chips of a profile, whatever its encoding, cell by cell, with the same header and one
/// more line of history.
void expandProfile(const Profile& profile, const std::filesystem::path& path);

}  // namespace brownout
