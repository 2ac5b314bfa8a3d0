#include "inference/engines/aligned_floats.h"

#include <cstring>
#include <new>

namespace brownout {

AlignedFloats allocateFloats(std::size_t count) {
    constexpr std::size_t kLine = 64;  // a cache line, and the widest vector
    const std::size_t bytes = (count * sizeof(float) + kLine) / kLine * kLine;
    auto* memory = static_cast<float*>(std::aligned_alloc(kLine, bytes));
    if (memory == nullptr) throw std::bad_alloc();
    std::memset(memory, 0, bytes);
    return AlignedFloats(memory);
}

}  // namespace brownout
