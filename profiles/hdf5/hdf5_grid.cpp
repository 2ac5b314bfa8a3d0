#include "profiles/hdf5/hdf5_grid.h"

#include <algorithm>

#include "base/error.h"
#include "profiles/hdf5/hdf5_attribute.h"

namespace brownout {
namespace {

constexpr std::uint64_t kLargestChunkBytes = std::uint64_t{16} << 20;
// More than the largest chips take at the most voltages that make sense.
constexpr std::uint64_t kMostChunks = std::uint64_t{1} << 24;
// Of a box that is read in one go.
constexpr std::uint64_t kMostElements = std::uint64_t{1} << 24;
// What a trial of a file without a seal looks at: bounded, because a small file can hold a large
// grid of zeros. What is left out is compressed data, whose damage the filters notice without
// crashing.
constexpr std::uint64_t kMostElementsTried = std::uint64_t{1} << 26;
constexpr std::uint64_t kMostChunksTried = std::uint64_t{1} << 20;

std::string textOf(const GridPoint& point) {
    std::string text;
    for (const std::uint64_t one : point) text += (text.empty() ? "" : " x ") + std::to_string(one);
    return text;
}

std::uint64_t elementsOf(const GridPoint& extent) {
    std::uint64_t product = 1;
    for (const std::uint64_t one : extent) product *= one;
    return product;
}

/// Numbers as they are stored; the greatest of their type means "not measured".
template <typename Stored>
void widen(const Stored* stored, std::uint64_t count, std::vector<std::uint32_t>& out) {
    constexpr auto kGreatest = static_cast<Stored>(~Stored{0});
    std::transform(stored, stored + count, out.begin(), [](Stored value) {
        return value == kGreatest ? kNotMeasured : std::uint32_t{value};
    });
}

}  // namespace

Hdf5Grid::Hdf5Grid(hid_t parent, const std::string& name, std::string place)
    : place_(std::move(place)), dataset_(H5Dopen2(parent, name.c_str(), H5P_DEFAULT)) {
    if (!dataset_) fail("can't be opened as a dataset: " + takeHdf5Reason());
    type_ = TypeHandle(H5Dget_type(dataset_.get()));
    const SpaceHandle space(H5Dget_space(dataset_.get()));
    if (!type_ || !space) fail("can't be read: " + takeHdf5Reason());
    const int dimensions = H5Sget_simple_extent_ndims(space.get());
    if (dimensions != static_cast<int>(kCountsDimensions)) {
        fail("has " + std::to_string(dimensions) +
             " dimensions; expected 6: chip, voltage, temperature, pattern, row, column");
    }
    std::array<hsize_t, kCountsDimensions> shape{};
    if (H5Sget_simple_extent_dims(space.get(), shape.data(), nullptr) < 0) {
        fail("can't be read: " + takeHdf5Reason());
    }
    std::copy(shape.begin(), shape.end(), shape_.begin());
    elementBytes_ = H5Tget_size(type_.get());
    if (!isStandardInteger(type_.get()) || H5Tget_sign(type_.get()) != H5T_SGN_NONE ||
        elementBytes_ > 4) {
        fail("holds no unsigned integers of 1, 2 or 4 bytes");
    }
    checkLayout();
}

void Hdf5Grid::checkLayout() {
    const PropertyHandle creation(H5Dget_create_plist(dataset_.get()));
    if (!creation) fail("can't be read: " + takeHdf5Reason());
    const H5D_layout_t layout = H5Pget_layout(creation.get());
    if (layout != H5D_COMPACT && layout != H5D_CONTIGUOUS && layout != H5D_CHUNKED) {
        fail("is stored in a way that profiles don't use");
    }
    if (H5Pget_external_count(creation.get()) != 0) fail("is stored in another file");
    chunked_ = layout == H5D_CHUNKED;
    chunk_ = shape_;
    if (!chunked_) {
        // Element counts first: the product could wrap around.
        double bytes = static_cast<double>(elementBytes_);
        for (const std::uint64_t one : shape_) bytes *= static_cast<double>(one);
        const hsize_t stored = H5Dget_storage_size(dataset_.get());
        if (static_cast<double>(stored) < bytes) {
            fail("claims " + textOf(shape_) + " elements but stores " + std::to_string(stored) +
                 " bytes");
        }
        return;
    }
    std::array<hsize_t, kCountsDimensions> chunk{};
    if (H5Pget_chunk(creation.get(), kCountsDimensions, chunk.data()) !=
        static_cast<int>(kCountsDimensions)) {
        fail("has damaged chunks");
    }
    double bytes = static_cast<double>(elementBytes_);
    for (const hsize_t one : chunk) bytes *= static_cast<double>(one);
    std::copy(chunk.begin(), chunk.end(), chunk_.begin());
    if (!(bytes >= 1 && bytes <= static_cast<double>(kLargestChunkBytes))) {
        fail("has chunks of " + textOf(chunk_) + " elements; expected at most 16 MiB");
    }
    checkFill(creation.get());
}

void Hdf5Grid::checkFill(hid_t creation) const {
    double chunks = 1;
    for (unsigned i = 0; i < kCountsDimensions; ++i) {
        chunks *= static_cast<double>((shape_[i] + chunk_[i] - 1) / chunk_[i]);
    }
    if (chunks > static_cast<double>(kMostChunks)) {
        fail("has more than 2^24 chunks");
    }
    const std::uint32_t greatest =
        elementBytes_ == 4 ? kNotMeasured : (std::uint32_t{1} << (8 * elementBytes_)) - 1;
    std::uint32_t fill = 0;
    if (H5Pget_fill_value(creation, H5T_NATIVE_UINT32, &fill) < 0) {
        fail("can't be read: " + takeHdf5Reason());
    }
    if (fill == greatest) return;
    hsize_t stored = 0;
    const SpaceHandle all(H5Dget_space(dataset_.get()));
    if (H5Dget_num_chunks(dataset_.get(), all.get(), &stored) < 0) {
        fail("can't be read: " + takeHdf5Reason());
    }
    if (stored != chunksOfGrid()) {
        fail("has parts that were never written and fill value " + std::to_string(fill) +
             "; expected " + std::to_string(greatest) + ", which means not measured");
    }
}

std::uint64_t Hdf5Grid::chunksOfGrid() const {
    std::uint64_t chunks = 1;
    for (unsigned i = 0; i < kCountsDimensions; ++i) {
        chunks *= (shape_[i] + chunk_[i] - 1) / chunk_[i];
    }
    return chunks;
}

void Hdf5Grid::requireShape(const GridPoint& shape, bool broadcasts) const {
    for (unsigned i = 0; i < kCountsDimensions; ++i) {
        if (shape_[i] == shape[i] || (broadcasts && shape_[i] == 1)) continue;
        fail("has shape " + textOf(shape_) + "; expected " + textOf(shape) +
             ": chips, voltages, temperatures, patterns, rows of all arrays, columns" +
             (broadcasts ? ", any of them 1" : ""));
    }
}

void Hdf5Grid::readRows(GridPoint first, std::uint64_t rows, std::vector<std::uint32_t>& out,
                        std::vector<std::uint16_t>& scratch) const {
    GridPoint extent{1, 1, 1, 1, rows, shape_[5]};
    for (unsigned i = 0; i < kCountsDimensions; ++i) {
        if (shape_[i] == 1) first[i] = 0, extent[i] = 1;
    }
    readBox(first, extent, out, scratch);
}

void Hdf5Grid::readBox(const GridPoint& first, const GridPoint& extent,
                       std::vector<std::uint32_t>& out, std::vector<std::uint16_t>& scratch) const {
    const std::uint64_t count = elementsOf(extent);
    std::array<hsize_t, kCountsDimensions> start{}, size{};
    std::copy(first.begin(), first.end(), start.begin());
    std::copy(extent.begin(), extent.end(), size.begin());
    const SpaceHandle fileSpace(H5Dget_space(dataset_.get()));
    const SpaceHandle memorySpace(H5Screate_simple(kCountsDimensions, size.data(), nullptr));
    const auto read = [&](hid_t memoryType, void* to) {
        if (H5Sselect_hyperslab(fileSpace.get(), H5S_SELECT_SET, start.data(), nullptr, size.data(),
                                nullptr) < 0 ||
            H5Dread(dataset_.get(), memoryType, memorySpace.get(), fileSpace.get(), H5P_DEFAULT,
                    to) < 0) {
            fail("can't be read: " + takeHdf5Reason());
        }
    };
    out.resize(count);
    // Converting here is several times faster than in the library.
    if (elementBytes_ == 1) {
        scratch.resize((count + 1) / 2);
        auto* stored = reinterpret_cast<std::uint8_t*>(scratch.data());
        read(H5T_NATIVE_UINT8, stored);
        widen(stored, count, out);
    } else if (elementBytes_ == 2) {
        scratch.resize(count);
        read(H5T_NATIVE_UINT16, scratch.data());
        widen(scratch.data(), count, out);
    } else {
        read(H5T_NATIVE_UINT32, out.data());
    }
}

void Hdf5Grid::readAll() const {
    std::vector<std::uint32_t> values;
    std::vector<std::uint16_t> scratch;
    if (!chunked_) {
        // Stored as a whole, so no larger than the file.
        GridPoint first{};
        for (const std::uint64_t one : shape_) {
            if (one == 0) return;
        }
        const std::uint64_t rows =
            std::clamp<std::uint64_t>(kMostElements / shape_[5], 1, shape_[4]);
        for (;;) {
            for (first[4] = 0; first[4] < shape_[4]; first[4] += rows) {
                readRows(first, std::min(rows, shape_[4] - first[4]), values, scratch);
            }
            unsigned i = 4;
            while (i-- > 0 && ++first[i] == shape_[i]) first[i] = 0;
            if (i > 3) return;
        }
    }
    GridPoint first{};
    std::uint64_t elements = 0;
    for (std::uint64_t n = std::min(chunksOfGrid(), kMostChunksTried); n > 0; --n) {
        std::array<hsize_t, kCountsDimensions> start{};
        std::copy(first.begin(), first.end(), start.begin());
        hsize_t bytes = 0;
        if (H5Dget_chunk_storage_size(dataset_.get(), start.data(), &bytes) < 0) {
            H5Eclear2(H5E_DEFAULT);
            bytes = 0;
        }
        if (bytes > 0 && elements < kMostElementsTried) {
            GridPoint extent{};
            for (unsigned i = 0; i < kCountsDimensions; ++i) {
                extent[i] = std::min(chunk_[i], shape_[i] - first[i]);
            }
            elements += elementsOf(extent);
            readBox(first, extent, values, scratch);
        }
        for (unsigned i = kCountsDimensions; i-- > 0;) {
            first[i] += chunk_[i];
            if (first[i] < shape_[i]) break;
            first[i] = 0;
        }
    }
}

void Hdf5Grid::fail(const std::string& problem) const { throw Error(place_, problem); }

}  // namespace brownout
