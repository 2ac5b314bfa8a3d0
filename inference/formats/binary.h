#pragma once

#include <memory>
#include <string>

#include "inference/formats/number_format.h"

namespace brownout {

/// Returns the format "binary", null for another name: one bit a weight, code 1 for +s and code 0
/// for -s, where s is the mean of |w| over the tensor, which approximates the tensor best (least
/// squares). Values from zero up, negative zero included, have the code 1, as in QONNX
/// BipolarQuant. No code is nearer to 0 than the other, so zero() is 0.
std::shared_ptr<const NumberFormat> binaryFormat(const std::string& name);

}  // namespace brownout
