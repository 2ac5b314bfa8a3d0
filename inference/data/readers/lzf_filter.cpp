#include "inference/data/readers/lzf_filter.h"

#include <hdf5.h>
#include <lzf.h>

#include <cerrno>
#include <cstdlib>

namespace brownout {
namespace {

constexpr H5Z_filter_t kLzf = 32000;
constexpr std::size_t kMostBytes = std::size_t{1} << 30;

/// Unpacks a chunk in place, as the library asks of a filter. Returns its size, 0 for damage.
std::size_t unpack(unsigned flags, std::size_t settings, const unsigned values[],
                   std::size_t packedBytes, std::size_t* bufferBytes, void** buffer) {
    if ((flags & H5Z_FLAG_REVERSE) == 0) return 0;
    // h5py writes the size of a chunk as the third value.
    std::size_t bytes = settings >= 3 && values[2] != 0 ? values[2] : *bufferBytes;
    for (; bytes <= kMostBytes; bytes *= 2) {
        // The library frees the buffer with free().
        void* unpacked = std::malloc(bytes);
        if (unpacked == nullptr) return 0;
        const unsigned length = lzf_decompress(*buffer, static_cast<unsigned>(packedBytes),
                                               unpacked, static_cast<unsigned>(bytes));
        if (length != 0) {
            std::free(*buffer);
            *buffer = unpacked;
            *bufferBytes = bytes;
            return length;
        }
        std::free(unpacked);
        if (errno != E2BIG) return 0;
    }
    return 0;
}

}  // namespace

void registerLzfFilter() {
    if (H5Zfilter_avail(kLzf) > 0) return;
    const H5Z_class2_t filter = {H5Z_CLASS_T_VERS, kLzf, 0, 1, "lzf", nullptr, nullptr, unpack};
    H5Zregister(&filter);
}

}  // namespace brownout
