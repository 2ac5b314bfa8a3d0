#pragma once

#include <string>

#include "base/temporary_files.h"
#include "emulation/scenario/scenario.h"
#include "inference/onnx/onnx_import.h"
#include "profiles/generator/presets.h"
#include "profiles/profile_writer.h"

namespace brownout::test {

/// A scenario of the shipped network on the shipped chips with SECDED: `rows` are the lines of its
/// trace below the columns time_s, temperature_c, load, supply.
inline ScenarioRequest scenarioRequest(const std::string& rows, std::size_t images = 64) {
    ScenarioRequest request;
    request.network =
        requestFor(importOnnx(BROWNOUT_SOURCE_DIR "/inference/zoo/fashion-rquant.onnx"));
    request.network.path = request.network.network.file;
    request.data = openDataset("fashion-mnist").take(images);
    request.memory.profile = Profile::open(BROWNOUT_SOURCE_DIR "/profiles/14nm.h5");
    request.memory.protections = {"secded"};
    request.trace =
        readTrace(*memoryInput("trace.csv", "time_s,temperature_c,load,supply\n" + rows), 100);
    request.chips = 2;
    return request;
}

inline ScenarioResult runOn(const ScenarioRequest& request, unsigned threads = 2) {
    return Scenario(request).run(threads, [] {});
}

/// The difference of the chips of `writeWarmProfile` from those of 14nm.h5.
struct WarmChips {
    double temperatureCoefficient = 5e-4;  ///< Vmin a degree
    double readNoise = 0;
    std::uint32_t chips = 2;
    double highest = 1;  ///< supply up to which the profile speaks, Vmin
};

/// Writes chips like those of 14nm.h5, down to 0.85 Vmin, whose critical voltages rise from 25 °C
/// on, and whose arrays leak 1 mW at 0.8 Vmin and 4 mW at 1.05, exponentially in between.
inline void writeWarmProfile(const std::filesystem::path& path, const WarmChips& warm = {}) {
    RecipePreset preset = recipePreset("14nm-iid");
    ThresholdRange range{warm.chips, 0.85, warm.highest, {}};
    range.shifts.readNoise = warm.readNoise;
    range.shifts.referenceTemperatureC = 25;
    range.shifts.temperatureCoefficient = warm.temperatureCoefficient;
    ProfileHeader header = headerOf(preset);
    header.referenceVoltages = {0.875};
    header.energy = EnergyModel(
        {{0.8, 0.64e-12, 1.28e-12, 1e-3}, {1.05, 1.1025e-12, 2.205e-12, 4e-3}}, 1.0, "test");
    writeThresholdProfile(path, header, range, [&](std::uint32_t chip) {
        return drawChip(preset.recipe, preset.device.geometry, chip);
    });
}

}  // namespace brownout::test
