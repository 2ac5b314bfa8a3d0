#include "inference/engines/aligned_floats.h"

#include <sys/mman.h>

#include <cstring>
#include <new>

namespace brownout {

AlignedFloats allocateFloats(std::size_t count) {
    constexpr std::size_t kLine = 64;  // a cache line, and the widest vector
    constexpr std::size_t kHugePage = std::size_t{2} << 20;
    // Large ones take whole huge pages, for which they are rounded up by less than a half.
    const bool isLarge = count * sizeof(float) >= 2 * kHugePage;
    const std::size_t alignment = isLarge ? kHugePage : kLine;
    const std::size_t bytes = (count * sizeof(float) + alignment) / alignment * alignment;
    auto* memory = static_cast<float*>(std::aligned_alloc(alignment, bytes));
    if (memory == nullptr) throw std::bad_alloc();
    if (isLarge) ::madvise(memory, bytes, MADV_HUGEPAGE);
    std::memset(memory, 0, bytes);
    return AlignedFloats(memory);
}

}  // namespace brownout
