#pragma once

#include <cstddef>
#include <string>

namespace brownout {

/// Returns the bytes of memory that this process may have: the machine's, or those of its control
/// group where that has a limit (a container).
std::size_t machineMemory();

/// Returns the smaller of `bytes` and the limit that a file of a control group (`memory.max`) has;
/// `bytes` if there is no such file or no limit in it.
std::size_t memoryWithin(std::size_t bytes, const std::string& limitFile);

}  // namespace brownout
