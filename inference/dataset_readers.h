#pragma once

#include <filesystem>
#include <string>

#include "inference/dataset.h"

namespace brownout {

/// Largest data set that is read into memory.
constexpr std::size_t kMaxDatasetBytes = std::size_t{4} << 30;

/// A pair of IDX files, plain or gzip.
Dataset::Content readIdx(const std::filesystem::path& images, const std::filesystem::path& labels);
/// True if the file starts (after unpacking) like an IDX file of unsigned bytes.
bool looksLikeIdx(const std::filesystem::path& path);

/// A CIFAR-10 binary batch: records of one label byte and 3 x 32 x 32 pixels.
Dataset::Content readCifar10(const std::filesystem::path& path);

/// An HDF5 file with `images` and `labels`.
Dataset::Content readHdf5Dataset(const std::filesystem::path& path);

}  // namespace brownout
