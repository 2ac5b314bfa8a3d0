// IDX files (the format of MNIST) and CIFAR-10's binary batches, plain or gzip.

#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "base/error.h"
#include "inference/data/readers/dataset_readers.h"

namespace brownout {

namespace {

constexpr std::size_t kChunk = std::size_t{1} << 20;

/// A file as its unpacked bytes; zlib reads plain files as they are.
class UnpackedFile {
 public:
    explicit UnpackedFile(const std::filesystem::path& path) : path_(path.string()) {
        std::error_code code;
        if (std::filesystem::is_directory(path, code)) {
            throw Error(path_, "is a folder, expected a file");
        }
        errno = 0;
        file_ = gzopen(path_.c_str(), "rb");
        if (file_ == nullptr) {
            throw ioError(path_, "cannot open", errno != 0 ? errno : ENOMEM);
        }
    }
    UnpackedFile(const UnpackedFile&) = delete;
    UnpackedFile& operator=(const UnpackedFile&) = delete;
    ~UnpackedFile() { gzclose(file_); }

    /// Returns up to `count` bytes, fewer only at the end. Memory grows with what is really there.
    std::vector<std::uint8_t> read(std::size_t count) {
        std::vector<std::uint8_t> bytes;
        bytes.reserve(count);
        while (bytes.size() < count) {
            const std::size_t before = bytes.size();
            const std::size_t chunk = std::min(kChunk, count - before);
            bytes.resize(before + chunk);
            const int got = gzread(file_, bytes.data() + before, static_cast<unsigned>(chunk));
            int status = Z_OK;
            const char* message = gzerror(file_, &status);
            if (got < 0 || (status != Z_OK && status != Z_STREAM_END)) {
                throw Error(path_, std::string("is truncated or corrupted (") + message + ")");
            }
            bytes.resize(before + static_cast<std::size_t>(got));
            if (got == 0) {
                bytes.shrink_to_fit();
                break;
            }
        }
        return bytes;
    }

    const std::string& path() const { return path_; }

 private:
    std::string path_;
    gzFile file_ = nullptr;
};

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

Dataset::Content readCifar10(const std::filesystem::path& path, std::size_t most) {
    constexpr std::size_t kPixels = 3 * 32 * 32;
    constexpr std::size_t kRecord = 1 + kPixels;
    constexpr std::size_t kPiece = 256;
    UnpackedFile file(path);
    Dataset::Content content;
    content.place = file.path();
    content.shape = {3, 32, 32};
    std::size_t read = 0;
    while (content.labels.size() < most) {
        const auto records = file.read(kRecord * std::min(kPiece, most - content.labels.size()));
        read += records.size();
        if (records.size() % kRecord != 0 || read == 0) {
            throw Error(file.path(), "has " + std::to_string(read) +
                                         " bytes, not a multiple of the " +
                                         std::to_string(kRecord) +
                                         " of a CIFAR-10 record: truncated or of another kind");
        }
        if (records.empty()) break;
        for (std::size_t at = 0; at < records.size(); at += kRecord) {
            if (records[at] > 9) {
                throw Error(file.path(), "image " + std::to_string(content.labels.size()) +
                                             " has the label " + std::to_string(records[at]) +
                                             ", expected 0 to 9");
            }
            content.labels.push_back(records[at]);
            const auto first = records.begin() + static_cast<std::ptrdiff_t>(at) + 1;
            content.bytes.insert(content.bytes.end(), first, first + kPixels);
        }
        if (content.bytes.size() > kMaxDatasetBytes) throw tooManyImages(file.path());
    }
    return content;
}

}  // namespace brownout
