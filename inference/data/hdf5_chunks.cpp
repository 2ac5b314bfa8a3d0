#include "inference/data/hdf5_chunks.h"

#include <zlib.h>

#include <algorithm>

#include "base/error.h"
#include "base/hdf5/hdf5_handle.h"

namespace brownout {

namespace {

struct Filter {
    H5Z_filter_t id;
    unsigned flagBit;       ///< Set in a chunk's mask if the chunk went without this filter.
    unsigned elementBytes;  ///< Of shuffle.
};

std::vector<Filter> filtersOf(hid_t settings, const std::string& place) {
    std::vector<Filter> filters;
    const int count = H5Pget_nfilters(settings);
    for (int i = 0; i < count; ++i) {
        unsigned flags = 0;
        unsigned config = 0;
        unsigned values[8] = {};
        std::size_t valueCount = 8;
        const H5Z_filter_t id = H5Pget_filter2(settings, static_cast<unsigned>(i), &flags,
                                               &valueCount, values, 0, nullptr, &config);
        if (id != H5Z_FILTER_DEFLATE && id != H5Z_FILTER_SHUFFLE && id != H5Z_FILTER_FLETCHER32) {
            throw Error(place, "is stored with filter " + std::to_string(id) +
                                   ", supported are deflate, shuffle and fletcher32");
        }
        filters.push_back({id, i < 32 ? 1U << static_cast<unsigned>(i) : 0U, values[0]});
    }
    return filters;
}

/// Fletcher's checksum as HDF5 has it: 16-bit words, first byte high.
std::uint32_t fletcher32(const std::uint8_t* data, std::size_t length) {
    std::uint32_t sum1 = 0;
    std::uint32_t sum2 = 0;
    auto reduce = [&] {
        sum1 = (sum1 & 0xffff) + (sum1 >> 16);
        sum2 = (sum2 & 0xffff) + (sum2 >> 16);
    };
    for (std::size_t i = 0; i < length; i += 2) {
        const std::uint32_t low = i + 1 < length ? data[i + 1] : 0U;
        sum1 += (std::uint32_t{data[i]} << 8) | low;
        sum2 += sum1;
        if ((i / 2) % 360 == 359 || i + 2 >= length) {
            reduce();
        }
    }
    reduce();
    return (sum2 << 16) | sum1;
}

using Bytes = std::vector<std::uint8_t>;

void checkSum(Bytes& bytes, const std::string& place) {
    if (bytes.size() < 4) {
        throw Error(place, "has a chunk without its checksum: corrupted");
    }
    const std::size_t length = bytes.size() - 4;
    const std::uint8_t* stored = bytes.data() + length;
    const std::uint32_t expected = stored[0] | (std::uint32_t{stored[1]} << 8) |
                                   (std::uint32_t{stored[2]} << 16) |
                                   (std::uint32_t{stored[3]} << 24);
    if (fletcher32(bytes.data(), length) != expected) {
        throw Error(place, "has a chunk with a wrong checksum: corrupted");
    }
    bytes.resize(length);
}

void inflate(Bytes& bytes, std::size_t mostBytes, const std::string& place) {
    Bytes inflated(mostBytes);
    uLongf length = mostBytes;
    if (uncompress(inflated.data(), &length, bytes.data(), bytes.size()) != Z_OK) {
        throw Error(place, "has a chunk that can't be unpacked: corrupted");
    }
    inflated.resize(length);
    bytes = std::move(inflated);
}

/// Bytes of equal significance stand together in a shuffled chunk; here they come apart again.
void unshuffle(Bytes& bytes, std::size_t elementBytes, const std::string& place) {
    if (elementBytes == 0 || bytes.size() % elementBytes != 0) {
        throw Error(place, "has a shuffled chunk of a wrong size: corrupted");
    }
    const std::size_t count = bytes.size() / elementBytes;
    Bytes ordered(bytes.size());
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        ordered[(i % count) * elementBytes + i / count] = bytes[i];
    }
    bytes = std::move(ordered);
}

/// A data set cut in chunks: walks over them and puts each one's rows where they belong.
struct Layout {
    std::vector<hsize_t> sizes, sides;
    std::size_t elementBytes;

    std::size_t chunkBytes() const {
        std::size_t bytes = elementBytes;
        for (hsize_t side : sides) {
            bytes *= side;
        }
        return bytes;
    }

    /// Next chunk's first element; false after the last.
    bool advance(std::vector<hsize_t>& first) const {
        for (std::size_t axis = sizes.size(); axis-- > 0;) {
            first[axis] += sides[axis];
            if (first[axis] < sizes[axis]) {
                return true;
            }
            first[axis] = 0;
        }
        return false;
    }

    void place(const Bytes& chunk, const std::vector<hsize_t>& first, Bytes& whole) const {
        const std::size_t last = sizes.size() - 1;
        const std::size_t rows = chunk.size() / (sides[last] * elementBytes);
        const hsize_t run = std::min(sides[last], sizes[last] - first[last]);
        for (std::size_t row = 0; row < rows; ++row) {
            std::size_t rest = row;
            std::size_t target = first[last];
            std::size_t step = sizes[last];
            bool inside = true;
            for (std::size_t axis = last; axis-- > 0;) {
                const std::size_t at = first[axis] + rest % sides[axis];
                rest /= sides[axis];
                inside = inside && at < sizes[axis];
                target += at * step;
                step *= sizes[axis];
            }
            if (inside) {
                std::copy_n(chunk.data() + row * sides[last] * elementBytes, run * elementBytes,
                            whole.data() + target * elementBytes);
            }
        }
    }
};

Bytes fetchChunk(hid_t dataset, const std::vector<hsize_t>& first, hsize_t maxBytes,
                 std::uint32_t& mask, const std::string& place) {
    hsize_t stored = 0;
    hsize_t indexed = 0;
    haddr_t address = HADDR_UNDEF;
    // The two sizes come from different places of the file; reading trusts the second.
    if (H5Dget_chunk_storage_size(dataset, first.data(), &stored) < 0 ||
        H5Dget_chunk_info_by_coord(dataset, first.data(), &mask, &address, &indexed) < 0 ||
        stored == 0 || stored != indexed || stored > maxBytes) {
        throw Error(place, "has a missing or damaged chunk: truncated or corrupted");
    }
    Bytes bytes(stored);
    if (H5Dread_chunk(dataset, H5P_DEFAULT, first.data(), &mask, bytes.data()) < 0) {
        throw Error(place, "cannot be read: truncated or corrupted");
    }
    return bytes;
}

}  // namespace

std::vector<std::uint8_t> readChunks(hid_t dataset, const std::vector<hsize_t>& sizes,
                                     std::size_t elementBytes, hsize_t maxBytes,
                                     const std::string& place) {
    const PropertyHandle settings(H5Dget_create_plist(dataset));
    Layout layout{sizes, std::vector<hsize_t>(sizes.size()), elementBytes};
    const std::vector<Filter> filters = filtersOf(settings.get(), place);
    const int rank = static_cast<int>(sizes.size());
    if (H5Pget_chunk(settings.get(), rank, layout.sides.data()) != rank) {
        throw Error(place, "has no readable layout");
    }

    std::size_t count = elementBytes;
    for (hsize_t size : sizes) {
        count *= size;
    }
    Bytes whole(count);
    const std::size_t chunkBytes = layout.chunkBytes();
    std::vector<hsize_t> first(sizes.size(), 0);
    do {
        std::uint32_t mask = 0;
        Bytes chunk = fetchChunk(dataset, first, maxBytes, mask, place);
        for (auto filter = filters.rbegin(); filter != filters.rend(); ++filter) {
            if ((mask & filter->flagBit) != 0) {
                continue;
            }
            if (filter->id == H5Z_FILTER_FLETCHER32) {
                checkSum(chunk, place);
            } else if (filter->id == H5Z_FILTER_DEFLATE) {
                inflate(chunk, chunkBytes + 4 * filters.size(), place);
            } else {
                unshuffle(chunk, filter->elementBytes, place);
            }
        }
        if (chunk.size() != chunkBytes) {
            throw Error(place, "has a chunk of " + std::to_string(chunk.size()) +
                                   " bytes, expected " + std::to_string(chunkBytes));
        }
        layout.place(chunk, first, whole);
    } while (layout.advance(first));
    return whole;
}

}  // namespace brownout
