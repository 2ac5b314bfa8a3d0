#include "sim/march.h"

namespace brownout {
namespace {

/// More cycles than any of the tests takes on the largest buffer.
constexpr std::uint64_t kPatience = 100'000'000;

constexpr std::size_t kOpsAtOnce = 1 << 16;

}  // namespace

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
