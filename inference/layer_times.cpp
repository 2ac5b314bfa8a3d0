#include "inference/layer_times.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <numeric>

#include "inference/kernels/dispatch.h"

namespace brownout {
namespace {

double now() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

/// Returns the best of some short runs: what disturbs a run makes it slower.
double measuredPeak(const kernels::Kernels& kernels) {
    constexpr std::int64_t kRounds = 100'000;
    const double operations = 2.0 * kRounds * kernels::kPeakSums * kernels.lanes;
    double best = 0;
    float start = 0;
    for (int run = 0; run < 20; ++run) {
        const double begin = now();
        start = kernels.multiplyAdd(kRounds, start);
        best = std::max(best, operations / (now() - begin));
    }
    return best;
}

}  // namespace

double LayerTimes::blockSeconds() const {
    return std::accumulate(nodeSeconds.begin(), nodeSeconds.end(), otherSeconds);
}

LayerTimes timeLayers(Engine& engine, std::size_t nodes, double seconds) {
    constexpr std::size_t kLeastBlocks = 5;
    LayerTimes times;
    times.instructionSet = engine.instructionSet();
    times.arithmetic = engine.arithmetic();
    times.images = engine.lanes();
    std::vector<float> images(times.images * engine.imageElements());
    for (std::size_t i = 0; i < images.size(); ++i) images[i] = static_cast<float>(i % 17) / 17;
    std::vector<float> outputs(times.images * engine.outputs());
    engine.run(images.data(), times.images, outputs.data());

    const kernels::Kernels& kernels = kernelsFor(times.instructionSet);
    times.peakFlops = measuredPeak(kernels);
    // The least of each: on a machine with other work no whole block may be left alone.
    constexpr double kNever = std::numeric_limits<double>::infinity();
    times.nodeSeconds.assign(nodes, kNever);
    times.otherSeconds = kNever;
    const double begin = now();
    std::size_t blocks = 0;
    for (double end = begin; blocks < kLeastBlocks || end < begin + seconds; ++blocks) {
        std::vector<double> ofNodes(nodes);
        const double from = now();
        engine.runTimed(images.data(), outputs.data(), ofNodes);
        end = now();
        double other = end - from;
        for (std::size_t n = 0; n < nodes; ++n) {
            other -= ofNodes[n];
            times.nodeSeconds[n] = std::min(times.nodeSeconds[n], ofNodes[n]);
        }
        times.otherSeconds = std::clamp(other, 0.0, times.otherSeconds);
    }
    times.peakFlops = std::max(times.peakFlops, measuredPeak(kernels));
    return times;
}

}  // namespace brownout
