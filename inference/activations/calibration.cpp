#include "inference/activations/calibration.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "inference/engines/float_engine.h"

namespace brownout {
namespace {

/// The range of a tensor over the images so far.
struct Range {
    double low = 0, high = 0;
};

/// Returns the value that a share of the others is at most as large as. Reorders them.
float quantileOf(std::vector<float>& values, double share) {
    const auto last = static_cast<double>(values.size() - 1);
    const auto at = values.begin() + static_cast<std::ptrdiff_t>(std::llround(share * last));
    std::nth_element(values.begin(), at, values.end());
    return *at;
}

ActivationCodes codesFor(const Range& range, std::uint32_t bits) {
    ActivationCodes codes;
    codes.bits = bits;
    codes.high = std::exp2(static_cast<float>(bits)) - 1;
    const double width = range.high - range.low;
    codes.scale = width > 0 ? static_cast<float>(width / codes.high) : 1.0F;
    codes.zero = std::nearbyint(static_cast<float>(-range.low / codes.scale));
    return codes;
}

}  // namespace

StoredActivations calibrated(StoredActivations activations, const Network& network,
                             const Dataset& data, const Calibration& calibration) {
    if (activations.complete()) return activations;
    std::vector<std::size_t> open;
    Network observed = network;
    observed.outputs.clear();
    for (std::size_t i = 0; i < activations.tensors.size(); ++i) {
        if (activations.tensors[i].hasCodes) continue;
        open.push_back(i);
        observed.outputs.push_back({activations.tensors[i].value, {}, false, false});
    }
    if (calibration.images == 0) {
        throw Error(network.file, "says nothing of the range of the activations of '" +
                                      activations.tensors[open[0]].layer +
                                      "'; expected a network with quantised activations, or images "
                                      "to calibrate on");
    }
    const std::vector<Shape> shapes = singleImageShapes(network);
    FloatEngine engine(observed, shapes);
    std::vector<Range> ranges(open.size());
    FloatTensor image{shapes.at(0), std::vector<float>(data.imageElements())};
    const std::size_t images = std::min(calibration.images, data.size());
    for (std::size_t n = 0; n < images; ++n) {
        data.read(n, 1, image.values.data());
        std::vector<FloatTensor> values = engine.runOnce({image});
        for (std::size_t i = 0; i < open.size(); ++i) {
            std::vector<float>& of = values[i].values;
            if (!std::all_of(of.begin(), of.end(), [](float v) { return std::isfinite(v); })) {
                throw Error(network.file, "the activations of '" +
                                              activations.tensors[open[i]].layer +
                                              "' are not finite on image " + std::to_string(n));
            }
            const double low = quantileOf(of, 1 - calibration.quantile);
            const double high = quantileOf(of, calibration.quantile);
            if (calibration.quantile == 1) {
                ranges[i] = {std::min(ranges[i].low, low), std::max(ranges[i].high, high)};
            } else {
                ranges[i].low += std::min(0.0, low) / static_cast<double>(images);
                ranges[i].high += std::max(0.0, high) / static_cast<double>(images);
            }
        }
    }
    for (std::size_t i = 0; i < open.size(); ++i) {
        activations.tensors[open[i]].codes = codesFor(ranges[i], calibration.bits);
        activations.tensors[open[i]].hasCodes = true;
    }
    return activations;
}

}  // namespace brownout
