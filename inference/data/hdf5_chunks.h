#pragma once

#include <hdf5.h>

#include <cstdint>
#include <string>
#include <vector>

namespace brownout {

/// All bytes of a chunked data set (of `sizes`, elements of `elementBytes`), in the type of the
/// file.
///
/// The library trusts a file that its decoded chunks are as large as they should be, and copies
/// beyond them if a damaged header says otherwise; so chunks are fetched raw and decoded here:
/// shuffle, deflate and fletcher32, in the order that the file names. `maxBytes` bounds any one
/// chunk as stored. Throws Error naming `place` for missing or damaged chunks and other filters.
std::vector<std::uint8_t> readChunks(hid_t dataset, const std::vector<hsize_t>& sizes,
                                     std::size_t elementBytes, hsize_t maxBytes,
                                     const std::string& place);

}  // namespace brownout
