#include "tools/brownout/layer_times_output.h"

#include <algorithm>
#include <iomanip>
#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/numbers.h"

namespace brownout {
namespace {

using nlohmann::json;

/// Layers that multiply nothing and take less of a block share a line.
constexpr double kShownShare = 1e-3;

/// The time of one layer for a block of images.
struct LayerTime {
    double seconds = 0;
    double share = 0;      ///< of the block
    double flops = 0;      ///< operations a second, two for each multiply-accumulate
    double peakShare = 0;  ///< flops / peak
};

LayerTime timeOf(const LayerInfo& layer, const LayerTimes& times) {
    LayerTime time;
    time.seconds = times.nodeSeconds.at(layer.node);
    time.share = time.seconds / times.blockSeconds();
    if (time.seconds > 0) {
        time.flops = 2.0 * static_cast<double>(layer.macs) * static_cast<double>(times.images) /
                     time.seconds;
    }
    time.peakShare = time.flops / times.peakFlops;
    return time;
}

/// Returns the seconds of a block that no layer takes. Nodes that are no layers take none.
double otherSeconds(const NetworkInfo& info, const LayerTimes& times) {
    double seconds = times.blockSeconds();
    for (const LayerInfo& layer : info.layers) seconds -= timeOf(layer, times).seconds;
    return seconds;
}

std::string fixed(double value, int digits) {
    std::ostringstream text;
    text << std::fixed << std::setprecision(digits) << value;
    return text.str();
}

}  // namespace

void print(const NetworkInfo& info, const LayerTimes& times) {
    const double images = static_cast<double>(times.images);
    std::cout << "\n  A block of " << times.images << " images takes one thread "
              << fixed(1e3 * times.blockSeconds(), 2) << " ms (" << times.instructionSet << ", "
              << times.arithmetic << "), " << fixed(images / times.blockSeconds(), 0)
              << " images/s. Multiplications\n  and additions in registers reach "
              << fixed(1e-9 * times.peakFlops, 0)
              << " GFLOP/s, the peak. GFLOP/s of layers are those of sums in direct order,\n"
                 "  which Winograd reaches with fewer multiplications.\n\n";
    std::size_t width = std::string("images in, outputs out").size();
    for (const LayerInfo& layer : info.layers) width = std::max(width, layer.name.size());
    const auto row = [&](const std::string& name, const std::string& op, const std::string& ms,
                         const std::string& share, const std::string& flops,
                         const std::string& peak) {
        std::cout << "  " << std::left << std::setw(static_cast<int>(width) + 2) << name
                  << std::setw(24) << op << std::right << std::setw(10) << ms << std::setw(10)
                  << share << std::setw(10) << flops << std::setw(10) << peak << "\n";
    };
    const auto shareOf = [](double share) { return percent(share, 1) + " %"; };
    row("layer", "operator", "ms", "share", "GFLOP/s", "of peak");
    LayerTime others;
    for (const LayerInfo& layer : info.layers) {
        const LayerTime time = timeOf(layer, times);
        const bool counts = layer.macs > 0 && time.seconds > 0;
        if (!counts && time.share < kShownShare) {
            others.seconds += time.seconds;
            others.share += time.share;
            continue;
        }
        row(layer.name, layer.op, fixed(1e3 * time.seconds, 3), shareOf(time.share),
            counts ? fixed(1e-9 * time.flops, 1) : "", counts ? shareOf(time.peakShare) : "");
    }
    row("all others", "", fixed(1e3 * others.seconds, 3), shareOf(others.share), "", "");
    const double other = otherSeconds(info, times);
    row("images in, outputs out", "", fixed(1e3 * other, 3), shareOf(other / times.blockSeconds()),
        "", "");
    const double flops = 2.0 * static_cast<double>(info.macs) * images / times.blockSeconds();
    row("total", "", fixed(1e3 * times.blockSeconds(), 3), "", fixed(1e-9 * flops, 1),
        shareOf(flops / times.peakFlops));
}

void addTimes(const NetworkInfo& info, const LayerTimes& times, json& network) {
    for (std::size_t l = 0; l < info.layers.size(); ++l) {
        const LayerTime time = timeOf(info.layers[l], times);
        const bool counts = info.layers[l].macs > 0 && time.seconds > 0;
        json& layer = network.at("layers").at(l);
        layer["ms_per_block"] = 1e3 * time.seconds;
        layer["time_share"] = time.share;
        layer["gflops"] = counts ? json(1e-9 * time.flops) : json();
        layer["peak_share"] = counts ? json(time.peakShare) : json();
    }
    network["time"] = {
        {"instruction_set", times.instructionSet},
        {"arithmetic", times.arithmetic},
        {"images_per_block", times.images},
        {"ms_per_block", 1e3 * times.blockSeconds()},
        {"other_ms_per_block", 1e3 * otherSeconds(info, times)},
        {"images_per_second", static_cast<double>(times.images) / times.blockSeconds()},
        {"peak_gflops", 1e-9 * times.peakFlops}};
}

}  // namespace brownout
