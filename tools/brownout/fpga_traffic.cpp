#include "tools/brownout/fpga_traffic.h"

#include <vector>

namespace brownout {

void executeOnFpga(FrameMemory& memory, const TrafficPiece& piece, Span<Word> words,
                   Span<WordStatus> statuses) {
    const std::vector<MemoryOp>& ops = piece.ops;
    std::vector<Word> data;
    data.reserve(ops.size());
    for (const MemoryOp& op : ops) data.push_back(op.data);
    const Span<const Word> toWrite(data);
    std::vector<FrameAccess> accesses;
    std::size_t reads = 0;
    for (std::size_t i = 0; i < ops.size();) {
        // Accesses of one kind to consecutive words go together.
        const std::size_t first = i;
        const std::uint32_t address = memory.addresses().addressOf(ops[first].address);
        do {
            ++i;
        } while (i < ops.size() && ops[i].write == ops[first].write &&
                 memory.addresses().addressOf(ops[i].address) == address + (i - first));
        const std::size_t count = i - first;
        if (ops[first].write) {
            accesses.push_back({address, toWrite.subspan(first, count), {}, {}});
        } else {
            accesses.push_back(
                {address, {}, words.subspan(reads, count), statuses.subspan(reads, count)});
            reads += count;
        }
    }
    memory.device().execute(accesses);
}

}  // namespace brownout
