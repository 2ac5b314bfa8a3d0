#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <string>

#include "model/coded_overlay.h"
#include "model/fault_overlay.h"
#include "model/memory_map.h"
#include "model/uniform_field.h"
#include "tests/benchmarks/dense_injection.h"

// Drawing the faults of a chip and injecting them into 5.5 million 8-bit weights (SimpleNet of
// Stutz et al.), against the same job done with 8 random floats a weight.

namespace brownout {
namespace {

constexpr std::size_t kWeights = 5'500'000;

/// The stored weights in both forms: as codes and as the words of a memory.
struct StoredWeights {
    StoredWeights() : StoredWeights(geometryFor(kWeights)) {}
    explicit StoredWeights(const SramGeometry& geometry)
        : codes(kWeights), map(geometry, {{kWeights, 8}}, {}) {
        for (std::size_t i = 0; i < kWeights; ++i) {
            codes[i] = static_cast<Code>(i * 2654435761U >> 24 & 0xFF);
        }
        const Span<const Code> all(codes);
        image = map.pack(Span<const Span<const Code>>(&all, 1));
    }

    static SramGeometry geometryFor(std::size_t weights) {
        SramGeometry geometry;
        geometry.arrays = static_cast<std::uint32_t>((weights / 8 + 511) / 512);
        return geometry;
    }

    std::vector<Code> codes;
    MemoryMap map;
    std::vector<Word> image;
};

double rateOf(const benchmark::State& state) { return 1.0 / static_cast<double>(state.range(0)); }

/// Ours: faults drawn by skipping, the overlay by word, and the codes that differ.
class SparseInjection {
 public:
    void operator()(std::uint32_t chip, double rate, StoredWeights& weights) {
        faults_.assignUniform(weights.map.geometry(), UniformField(1, chip), rate);
        MemoryMap::Cursor cursor(weights.map);
        faults_.forEachWord([&](const WordFault& fault) {
            weights.map.forEachImageWord(fault.word, [&](std::uint64_t word) {
                const Word stored = weights.image[word];
                weights.map.forEachChangedCode(cursor.codesOf(word), stored, fault.read(stored),
                                               [&](std::uint32_t, std::uint64_t code, Code value) {
                                                   weights.codes[code] = value;
                                               });
            });
        });
    }
    std::uint64_t faults() const { return faults_.failingCells(); }

 private:
    FaultOverlay faults_;
};

void BM_DrawAndInjectSparse(benchmark::State& state) {
    StoredWeights weights;
    SparseInjection inject;
    std::uint32_t chip = 0;
    for (auto unused : state) {
        inject(chip++, rateOf(state), weights);
        benchmark::DoNotOptimize(weights.codes.data());
    }
    state.counters["faults"] = static_cast<double>(inject.faults());
}
BENCHMARK(BM_DrawAndInjectSparse)
    ->RangeMultiplier(10)
    ->Range(10, 100'000)
    ->Unit(benchmark::kMillisecond);

/// The same job behind a protection, at 1 / argument: check bits drawn too, faulty words encoded
/// and decoded.
void BM_DrawAndInjectSparseUnderCodec(benchmark::State& state, const std::string& name) {
    const auto codec = makeProtection(name, 64, 8);
    SramGeometry chip = StoredWeights::geometryFor(kWeights);
    if (codec->checkBits() > 0) {
        const std::uint32_t perArray = 64 / codec->checkBits();
        chip.arrays += (chip.arrays + perArray - 1) / perArray;
    }
    const CheckPlacement placement(chip, *codec);
    StoredWeights weights(placement.dataGeometry());
    std::uint32_t number = 0;
    for (auto unused : state) {
        const CodedOverlay faults(
            FaultOverlay::uniform(chip, UniformField(1, number++), rateOf(state)), placement);
        MemoryMap::Cursor cursor(weights.map);
        faults.forEachWord([&](const CodedFault& fault) {
            weights.map.forEachImageWord(fault.word, [&](std::uint64_t word) {
                const Word stored = weights.image[word];
                const DecodedWord read = codec->decode(fault.read(codec->encode(stored)));
                weights.map.forEachChangedCode(cursor.codesOf(word), stored, read.data,
                                               [&](std::uint32_t, std::uint64_t code, Code value) {
                                                   weights.codes[code] = value;
                                               });
            });
        });
        benchmark::DoNotOptimize(weights.codes.data());
    }
}

/// Registers the benchmark for every protection there is.
const bool kRegistered = [] {
    for (const std::string& codec : protectionNames()) {
        const auto protection = makeProtection(codec, 64, 8);
        // Goes word by word, and stores codes as they are.
        if (protection->blockWords() > 1 || protection->altersData()) continue;
        benchmark::RegisterBenchmark(("BM_DrawAndInjectSparseUnderCodec/" + codec).c_str(),
                                     BM_DrawAndInjectSparseUnderCodec, codec)
            ->Arg(1000)
            ->Arg(100)
            ->Unit(benchmark::kMillisecond);
    }
    return true;
}();

void BM_DrawAndInjectDense(benchmark::State& state) {
    StoredWeights weights;
    DenseInjection dense(kWeights);
    std::uint32_t chip = 0;
    for (auto unused : state) {
        dense.drawChip(chip++);
        dense.inject(rateOf(state), weights.codes);
        benchmark::DoNotOptimize(weights.codes.data());
    }
}
BENCHMARK(BM_DrawAndInjectDense)->Arg(100)->Unit(benchmark::kMillisecond);

double secondsOf(const std::function<void()>& work) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

/// The two in turn, so that a change of the machine's speed hits both: the median of the ratios.
void BM_SpeedupOverDense(benchmark::State& state) {
    StoredWeights weights;
    SparseInjection sparse;
    DenseInjection dense(kWeights);
    const double rate = rateOf(state);
    std::vector<double> ratios;
    std::uint32_t chip = 0;
    sparse(chip, rate, weights);
    for (auto unused : state) {
        const double denseS = secondsOf([&] {
            dense.drawChip(chip);
            dense.inject(rate, weights.codes);
        });
        std::vector<double> sparseS;
        for (int i = 0; i < 9; ++i)
            sparseS.push_back(secondsOf([&] { sparse(chip++, rate, weights); }));
        std::nth_element(sparseS.begin(), sparseS.begin() + 4, sparseS.end());
        ratios.push_back(denseS / sparseS[4]);
    }
    std::nth_element(ratios.begin(),
                     ratios.begin() + static_cast<std::ptrdiff_t>(ratios.size() / 2), ratios.end());
    state.counters["times_faster"] = ratios[ratios.size() / 2];
}
BENCHMARK(BM_SpeedupOverDense)
    ->RangeMultiplier(10)
    ->Range(10, 100'000)
    ->Iterations(5)
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace brownout
