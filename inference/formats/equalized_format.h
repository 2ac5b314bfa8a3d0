#pragma once

#include <memory>
#include <string>

#include "inference/formats/number_format.h"

namespace brownout {

/// Returns the format of "NAME-equalized": NAME, a format that numberFormat() knows, fitted to
/// weights that were equalised before (graph/weight_equalization.h). Null if the name ends
/// otherwise, or NAME is not the name of a format that reads weights as numbers ("file" isn't).
std::shared_ptr<const NumberFormat> equalizedFormat(const std::string& name);

/// Returns the format below -equalized; the format itself if it is none of those.
const NumberFormat& unequalized(const NumberFormat& format);

}  // namespace brownout
