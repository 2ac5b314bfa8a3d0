#include "sim/traffic.h"

namespace brownout {

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
