#include <benchmark/benchmark.h>

#include <filesystem>

#include "base/temporary_files.h"
#include "model/fault_overlay.h"
#include "profiles/generator/presets.h"
#include "profiles/profile.h"
#include "profiles/profile_chips.h"
#include "profiles/profile_writer.h"
#include "profiles/simulated_measurement.h"

// What a chip of the shipped population costs: drawn down to a supply, and its overlay there; and
// the same of measured chips, read from their counts.

namespace brownout {
namespace {

const char kProfile[] = BROWNOUT_SOURCE_DIR "/profiles/14nm.h5";

void BM_DrawChipOfProfile(benchmark::State& state) {
    const Profile profile = Profile::open(kProfile);
    const double supply = static_cast<double>(state.range(0)) / 1000;
    std::uint32_t chip = 0;
    std::size_t cells = 0;
    for (auto unused : state) {
        cells = profile.chip(chip++ % profile.chipCount(), supply).cells().size();
        benchmark::DoNotOptimize(cells);
    }
    state.counters["cells"] = static_cast<double>(cells);
}
BENCHMARK(BM_DrawChipOfProfile)->Arg(917)->Arg(833)->Arg(750)->Unit(benchmark::kMillisecond);

void BM_OverlayAtSupply(benchmark::State& state) {
    const Profile profile = Profile::open(kProfile);
    const Chip chip = profile.chip(0);
    const double supply = static_cast<double>(state.range(0)) / 1000;
    for (auto unused : state) {
        const FaultOverlay overlay(chip.geometry(), chip.cellsAbove(supply));
        benchmark::DoNotOptimize(&overlay);
    }
    state.counters["cells"] = static_cast<double>(chip.cellsAbove(supply).size());
}
BENCHMARK(BM_OverlayAtSupply)->Arg(917)->Arg(833)->Arg(750)->Unit(benchmark::kMillisecond);

/// Fifty chips of 32 arrays of 512 x 64, measured at the seven voltages with 100 reads, in a file
/// that is removed when the program ends.
class MeasuredProfile {
 public:
    MeasuredProfile() {
        RecipePreset preset = recipePreset("14nm-iid");
        preset.recipe.chips = 50;
        writeRecipeProfile(folder_ / "recipe.h5", headerOf(preset), preset.recipe);
        const Profile recipe = Profile::open(folder_ / "recipe.h5");
        measureProfile(recipe, path(), {recipe.referenceVoltages(), {}, 100, 1});
    }
    std::filesystem::path path() const { return folder_ / "counts.h5"; }
    static const MeasuredProfile& get() {
        static const MeasuredProfile profile;
        return profile;
    }

 private:
    TemporaryFolder folder_;
};

/// Opening the file is shared by its 50 chips; a chip is then read at one supply.
void BM_OverlayOfMeasuredChip(benchmark::State& state) {
    const Profile profile = Profile::open(MeasuredProfile::get().path());
    const double supply = profile.referenceVoltages()[static_cast<std::size_t>(state.range(0))];
    std::uint32_t chip = 0;
    std::uint64_t cells = 0;
    for (auto unused : state) {
        ProfileChips chips(profile);
        cells = chips.faults(chip++ % profile.chipCount(), {supply})->failingCells();
        benchmark::DoNotOptimize(cells);
    }
    state.counters["cells"] = static_cast<double>(cells);
}
BENCHMARK(BM_OverlayOfMeasuredChip)->Arg(0)->Arg(2)->Arg(5)->Unit(benchmark::kMillisecond);

void BM_OpenMeasuredProfile(benchmark::State& state) {
    const std::filesystem::path path = MeasuredProfile::get().path();
    for (auto unused : state) benchmark::DoNotOptimize(Profile::open(path).chipCount());
    state.counters["MB"] = static_cast<double>(std::filesystem::file_size(path)) / 1e6;
}
BENCHMARK(BM_OpenMeasuredProfile)->Unit(benchmark::kMillisecond);

void BM_OpenProfile(benchmark::State& state) {
    for (auto unused : state) benchmark::DoNotOptimize(Profile::open(kProfile).chipCount());
}
BENCHMARK(BM_OpenProfile)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace brownout
