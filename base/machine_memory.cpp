#include "base/machine_memory.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>

namespace brownout {

std::size_t memoryWithin(std::size_t bytes, const std::string& limitFile) {
    std::ifstream file(limitFile);
    std::size_t limit = 0;
    return file >> limit ? std::min(bytes, limit) : bytes;  // "max" is no number
}

std::size_t machineMemory() {
    const auto bytes = static_cast<std::size_t>(::sysconf(_SC_PHYS_PAGES)) *
                       static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    // Version 2 of control groups, then version 1.
    return memoryWithin(memoryWithin(bytes, "/sys/fs/cgroup/memory.max"),
                        "/sys/fs/cgroup/memory/memory.limit_in_bytes");
}

}  // namespace brownout
