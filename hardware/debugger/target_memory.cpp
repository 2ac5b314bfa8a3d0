#include "hardware/debugger/target_memory.h"

#include <algorithm>
#include <sstream>
#include <vector>

#include "base/error.h"

namespace brownout {

std::string hexAddress(std::uint64_t address) {
    std::ostringstream text;
    text << "0x" << std::hex << address;
    return text.str();
}

void writeChecked(TargetMemory& target, std::uint64_t address, Span<const std::uint8_t> bytes) {
    std::vector<std::uint8_t> back(bytes.size());
    for (int attempt = 0;; ++attempt) {
        target.write(address, bytes);
        target.read(address, back);
        const auto [wrong, wanted] = std::mismatch(back.begin(), back.end(), bytes.begin());
        if (wrong == back.end()) return;
        if (attempt == 0) continue;
        throw Error(target.name(),
                    "the byte at " +
                        hexAddress(address + static_cast<std::uint64_t>(wrong - back.begin())) +
                        " reads " + hexAddress(*wrong) + " after " + hexAddress(*wanted) +
                        " was written; expected memory that holds what is written");
    }
}

}  // namespace brownout
