#include "hardware/device/device_march.h"

#include <algorithm>

namespace brownout {
namespace {

/// Words of a block: some packets of any stub.
constexpr std::uint64_t kBlock = 4096;

Word maskOf(const HardwareDevice& device) {
    return ~Word{0} >> (64 - device.settings().geometry.wordBits());
}

}  // namespace

void proveAtNominal(HardwareDevice& device) {
    device.supply().moveToNominal();
    const std::uint64_t words = device.settings().geometry.words();
    for (const Word content : {maskOf(device), Word{0}}) {
        for (std::uint64_t first = 0; first < words; first += kBlock) {
            device.writeChecked(first, std::vector<Word>(std::min(kBlock, words - first), content));
        }
    }
}

MarchFindings runMarch(HardwareDevice& device, MarchAlgorithm algorithm, double supplyV) {
    device.supply().moveTo(supplyV);
    const std::uint64_t words = device.settings().geometry.words();
    const std::uint64_t blocks = (words + kBlock - 1) / kBlock;
    MarchFindings findings(words);
    std::vector<Word> content;
    for (const MarchElement& element : elementsOf(algorithm)) {
        for (std::uint64_t i = 0; i < blocks; ++i) {
            const std::uint64_t first = (element.down ? blocks - 1 - i : i) * kBlock;
            for (const MarchOp& op : element.ops) {
                const Word data = op.ones ? maskOf(device) : 0;
                content.assign(std::min(kBlock, words - first), data);
                if (op.write) {
                    device.write(first, content);
                    continue;
                }
                device.read(first, content);
                for (std::size_t w = 0; w < content.size(); ++w) {
                    if (content[w] != data) findings.add(first + w, content[w] ^ data, data);
                }
            }
        }
    }
    device.supply().check();
    return findings;
}

}  // namespace brownout
