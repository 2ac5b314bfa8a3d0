#include "sim/traffic.h"

#include "base/error.h"

namespace brownout {

void requireOneDomain(const OperatingPoint& at) {
    if (at.domains.empty()) return;
    throw Error("supply domain " + at.domains.begin()->first,
                "simulated memories have one supply, without a name");
}

void executeOps(WeightMemory& memory, Span<const MemoryOp> ops, Span<Word> words,
                Span<WordStatus> statuses) {
    std::size_t reads = 0;
    for (const MemoryOp& op : ops) {
        if (op.write) {
            memory.write(op.address, Span<const Word>(&op.data, 1));
        } else {
            memory.read(op.address, words.subspan(reads, 1), statuses.subspan(reads, 1));
            ++reads;
        }
    }
}

}  // namespace brownout
