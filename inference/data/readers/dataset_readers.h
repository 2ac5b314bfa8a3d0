#pragma once

#include <filesystem>
#include <string>

#include "base/error.h"
#include "inference/data/dataset.h"

namespace brownout {

// Readers read the first `most` images, or all there are if there are fewer. Each throws Error
// naming the file and the place in it, also if those images take more than kMaxDatasetBytes.

/// Reads a pair of IDX files, plain or gzip.
Dataset::Content readIdx(const std::filesystem::path& images, const std::filesystem::path& labels,
                         std::size_t most);
/// Returns true if the file starts (after unpacking) like an IDX file of unsigned bytes.
bool looksLikeIdx(const std::filesystem::path& path);

/// Reads a CIFAR-10 binary batch, plain or gzip: records of one label byte and 3 x 32 x 32 pixels.
Dataset::Content readCifar10(const std::filesystem::path& path, std::size_t most);

/// Reads an HDF5 file with `images` and `labels`.
Dataset::Content readHdf5Dataset(const std::filesystem::path& path, std::size_t most);

/// Returns the Error of a file whose images are too many to be held in memory.
Error tooManyImages(const std::string& place);

}  // namespace brownout
