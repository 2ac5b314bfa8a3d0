#pragma once

#include <memory>
#include <string>

#include "inference/formats/number_format.h"

namespace brownout {

/// Returns the format "file", or "file-float", which computes in floats what "file" computes in
/// integers (graph/integer_regions.h): tensors that the network's file has quantised keep the codes
/// that the file has, at their own widths; what it has as floating-point numbers is stored in fp32.
/// Returns null for other names.
std::shared_ptr<const NumberFormat> fileFormat(const std::string& name);

}  // namespace brownout
