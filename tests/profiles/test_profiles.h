#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <tuple>
#include <vector>

#include "base/error.h"
#include "base/fingerprint.h"
#include "model/chip.h"
#include "profiles/chips/chip_cells.h"
#include "profiles/generator/presets.h"
#include "profiles/profile_chips.h"
#include "profiles/profile_writer.h"

namespace brownout {

inline std::string shippedProfile() { return BROWNOUT_SOURCE_DIR "/profiles/14nm.h5"; }

/// Two arrays of 64 x 32 cells: quick to draw and to read.
inline RecipePreset smallPreset() {
    RecipePreset preset = recipePreset("14nm-iid", SramGeometry{2, 64, 32, 1});
    preset.recipe.chips = 5;
    preset.recipe.seed = 7;
    return preset;
}

/// The numbers of a chip's cells as bytes, little-endian.
inline std::string bytesOf(const Chip& chip) {
    std::string bytes;
    const auto add = [&](const void* value) { bytes.append(static_cast<const char*>(value), 4); };
    for (const FaultyCell& cell : chip.cells()) {
        add(&cell.cell);
        add(&cell.criticalVoltage);
        add(&cell.p01);
        add(&cell.p10);
    }
    return bytes;
}

/// Returns the cells of a chip that fail at an operating point in some reads or all, as statistics
/// list them, after checking that ProfileChips gives the same ones by word.
inline std::vector<FaultyCell> cellsAt(const Profile& profile, std::uint32_t chip,
                                       const OperatingPoint& at) {
    std::vector<FaultyCell> cells =
        ChipCells(profile, chip, at.supply, at.temperatureC).at(at.supply);
    const auto sorted = [](const std::vector<FaultyCell>& some) {
        std::vector<std::tuple<std::uint32_t, float, float>> all;
        for (const FaultyCell& one : some) {
            if (one.p01 > 0 || one.p10 > 0) all.emplace_back(one.cell, one.p01, one.p10);
        }
        std::sort(all.begin(), all.end());
        return all;
    };
    EXPECT_EQ(sorted(cells), sorted(ProfileChips(profile).faults(chip, at)->cells()));
    return cells;
}

/// what() of the Error that `action` throws; a failure of the test if it throws none.
template <typename Action>
std::string errorOf(Action action) {
    try {
        action();
    } catch (const Error& error) {
        return error.what();
    }
    ADD_FAILURE() << "no error";
    return "";
}

}  // namespace brownout
