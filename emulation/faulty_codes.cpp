#include "emulation/faulty_codes.h"

#include <algorithm>
#include <tuple>

namespace brownout {

std::vector<FaultyCode> faultyCodes(const FaultOverlay& faults, const MemoryMap& map) {
    std::vector<FaultyCode> codes;
    faults.forEachWord([&](const WordFault& fault) {
        const Word zeros = fault.read(0);
        const Word ones = fault.read(~Word{0});
        map.forEachImageWord(fault.word, [&](std::uint64_t imageWord) {
            const WordCodes held = map.codesOf(imageWord);
            for (std::uint32_t slot = 0; slot < held.count; ++slot) {
                const FaultyCode code{held.tensor, held.elementAt(slot), held.codeIn(zeros, slot),
                                      held.codeIn(ones, slot)};
                if (code.zeros != 0 || code.ones != held.codeMask()) codes.push_back(code);
            }
        });
    });
    std::sort(codes.begin(), codes.end(), [](const FaultyCode& a, const FaultyCode& b) {
        return std::tie(a.tensor, a.element) < std::tie(b.tensor, b.element);
    });
    return codes;
}

}  // namespace brownout
