#include "base/error.h"
#include "hardware/supply/lxi_link.h"

// VXI-11 in a program that was built without liblxi.

namespace brownout {

void requireLxi(const std::string& option) {
    throw UsageError(option,
                     "vxi11:// takes liblxi, without which this program was built (Debian: "
                     "liblxi-dev)");
}

OpenScpiLink scpiOverLxi(LxiAddress /*address*/, std::string name,
                         std::chrono::milliseconds /*answer*/) {
    requireLxi(name);
    return {};
}

}  // namespace brownout
