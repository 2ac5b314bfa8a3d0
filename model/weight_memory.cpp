#include "model/weight_memory.h"

#include <string>

#include "base/error.h"

namespace brownout {

void WeightMemory::checkAccess(std::uint64_t first, std::uint64_t count,
                               std::uint64_t statuses) const {
    if (first > words() || count > words() - first) {
        throw Error("memory", std::to_string(count) + " words from word " + std::to_string(first) +
                                  " on; it has " + std::to_string(words()));
    }
    if (statuses != 0 && statuses != count) {
        throw Error("memory", std::to_string(statuses) + " statuses for " + std::to_string(count) +
                                  " words; expected as many or none");
    }
}

}  // namespace brownout
