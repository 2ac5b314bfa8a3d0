#pragma once

#include <cstdint>
#include <vector>

#include "base/input.h"

namespace brownout {

/// Element types of NumPy arrays that we take.
enum class NpyKind { kBool, kUnsigned, kSigned, kFloat };

/// Content of the header of a .npy file, versions 1 to 3.
struct NpyHeader {
    NpyKind kind = NpyKind::kBool;
    unsigned bytes = 1;  ///< bytes of an element
    bool bigEndian = false;
    bool fortranOrder = false;
    std::vector<std::uint64_t> shape;

    std::uint64_t elements() const;
};

/// Reads the header and leaves `input` at the first element. Throws Error naming the input and what
/// was expected.
NpyHeader readNpyHeader(Input& input);

}  // namespace brownout
