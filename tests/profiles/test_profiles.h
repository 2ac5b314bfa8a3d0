#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/fingerprint.h"
#include "model/chip.h"
#include "profiles/generator/presets.h"
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
