#pragma once

#include <cstdint>
#include <filesystem>

#include "base/span.h"

namespace brownout {

/// Writes an HDF5 file with `logits` (N, classes; float32) and `predictions` (N; int32), whole or
/// not at all. Throws Error naming the file.
void writeLogits(const std::filesystem::path& path, Span<const float> logits, std::size_t classes,
                 Span<const std::int32_t> predictions);

}  // namespace brownout
