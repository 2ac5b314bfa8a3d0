#include "sim/march.h"

#include "base/error.h"

namespace brownout {
namespace {

struct Name {
    MarchAlgorithm algorithm;
    const char* name;
};
constexpr Name kNames[] = {{MarchAlgorithm::kMatsPlus, "mats+"},
                           {MarchAlgorithm::kMarchCMinus, "march-c-"},
                           {MarchAlgorithm::kMarchSs, "march-ss"}};

constexpr MarchOp r0{false, false}, r1{false, true}, w0{true, false}, w1{true, true};

/// More cycles than any of the tests takes on the largest buffer.
constexpr std::uint64_t kPatience = 100'000'000;

constexpr std::size_t kOpsAtOnce = 1 << 16;

}  // namespace

std::string nameOf(MarchAlgorithm algorithm) {
    for (const Name& entry : kNames) {
        if (entry.algorithm == algorithm) return entry.name;
    }
    return "";
}

MarchAlgorithm marchAlgorithmOf(const std::string& name) {
    for (const Name& entry : kNames) {
        if (entry.name == name) return entry.algorithm;
    }
    throw UsageError("--algorithm", "'" + name + "'; expected mats+, march-c- or march-ss");
}

std::vector<MarchElement> elementsOf(MarchAlgorithm algorithm) {
    switch (algorithm) {
        case MarchAlgorithm::kMatsPlus:
            return {{false, {w0}}, {false, {r0, w1}}, {true, {r1, w0}}};
        case MarchAlgorithm::kMarchCMinus:
            return {{false, {w0}},    {false, {r0, w1}}, {false, {r1, w0}},
                    {true, {r0, w1}}, {true, {r1, w0}},  {false, {r0}}};
        case MarchAlgorithm::kMarchSs:
            break;
    }
    return {{false, {w0}},
            {false, {r0, r0, w0, r0, w1}},
            {false, {r1, r1, w1, r1, w0}},
            {true, {r0, r0, w0, r0, w1}},
            {true, {r1, r1, w1, r1, w0}},
            {false, {r0}}};
}

void MarchFindings::add(std::uint64_t word, Word syndrome, Word expected) {
    if (word >= words()) {
        throw Error("BIST", "reports word " + std::to_string(word) + "; the chip has " +
                                std::to_string(words()));
    }
    fails01_[word] |= syndrome & ~expected;
    fails10_[word] |= syndrome & expected;
}

MarchFindings runMarch(SimulatedMemory& memory, MarchAlgorithm algorithm) {
    const std::uint64_t words = memory.words();
    const Word mask = memory.protection().dataMask();
    MarchFindings findings(words);
    std::vector<MemoryOp> ops;
    std::vector<Word> expected;
    std::vector<Word> read;
    std::vector<WordStatus> statuses;
    const auto flush = [&] {
        read.resize(expected.size());
        statuses.resize(expected.size());
        memory.execute(ops, BackPressure::kNone, read, statuses);
        std::size_t i = 0;
        for (const MemoryOp& op : ops) {
            if (op.write) continue;
            if (read[i] != expected[i])
                findings.add(op.address, read[i] ^ expected[i], expected[i]);
            ++i;
        }
        ops.clear();
        expected.clear();
    };
    for (const MarchElement& element : elementsOf(algorithm)) {
        for (std::uint64_t i = 0; i < words; ++i) {
            const auto address = static_cast<std::uint32_t>(element.down ? words - 1 - i : i);
            for (const MarchOp& op : element.ops) {
                const Word data = op.ones ? mask : 0;
                ops.push_back({address, op.write, data});
                if (!op.write) expected.push_back(data);
            }
            if (ops.size() >= kOpsAtOnce) flush();
        }
    }
    flush();
    return findings;
}

void BistStimulus::drive(RtlInputs& in) {
    in.bistStart = !started_;
    in.bistAlgorithm = static_cast<std::uint8_t>(algorithm_);
    in.bistLastAddr = map_.addressOf(findings_.words() - 1);
    in.failReady = true;
}

void BistStimulus::sample(const RtlInputs& in, const RtlOutputs& out) {
    if (out.failValid) {
        findings_.add(map_.wordAt(out.failAddr), out.failSyndrome.data, out.failExpected.data);
    }
    done_ = started_ && out.bistDone && !out.failValid;
    started_ = started_ || in.bistStart;
    if (++cycles_ > kPatience) throw RtlError("the BIST doesn't come to an end");
}

}  // namespace brownout
