#include <benchmark/benchmark.h>

#include "model/fault_overlay.h"
#include "profiles/profile.h"

// What a chip of the shipped population costs: drawn down to a supply, and its overlay there.

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
        const FaultOverlay overlay(chip.geometry(), chip.failingAt(supply));
        benchmark::DoNotOptimize(&overlay);
    }
    state.counters["cells"] = static_cast<double>(chip.failingAt(supply).size());
}
BENCHMARK(BM_OverlayAtSupply)->Arg(917)->Arg(833)->Arg(750)->Unit(benchmark::kMillisecond);

void BM_OpenProfile(benchmark::State& state) {
    for (auto unused : state) benchmark::DoNotOptimize(Profile::open(kProfile).chipCount());
}
BENCHMARK(BM_OpenProfile)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace brownout
