#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "h5_surgery.h"
#include "profiles/profile.h"

namespace brownout {

/// A file with one thing wrong.
struct DamagedFile {
    std::string name;     ///< what is wrong
    bool recipe = false;  ///< which kind of file it is done to
    std::function<void(H5Surgery&)> damage;
    std::string expected;  ///< part of the error, without the file's name
    bool counts = false;   ///< done to a file in counts encoding
};

/// Files that are sound HDF5 but no sound profile, each with the error it must give.
std::vector<DamagedFile> damagedFiles();
/// Those among them that are of counts.
std::vector<DamagedFile> damagedCounts();

/// A sound file to damage: recipe encoding of ours, or threshold or counts encoding by the HDF5
/// library alone.
void makeSoundFile(const std::filesystem::path& path, const DamagedFile& damaged);

/// Reads every chip at every voltage and temperature. Throws what reading throws.
void readWhole(const Profile& profile);

}  // namespace brownout
