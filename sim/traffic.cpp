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
    std::vector<Word> burst;
    for (std::size_t i = 0; i < ops.size();) {
        // Accesses of one kind to consecutive words are one burst: hardware has round trips.
        const std::size_t first = i;
        burst.clear();
        do {
            burst.push_back(ops[i].data);
            ++i;
        } while (i < ops.size() && ops[i].write == ops[first].write &&
                 ops[i].address == ops[i - 1].address + 1);
        if (ops[first].write) {
            memory.write(ops[first].address, burst);
        } else {
            memory.read(ops[first].address, words.subspan(reads, burst.size()),
                        statuses.subspan(reads, burst.size()));
            reads += burst.size();
        }
    }
}

}  // namespace brownout
