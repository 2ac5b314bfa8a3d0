#include "profiles/hdf5/hdf5_grid.h"

#include <algorithm>

#include "base/error.h"
#include "profiles/hdf5/hdf5_attribute.h"

namespace brownout {
namespace {

// More than the largest chips take at the most voltages that make sense.
constexpr std::uint64_t kMostChunks = std::uint64_t{1} << 24;
// Of a box that is read in one go.
constexpr std::uint64_t kMostElements = std::uint64_t{1} << 24;
// What a trial of a file without a seal looks at: bounded, because a small file can hold a large
// grid of zeros. What is left out is compressed data, whose damage the filters notice without
// crashing.
constexpr std::uint64_t kMostElementsTried = std::uint64_t{1} << 26;
constexpr std::uint64_t kMostChunksTried = std::uint64_t{1} << 20;

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
    : array_(parent, name, std::move(place), kCountsDimensions,
             "6: chip, voltage, temperature, pattern, row, column") {
    if (!isStandardInteger(array_.type().get()) ||
        H5Tget_sign(array_.type().get()) != H5T_SGN_NONE || array_.elementBytes() > 4) {
        fail("holds no unsigned integers of 1, 2 or 4 bytes");
    }
    if (array_.chunked()) {
        checkFill();
    } else {
        array_.requireStored(1);
    }
}

void Hdf5Grid::checkFill() const {
    double chunks = 1;
    for (unsigned i = 0; i < kCountsDimensions; ++i) {
        const std::uint64_t side = array_.chunk()[i];
        chunks *= static_cast<double>((array_.shape()[i] + side - 1) / side);
    }
    if (chunks > static_cast<double>(kMostChunks)) {
        fail("has more than 2^24 chunks");
    }
    const std::uint32_t greatest = array_.elementBytes() == 4
                                       ? kNotMeasured
                                       : (std::uint32_t{1} << (8 * array_.elementBytes())) - 1;
    const PropertyHandle creation(H5Dget_create_plist(array_.dataset()));
    std::uint32_t fill = 0;
    if (!creation || H5Pget_fill_value(creation.get(), H5T_NATIVE_UINT32, &fill) < 0) {
        fail("can't be read: " + takeHdf5Reason());
    }
    if (fill == greatest) return;
    hsize_t stored = 0;
    const SpaceHandle all(H5Dget_space(array_.dataset()));
    if (H5Dget_num_chunks(array_.dataset(), all.get(), &stored) < 0) {
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
        chunks *= (array_.shape()[i] + array_.chunk()[i] - 1) / array_.chunk()[i];
    }
    return chunks;
}

void Hdf5Grid::requireShape(const GridPoint& shape, bool broadcasts) const {
    for (unsigned i = 0; i < kCountsDimensions; ++i) {
        if (array_.shape()[i] == shape[i] || (broadcasts && array_.shape()[i] == 1)) continue;
        fail("has shape " + textOfShape(array_.shape()) + "; expected " +
             textOfShape({shape.begin(), shape.end()}) +
             ": chips, voltages, temperatures, patterns, rows of all arrays, columns" +
             (broadcasts ? ", any of them 1" : ""));
    }
}

void Hdf5Grid::readRows(GridPoint first, std::uint64_t rows, std::vector<std::uint32_t>& out,
                        std::vector<std::uint16_t>& scratch) const {
    GridPoint extent{1, 1, 1, 1, rows, array_.shape()[5]};
    for (unsigned i = 0; i < kCountsDimensions; ++i) {
        if (array_.shape()[i] == 1) first[i] = 0, extent[i] = 1;
    }
    readBox(first, extent, out, scratch);
}

void Hdf5Grid::readBox(const GridPoint& first, const GridPoint& extent,
                       std::vector<std::uint32_t>& out, std::vector<std::uint16_t>& scratch) const {
    const std::uint64_t count = elementsOf(extent);
    const auto read = [&](hid_t memoryType, void* to) {
        array_.read(memoryType, first.data(), extent.data(), to);
    };
    out.resize(count);
    // Converting here is several times faster than in the library.
    if (array_.elementBytes() == 1) {
        scratch.resize((count + 1) / 2);
        auto* stored = reinterpret_cast<std::uint8_t*>(scratch.data());
        read(H5T_NATIVE_UINT8, stored);
        widen(stored, count, out);
    } else if (array_.elementBytes() == 2) {
        scratch.resize(count);
        read(H5T_NATIVE_UINT16, scratch.data());
        widen(scratch.data(), count, out);
    } else {
        read(H5T_NATIVE_UINT32, out.data());
    }
}

void Hdf5Grid::readAll() const {
    if (array_.chunked()) {
        readChunks();
    } else {
        readContiguous();
    }
}

// Stored as a whole, so no larger than the file.
void Hdf5Grid::readContiguous() const {
    const std::vector<hsize_t>& shape = array_.shape();
    if (std::find(shape.begin(), shape.end(), 0U) != shape.end()) return;
    std::vector<std::uint32_t> values;
    std::vector<std::uint16_t> scratch;
    const hsize_t rows = std::clamp<hsize_t>(kMostElements / shape[5], 1, shape[4]);
    GridPoint first{};
    for (;;) {
        for (first[4] = 0; first[4] < shape[4]; first[4] += rows) {
            readRows(first, std::min(rows, shape[4] - first[4]), values, scratch);
        }
        unsigned i = 4;
        while (i-- > 0 && ++first[i] == shape[i]) first[i] = 0;
        if (i > 3) return;
    }
}

void Hdf5Grid::readChunks() const {
    const std::vector<hsize_t>& shape = array_.shape();
    const std::vector<hsize_t>& chunk = array_.chunk();
    std::vector<std::uint32_t> values;
    std::vector<std::uint16_t> scratch;
    GridPoint first{};
    std::uint64_t elements = 0;
    for (std::uint64_t n = std::min(chunksOfGrid(), kMostChunksTried); n > 0; --n) {
        hsize_t bytes = 0;
        if (H5Dget_chunk_storage_size(array_.dataset(), first.data(), &bytes) < 0) {
            H5Eclear2(H5E_DEFAULT);
            bytes = 0;
        }
        if (bytes > 0 && elements < kMostElementsTried) {
            GridPoint extent{};
            for (unsigned i = 0; i < kCountsDimensions; ++i) {
                extent[i] = std::min(chunk[i], shape[i] - first[i]);
            }
            elements += elementsOf(extent);
            readBox(first, extent, values, scratch);
        }
        for (unsigned i = kCountsDimensions; i-- > 0;) {
            first[i] += chunk[i];
            if (first[i] < shape[i]) break;
            first[i] = 0;
        }
    }
}

}  // namespace brownout
