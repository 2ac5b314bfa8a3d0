#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/input.h"
#include "base/npy_header.h"

namespace brownout {

/// Returns the number that the bits of an element stand for.
double npyNumber(std::uint64_t bits, const NpyHeader& header);

/// Spells the shape of an array as NumPy does: "(3, 4)".
std::string npyShape(const NpyHeader& header);

/// Calls `element(number, bits)` for each of the first `most` elements, in the order of the file.
/// Throws Error naming the input if it ends before, or goes on after the last element of all.
void readNpyElements(Input& input, const NpyHeader& header, std::uint64_t most,
                     const std::function<void(std::uint64_t number, std::uint64_t bits)>& element);

/// Returns the Error of an array of which only the first `elements` elements are there.
Error npyEndsEarly(const Input& input, const NpyHeader& header, std::uint64_t elements);
/// Returns the Error of an array behind whose elements there is more.
Error npyGoesOn(const Input& input, const NpyHeader& header);

}  // namespace brownout
