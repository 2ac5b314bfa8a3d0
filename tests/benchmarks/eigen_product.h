#pragma once

#include <string>

namespace brownout {

/// c = a b for square single-precision matrices, by Eigen built for one instruction set: the limit that the engine is
/// measured against.
using SquareProduct = void (*)(const float* a, const float* b, float* c, long size);

void eigenProductBaseline(const float* a, const float* b, float* c, long size);
void eigenProductAvx2(const float* a, const float* b, float* c, long size);
void eigenProductAvx512(const float* a, const float* b, float* c, long size);

}  // namespace brownout
