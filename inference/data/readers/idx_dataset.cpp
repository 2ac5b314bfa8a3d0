// IDX files (the format of MNIST), plain or gzip.

#include <algorithm>

#include "base/error.h"
#include "inference/data/readers/dataset_readers.h"
#include "inference/data/readers/unpacked_file.h"

namespace brownout {

namespace {

constexpr std::uint8_t kUnsignedByte = 0x08;

struct Idx {
    std::size_t items;               ///< along the first axis, also where fewer are read
    std::vector<std::size_t> sizes;  ///< of what is read
    std::vector<std::uint8_t> values;
};

/// Reads the first `most` items along the first axis.
Idx readIdxFile(const std::filesystem::path& path, std::size_t most) {
    UnpackedFile file(path);
    const std::vector<std::uint8_t> magic = file.read(4);
    if (magic.size() < 4 || magic[0] != 0 || magic[1] != 0) {
        throw Error(file.path(), "is not an IDX file (wrong magic number)");
    }
    if (magic[2] != kUnsignedByte) {
        throw Error(file.path(),
                    "holds IDX type " + std::to_string(magic[2]) + ", expected 8 (unsigned bytes)");
    }
    if (magic[3] < 1 || magic[3] > 4) {
        throw Error(file.path(), "has " + std::to_string(magic[3]) + " axes, expected 1 to 4");
    }
    Idx idx{};
    const std::vector<std::uint8_t> header = file.read(4 * std::size_t{magic[3]});
    if (header.size() != 4 * std::size_t{magic[3]}) {
        throw Error(file.path(), "ends within its header");
    }
    std::size_t itemBytes = 1;
    for (std::size_t i = 0; i < magic[3]; ++i) {
        const std::size_t size = (std::size_t{header[4 * i]} << 24) |
                                 (std::size_t{header[4 * i + 1]} << 16) |
                                 (std::size_t{header[4 * i + 2]} << 8) | header[4 * i + 3];
        idx.sizes.push_back(size);
        if (size == 0) {
            throw Error(file.path(), "axis " + std::to_string(i) + " has the size 0");
        }
        if (i > 0 && size > kMaxDatasetBytes / itemBytes) throw tooManyImages(file.path());
        if (i > 0) itemBytes *= size;
    }
    idx.items = idx.sizes[0];
    const bool whole = most >= idx.items;
    idx.sizes[0] = std::min(idx.items, most);
    if (idx.sizes[0] > kMaxDatasetBytes / itemBytes) throw tooManyImages(file.path());
    const std::size_t count = idx.sizes[0] * itemBytes;
    idx.values = file.read(count);
    if (idx.values.size() != count) {
        throw Error(file.path(), "has " + std::to_string(idx.values.size()) +
                                     " bytes of data, its header says " + std::to_string(count) +
                                     (whole ? "" : " and more"));
    }
    if (whole && !file.read(1).empty()) {
        throw Error(file.path(),
                    "has more data than the " + std::to_string(count) + " bytes its header says");
    }
    return idx;
}

}  // namespace

bool looksLikeIdx(const std::filesystem::path& path) {
    UnpackedFile file(path);
    const std::vector<std::uint8_t> magic = file.read(4);
    return magic.size() == 4 && magic[0] == 0 && magic[1] == 0 && magic[2] == kUnsignedByte &&
           magic[3] >= 1 && magic[3] <= 4;
}

Dataset::Content readIdx(const std::filesystem::path& images, const std::filesystem::path& labels,
                         std::size_t most) {
    Idx pixels = readIdxFile(images, most);
    if (pixels.sizes.size() != 3 && pixels.sizes.size() != 4) {
        throw Error(images.string(), "has " + std::to_string(pixels.sizes.size()) +
                                         " axes, expected images: 3 or 4");
    }
    const Idx classes = readIdxFile(labels, most);
    if (classes.sizes.size() != 1) {
        throw Error(labels.string(),
                    "has " + std::to_string(classes.sizes.size()) + " axes, expected labels: 1");
    }
    if (classes.items != pixels.items) {
        throw Error(labels.string(), "has " + std::to_string(classes.items) + " labels for " +
                                         std::to_string(pixels.items) + " images in " +
                                         images.string());
    }
    Dataset::Content content;
    content.place = images.string();
    const bool grey = pixels.sizes.size() == 3;
    content.shape = {grey ? 1 : static_cast<std::int64_t>(pixels.sizes[1])};
    for (std::size_t i = grey ? 1 : 2; i < pixels.sizes.size(); ++i) {
        content.shape.push_back(static_cast<std::int64_t>(pixels.sizes[i]));
    }
    content.bytes = std::move(pixels.values);
    content.labels.assign(classes.values.begin(), classes.values.end());
    return content;
}

}  // namespace brownout
