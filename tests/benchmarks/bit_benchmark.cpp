#include <benchmark/benchmark.h>

#include <chrono>
#include <cstdlib>
#include <random>
#include <vector>

#include "base/processor.h"
#include "inference/engines/engine.h"
#include "inference/kernels/bit_dispatch.h"

// A binarised network in floats and in bits, side by side: VGG3 of 64 channels and 2048 hidden
// neurons with random weights, which speed doesn't depend on, in images a second of one core; and
// the share of the popcount limit that bits reach.

namespace brownout {
namespace {

/// The network in the making: every weight plus or minus one.
struct Vgg3 {
    Network n;
    std::mt19937 random{1};
    std::string x = "images";
    std::size_t bitMacs = 0;

    void add(const std::string& op, const std::vector<std::string>& inputs,
             std::map<std::string, AttributeValue> attributes = {}) {
        const std::string output = "v" + std::to_string(n.nodes.size());
        n.nodes.push_back({output, op, inputs, {output}, std::move(attributes)});
        x = output;
    }
    std::string constant(float value) {
        const std::string before = x;
        add("Constant", {}, {{"value", FloatTensor{{}, {value}}}});
        const std::string made = x;
        x = before;
        return made;
    }
    std::string weights(const Shape& shape) {
        const std::string name = "w" + std::to_string(n.parameters.size());
        FileCodes codes;
        codes.bits = 1;
        codes.isSigned = false;
        codes.bipolar = true;
        codes.scales = {1.0F};
        codes.zeroPoints = {0.0F};
        FloatTensor values{shape, {}};
        for (std::size_t e = 0; e < elementCount(shape); ++e) {
            codes.codes.push_back(static_cast<std::int64_t>(random() & 1));
            values.values.push_back(codes.codes.back() != 0 ? 1.0F : -1.0F);
        }
        n.parameters[name] = std::move(values);
        n.fileCodes[name] = std::move(codes);
        return name;
    }
    void sign(std::int64_t rows, bool planes) {
        const std::string name = "t" + std::to_string(n.parameters.size());
        FloatTensor summands{planes ? Shape{rows, 1, 1} : Shape{rows}, {}};
        for (std::int64_t row = 0; row < rows; ++row) {
            summands.values.push_back(static_cast<float>(random() % 9) - 4.5F);
        }
        n.parameters[name] = std::move(summands);
        add("Add", {x, name});
        const std::string one = constant(1);
        add("BipolarQuant", {x, one});
    }
    Network network(std::int64_t channels, std::int64_t hidden) {
        using Ints = std::vector<std::int64_t>;
        n.file = "vgg3.onnx";
        n.opset = 13;
        n.inputs = {{"images", {1, 1, 28, 28}}};
        const std::string most = constant(254);
        const std::string middle = constant(127);
        const std::string one = constant(1);
        const std::string zero = constant(0);
        const std::string bits = constant(8);
        add("Mul", {"images", most});
        add("Sub", {x, middle});
        add("Quant", {x, one, zero, bits}, {{"narrow", std::int64_t{1}}});
        for (int layer = 0; layer < 2; ++layer) {
            const std::string w = weights({channels, layer == 0 ? 1 : channels, 3, 3});
            add("Conv", {x, w}, {{"pads", Ints(4, 1)}});
            add("MaxPool", {x}, {{"kernel_shape", Ints(2, 2)}, {"strides", Ints(2, 2)}});
            sign(channels, true);
        }
        add("Flatten", {x});
        const std::string wide = weights({hidden, channels * 49});
        add("Gemm", {x, wide}, {{"transB", std::int64_t{1}}});
        sign(hidden, false);
        const std::string last = weights({10, hidden});
        add("Gemm", {x, last}, {{"transB", std::int64_t{1}}});
        n.outputs = {{x, {}}};
        bitMacs = static_cast<std::size_t>(channels * channels * 9 * 196 + channels * 49 * hidden +
                                           hidden * 10);
        return n;
    }
};

double secondsOf(Engine& engine, const std::vector<float>& images, std::vector<float>& scores) {
    const auto begin = std::chrono::steady_clock::now();
    engine.run(images.data(), images.size() / engine.imageElements(), scores.data());
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

/// Runs floats and bits alternately and reports the fastest run of each.
void BM_Vgg3(benchmark::State& state, const std::string& set) {
    Vgg3 maker;
    const Network network = maker.network(state.range(0), state.range(1));
    const auto engineOf = [&](const char* format) {
        return makeEngine(EncodedNetwork(network, numberFormat(format), StoreScope::kWeights),
                          {EngineOutputs::kScores, set});
    };
    const auto floats = engineOf("file-float");
    const auto bits = engineOf("file");
    constexpr std::size_t kImages = 256;
    std::vector<float> images(kImages * floats->imageElements());
    for (float& pixel : images) pixel = static_cast<float>(maker.random() % 256) / 255.0F;
    std::vector<float> scores(kImages * floats->outputs());
    const kernels::BitKernels& kernels = bitKernelsFor(set);
    double fastestFloats = 1e9;
    double fastestBits = 1e9;
    double fastestPeak = 1e9;
    constexpr std::int64_t kRounds = 1'000'000;
    for (auto unused : state) {
        fastestFloats = std::min(fastestFloats, secondsOf(*floats, images, scores));
        fastestBits = std::min(fastestBits, secondsOf(*bits, images, scores));
        const auto begin = std::chrono::steady_clock::now();
        benchmark::DoNotOptimize(kernels.peak(kRounds, 12345));
        const std::chrono::duration<double> peak = std::chrono::steady_clock::now() - begin;
        fastestPeak = std::min(fastestPeak, peak.count());
    }
    const double peakBits =
        static_cast<double>(kRounds) * kernels::kBitPeakSums * kernels.lanes * 32 / fastestPeak;
    const double doneBits = static_cast<double>(maker.bitMacs * kImages) / fastestBits;
    state.counters["floats_images/s"] = kImages / fastestFloats;
    state.counters["bits_images/s"] = kImages / fastestBits;
    state.counters["times"] = fastestFloats / fastestBits;
    state.counters["popcount_Gbit/s"] = peakBits * 1e-9;
    state.counters["share_of_popcount"] = doneBits / peakBits;
    state.SetLabel(floats->arithmetic() + " and " + bits->arithmetic() + ", " + kernels.name);
}

const bool kRegistered = [] {
    for (const std::string& set : availableInstructionSets()) {
        benchmark::RegisterBenchmark(("BM_Vgg3/" + set).c_str(), BM_Vgg3, set)
            ->Args({64, 2048})
            ->Args({24, 1024})
            ->ArgNames({"channels", "hidden"})
            ->Iterations(12)
            ->Unit(benchmark::kMillisecond);
    }
    return true;
}();

}  // namespace
}  // namespace brownout
