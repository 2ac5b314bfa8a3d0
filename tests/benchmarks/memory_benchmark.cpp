#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "model/functional_memory.h"
#include "model/random.h"
#include "model/uniform_chips.h"

// Words a second through the memories, one core: a chip of 64 arrays of 512 x 64 read and written
// as a whole, in bursts of 512 words, behind each protection.

namespace brownout {
namespace {

const SramGeometry kChip{64, 512, 64, 1};
constexpr std::size_t kBurst = 512;

std::vector<Word> randomWords(std::uint64_t count) {
    RandomStream random(1, RandomDomain::kTraffic, 0, 0);
    std::vector<Word> words(count);
    for (Word& word : words) word = random.next();
    return words;
}

/// A functional memory full of random words; failing cells are 1 / state.range(0) of all (0: none).
FunctionalMemory filledMemory(const benchmark::State& state, const std::string& codec) {
    const double rate = state.range(0) == 0 ? 0 : 1.0 / static_cast<double>(state.range(0));
    FunctionalMemory memory(std::make_shared<UniformChips>(kChip, 1), makeProtection(codec, 64, 8));
    memory.write(0, randomWords(memory.words()));
    memory.setSupply(rate);
    return memory;
}

void countWords(benchmark::State& state, std::uint64_t words) {
    state.counters["words/s"] =
        benchmark::Counter(static_cast<double>(state.iterations()) * static_cast<double>(words),
                           benchmark::Counter::kIsRate);
}

void BM_FunctionalRead(benchmark::State& state, const std::string& codec) {
    FunctionalMemory memory = filledMemory(state, codec);
    std::vector<Word> words(kBurst);
    std::vector<WordStatus> statuses(kBurst);
    for (auto unused : state) {
        for (std::uint64_t first = 0; first + kBurst <= memory.words(); first += kBurst) {
            memory.read(first, words, statuses);
            benchmark::DoNotOptimize(words.data());
            benchmark::ClobberMemory();
        }
    }
    countWords(state, memory.words());
}

void BM_FunctionalWrite(benchmark::State& state, const std::string& codec) {
    FunctionalMemory memory = filledMemory(state, codec);
    const std::vector<Word> words = randomWords(kBurst);
    for (auto unused : state) {
        for (std::uint64_t first = 0; first + kBurst <= memory.words(); first += kBurst) {
            memory.write(first, words);
            benchmark::ClobberMemory();
        }
    }
    countWords(state, memory.words());
}

/// Registers both benchmarks for every protection there is.
const bool kRegistered = [] {
    for (const std::string& codec : protectionNames()) {
        benchmark::RegisterBenchmark(("BM_FunctionalRead/" + codec).c_str(), BM_FunctionalRead,
                                     codec)
            ->Arg(0)
            ->Arg(1000)
            ->Arg(100)
            ->Unit(benchmark::kMicrosecond);
        benchmark::RegisterBenchmark(("BM_FunctionalWrite/" + codec).c_str(), BM_FunctionalWrite,
                                     codec)
            ->Arg(0)
            ->Unit(benchmark::kMicrosecond);
    }
    return true;
}();

}  // namespace
}  // namespace brownout
