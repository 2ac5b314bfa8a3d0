#pragma once

#include <cstddef>
#include <cstdlib>
#include <memory>

namespace brownout {

struct FreeFloats {
    void operator()(float* p) const { std::free(p); }
};

/// Floats that begin at a cache line.
using AlignedFloats = std::unique_ptr<float[], FreeFloats>;

/// Returns `count` zeros. Throws std::bad_alloc.
AlignedFloats allocateFloats(std::size_t count);

}  // namespace brownout
