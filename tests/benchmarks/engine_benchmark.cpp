#include <benchmark/benchmark.h>

#include <chrono>
#include <string>
#include <vector>

#include "emulation/trial.h"
#include "inference/data/dataset.h"
#include "inference/engines/float_engine.h"
#include "inference/inspect.h"
#include "inference/kernels/dispatch.h"
#include "inference/onnx/onnx_import.h"
#include "model/uniform_chips.h"
#include "tests/benchmarks/eigen_product.h"

// The engine on one core, beside Eigen's own matrix product built for the same processor, and what
// injection and restoration add to a trial.

namespace brownout {
namespace {

EncodedNetwork shippedNetwork() {
    return EncodedNetwork(importOnnx(BROWNOUT_SOURCE_DIR "/inference/zoo/fashion-rquant.onnx"),
                          numberFormat("rquant8"), StoreScope::kParameters);
}

void BM_EngineImages(benchmark::State& state) {
    const EncodedNetwork network = shippedNetwork();
    const auto macs = static_cast<double>(inspect(network).macs);
    FloatEngine engine(network, "", state.range(1) != 0 ? Summation::kDirect : Summation::kFast);
    const auto batch = static_cast<std::size_t>(state.range(0));
    std::vector<float> images(batch * engine.imageElements(), 0.5F);
    std::vector<float> logits(batch * engine.outputs());
    for (auto unused : state) {
        engine.run(images.data(), batch, logits.data());
        benchmark::DoNotOptimize(logits.data());
    }
    const double count = static_cast<double>(state.iterations()) * static_cast<double>(batch);
    state.counters["images/s"] = benchmark::Counter(count, benchmark::Counter::kIsRate);
    state.counters["flop/s"] = benchmark::Counter(2 * macs * count, benchmark::Counter::kIsRate);
    state.SetLabel(engine.instructionSet() + ", " + engine.arithmetic());
}
BENCHMARK(BM_EngineImages)
    ->ArgNames({"images", "exact"})
    ->Args({32, 0})
    ->Args({256, 0})
    ->Args({256, 1})
    ->Unit(benchmark::kMillisecond);

SquareProduct productFor(const std::string& instructionSet) {
    if (instructionSet == "avx512") return eigenProductAvx512;
    if (instructionSet == "avx2") return eigenProductAvx2;
    return eigenProductBaseline;
}

void BM_EigenMatrixProduct(benchmark::State& state) {
    const auto n = static_cast<std::size_t>(state.range(0));
    const SquareProduct product = productFor(activeInstructionSet());
    const std::vector<float> a(n * n, 0.5F);
    const std::vector<float> b(n * n, 0.25F);
    std::vector<float> c(n * n);
    for (auto unused : state) {
        product(a.data(), b.data(), c.data(), static_cast<long>(n));
        benchmark::DoNotOptimize(c.data());
    }
    const auto size = static_cast<double>(n);
    state.counters["flop/s"] =
        benchmark::Counter(2 * size * size * size * static_cast<double>(state.iterations()),
                           benchmark::Counter::kIsRate);
    state.SetLabel(activeInstructionSet());
}
BENCHMARK(BM_EigenMatrixProduct)->Arg(256)->Arg(1024)->Unit(benchmark::kMillisecond);

/// A trial at a bit error rate on 1000 images, and the share of it that injection and restoration
/// take.
void BM_Trial(benchmark::State& state) {
    const EncodedNetwork network = shippedNetwork();
    const Dataset data = openDataset("fashion-mnist").take(1000);
    SramGeometry geometry;
    geometry.arrays = 32;
    const MemoryMap map = layOut(network, geometry, {});
    FloatEngine engine(network, "", Summation::kFast);
    const NetworkUnderTest subject{std::make_shared<const StoredNetwork>(
                                       storeNetwork(network, map, makeProtection("none", 64))),
                                   scoresOf(engine, *classification(), data, {0, data.size()})};
    const double rate = 1.0 / static_cast<double>(state.range(0));
    UniformChips source(geometry, 1);

    double injecting = 0;
    double all = 0;
    std::uint32_t chip = 0;
    const auto now = [] { return std::chrono::steady_clock::now(); };
    const auto seconds = [](auto from, auto to) {
        return std::chrono::duration<double>(to - from).count();
    };
    for (auto unused : state) {
        const CodedOverlay faults(source.faults(chip++, {rate}));
        const auto begin = now();
        inject(faults, map, *subject.stored, engine);
        engine.restore();
        const auto injected = now();
        benchmark::DoNotOptimize(runLoad(subject, *classification(), faults, map, data,
                                         {0, subject.clean.size()}, engine));
        injecting += seconds(begin, injected);
        all += seconds(injected, now());
    }
    state.counters["inject_and_restore_%"] = 100 * injecting / all;
}
BENCHMARK(BM_Trial)->Arg(10'000)->Arg(1'000)->Arg(100)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace brownout
