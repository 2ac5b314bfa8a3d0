#pragma once

// All of this is called inside an Hdf5Session.

#include <cstdint>
#include <filesystem>
#include <vector>

#include "profiles/generator/recipe.h"
#include "profiles/hdf5/hdf5_reader.h"
#include "profiles/profile_info.h"

namespace brownout {

/// The encoding of the cells and the number of chips.
struct CellsHeader {
    Encoding encoding = Encoding::kRecipe;
    bool noisy = false;  ///< the encoding is threshold with read noise
    std::uint32_t chips = 0;
};

/// Reads the root attributes, /device and /energy; reference voltages are left empty. Throws Error
/// naming the file and the object for whatever FORMAT.md doesn't allow.
ProfileHeader readHeader(const Hdf5Group& root, const std::filesystem::path& path);

CellsHeader readCellsHeader(const Hdf5Group& root);

/// Reads /cells/recipe.
Recipe readRecipe(const Hdf5Group& root, std::uint32_t chips);

/// Reads /cells/reference_voltage, which must ascend inside [lowest, highest]; empty if there is
/// none.
std::vector<double> readReferenceVoltages(const Hdf5Group& root, double lowest, double highest);

}  // namespace brownout
