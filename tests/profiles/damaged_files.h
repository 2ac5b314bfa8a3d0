#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "h5_surgery.h"

namespace brownout {

/// A file with one thing wrong.
struct DamagedFile {
    std::string name;     ///< what is wrong
    bool recipe = false;  ///< which kind of file it is done to
    std::function<void(H5Surgery&)> damage;
    std::string expected;  ///< part of the error, without the file's name
};

/// Files that are sound HDF5 but no sound profile, each with the error it must give.
std::vector<DamagedFile> damagedFiles();

/// A sound file to damage: recipe encoding of ours, or threshold encoding by the HDF5 library
/// alone.
void makeSoundFile(const std::filesystem::path& path, bool recipe);

}  // namespace brownout
