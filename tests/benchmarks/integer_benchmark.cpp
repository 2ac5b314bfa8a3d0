#include <benchmark/benchmark.h>

#include <cstdlib>
#include <random>
#include <vector>

#include "base/processor.h"
#include "inference/engines/engine.h"
#include "inference/kernels/dispatch.h"
#include "inference/kernels/integer_dispatch.h"
#include "inference/onnx/onnx_import.h"
#include "inference/plan/integer_weights.h"

// Convolutions of 3x3 in integers, in direct order and by Winograd's algorithm, beside the float
// kernel in direct order: multiply-accumulates a second of one core for layers of several sizes.

namespace brownout {
namespace {

/// A layer with as many inputs as outputs, its padded input for `lanes` images and its weights.
struct Layer {
    std::int32_t channels, size, lanes;
    std::int64_t planeStep, rowStep;
    std::vector<std::int32_t> input, output, packed, bias, scratch, offsets;
    std::vector<float> factors;
    IntegerWeights weights;

    Layer(std::int32_t c, std::int32_t s, std::int32_t l)
        : channels(c), size(s), lanes(l), weights(sizesOf(c), 0) {
        rowStep = size + 2;
        planeStep = (rowStep * rowStep) | 1;
        std::mt19937 random(1);
        input.resize(words(channels / 2 * planeStep));
        for (std::int32_t& word : input) word = static_cast<std::int32_t>(random() & 0x007f007fU);
        output.resize(input.size());
        packed.resize(weights.size());
        for (std::size_t e = 0; e < static_cast<std::size_t>(channels) * channels * 9; ++e) {
            weights.set(packed.data(), e, static_cast<std::int32_t>(random() % 64) - 32);
        }
        bias.resize(weights.paddedRows());
        factors.resize(weights.paddedRows(), 1e-3F);
        scratch.resize(winogradScratchWords(channels / 2, channels, lanes));
        for (std::int32_t pair = 0; pair < channels / 2; ++pair) {
            for (std::int32_t y = 0; y < 3; ++y) {
                offsets.push_back(static_cast<std::int32_t>(pair * planeStep + y * rowStep));
            }
        }
    }

    static IntegerWeightSizes sizesOf(std::int32_t count) {
        IntegerWeightSizes sizes;
        sizes.rows = sizes.channels = static_cast<std::size_t>(count);
        sizes.kernel = {3, 3};
        sizes.winograd = true;
        return sizes;
    }
    std::size_t words(std::int64_t elements) const {
        return static_cast<std::size_t>(elements * lanes);
    }
    kernels::Requantize requantize() const {
        return {bias.data(), factors.data(), -128, 127, false};
    }
    std::int32_t* inside() { return output.data() + (rowStep + 1) * lanes; }

    void runDirect(const kernels::IntegerKernels& kernels) {
        kernels::IntegerConvolveArgs a{};
        a.input = input.data();
        a.weights = packed.data() + weights.directAt();
        a.output = inside();
        a.runOffsets = offsets.data();
        a.runs = static_cast<std::int32_t>(offsets.size());
        a.taps = 3;
        a.tapStep = 1;
        a.units = 1;
        a.rows = channels;
        a.rowBlock = kernels::kIntegerRows;
        a.grid[0] = a.grid[1] = size;
        a.gridStep[0] = a.outputStep[0] = rowStep;
        a.gridStep[1] = a.outputStep[1] = 1;
        a.pairStep = planeStep;
        a.to = requantize();
        kernels.convolve(a);
    }
    void runWinograd(const kernels::IntegerKernels& kernels) {
        kernels::IntegerWinogradArgs a{};
        a.input = input.data();
        a.weights = packed.data() + weights.transformedAt();
        a.output = inside();
        a.scratch = scratch.data();
        a.pairs = channels / 2;
        a.rows = channels;
        a.inputPairStep = a.pairStep = planeStep;
        a.inputRowStep = a.outputRowStep = rowStep;
        a.height = a.width = size;
        a.to = requantize();
        kernels.winograd(a);
    }
};

void countMacs(benchmark::State& state, std::int32_t channels, std::int32_t size,
               std::int32_t lanes) {
    const double macs = 9.0 * channels * channels * size * size * lanes;
    state.counters["MAC/s"] = benchmark::Counter(macs * static_cast<double>(state.iterations()),
                                                 benchmark::Counter::kIsRate);
}

void BM_IntegerConvolution(benchmark::State& state, const kernels::IntegerKernels* kernels,
                           bool winograd) {
    const auto channels = static_cast<std::int32_t>(state.range(0));
    const auto size = static_cast<std::int32_t>(state.range(1));
    Layer layer(channels, size, kernels->lanes);
    for (auto unused : state) {
        if (winograd) {
            layer.runWinograd(*kernels);
        } else {
            layer.runDirect(*kernels);
        }
        benchmark::DoNotOptimize(layer.output.data());
        benchmark::ClobberMemory();
    }
    countMacs(state, channels, size, kernels->lanes);
}

void BM_FloatConvolution(benchmark::State& state, const kernels::Kernels* kernels) {
    const auto channels = static_cast<std::int32_t>(state.range(0));
    const auto size = static_cast<std::int32_t>(state.range(1));
    const std::int64_t row = size + 2;
    const std::int64_t plane = (row * row) | 1;
    const std::int64_t lanes = kernels->lanes;
    const std::vector<float> input(static_cast<std::size_t>(channels * plane * lanes), 0.5F);
    const std::vector<float> weights(static_cast<std::size_t>(channels) * channels * 9, 0.5F);
    const std::vector<float> bias(static_cast<std::size_t>(channels));
    std::vector<float> output(static_cast<std::size_t>(channels * size * size * lanes));
    std::vector<std::int32_t> offsets;
    for (std::int64_t k = 0; k < channels * 9; ++k) {
        offsets.push_back(static_cast<std::int32_t>(k / 9 * plane + k % 9 / 3 * row + k % 3));
    }
    kernels::ConvolveArgs a{};
    a.input = input.data();
    a.weights = weights.data();
    a.bias = bias.data();
    a.output = output.data();
    a.offsets = offsets.data();
    a.groups = 1;
    a.rows = channels;
    a.depth = channels * 9;
    a.rowBlock = kernels->rowBlock;
    a.grid[0] = 1;
    a.grid[1] = a.grid[2] = size;
    a.gridStep[1] = row;
    a.gridStep[2] = 1;
    a.rowStep = static_cast<std::int64_t>(size) * size;
    a.positionStep = 1;
    a.alpha = 1;
    a.low = -1e9F;
    a.high = 1e9F;
    for (auto unused : state) {
        kernels->convolve(a);
        benchmark::DoNotOptimize(output.data());
        benchmark::ClobberMemory();
    }
    countMacs(state, channels, size, kernels->lanes);
}

/// Patching one weight of a layer that is kept for Winograd's algorithm, and restoring it.
void BM_IntegerPatch(benchmark::State& state) {
    const auto channels = static_cast<std::int32_t>(state.range(0));
    Layer layer(channels, 4, 4);
    const auto elements =
        static_cast<std::size_t>(channels) * static_cast<std::size_t>(channels) * 9;
    std::size_t element = 0;
    for (auto unused : state) {
        element = (element + 7919) % elements;
        const std::int32_t before = layer.weights.get(layer.packed.data(), element);
        layer.weights.set(layer.packed.data(), element, -before);
        layer.weights.set(layer.packed.data(), element, before);
    }
}
BENCHMARK(BM_IntegerPatch)->Arg(64)->Arg(256)->Unit(benchmark::kNanosecond);

/// ResNet-20 as tests/benchmarks/peers/make_networks.py makes it: the network in floats, and the
/// quantised one computed with in floats (format "file-float") and in integers ("file").
void BM_ResNet20(benchmark::State& state, const std::string& folder, const std::string& form,
                 const std::string& set) {
    const bool quantized = form != "float";
    const Network graph = importOnnx(
        folder + (quantized ? "/resnet20-qdq-opset13-ir7.onnx" : "/resnet20-bn-opset14-ir7.onnx"));
    const EngineSettings settings{EngineOutputs::kScores, set};
    const auto engine =
        quantized
            ? makeEngine(EncodedNetwork(graph, numberFormat(form), StoreScope::kWeights), settings)
            : makeEngine(graph, settings);
    constexpr std::size_t kImages = 64;
    std::vector<float> images(kImages * engine->imageElements());
    std::mt19937 random(1);
    for (float& value : images) value = static_cast<float>(random() % 2001) / 1000 - 1;
    std::vector<float> scores(kImages * engine->outputs());
    for (auto unused : state) {
        engine->run(images.data(), kImages, scores.data());
        benchmark::DoNotOptimize(scores.data());
    }
    state.counters["images/s"] = benchmark::Counter(
        kImages * static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
    state.SetLabel(engine->arithmetic());
}

const bool kRegistered = [] {
    const auto sizes = [](benchmark::internal::Benchmark* one) {
        for (const auto& [channels, size] :
             {std::pair{8, 32}, {16, 32}, {32, 16}, {64, 8}, {128, 16}, {256, 16}, {512, 8}}) {
            one->Args({channels, size});
        }
        one->Unit(benchmark::kMicrosecond);
    };
    for (const std::string& set : availableInstructionSets()) {
        sizes(benchmark::RegisterBenchmark(("BM_FloatConvolution/" + set).c_str(),
                                           BM_FloatConvolution, &kernelsFor(set)));
    }
    if (const char* folder = std::getenv("BROWNOUT_RESNET20")) {
        for (const std::string& set : availableInstructionSets()) {
            for (const std::string form : {"float", "file-float", "file"}) {
                benchmark::RegisterBenchmark(("BM_ResNet20/" + form + "/" + set).c_str(),
                                             BM_ResNet20, folder, form, set)
                    ->Unit(benchmark::kMillisecond);
            }
        }
    }
    for (const kernels::IntegerKernels* kernels : availableIntegerKernels()) {
        const std::string name = kernels->name;
        sizes(benchmark::RegisterBenchmark(("BM_IntegerConvolution/direct/" + name).c_str(),
                                           BM_IntegerConvolution, kernels, false));
        sizes(benchmark::RegisterBenchmark(("BM_IntegerConvolution/winograd/" + name).c_str(),
                                           BM_IntegerConvolution, kernels, true));
    }
    return true;
}();

}  // namespace
}  // namespace brownout
