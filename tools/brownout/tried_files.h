#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "inference/data/dataset.h"
#include "profiles/profile.h"
#include "profiles/validate.h"

namespace brownout {

// Files whose damage can make the HDF5 library crash or loop are read in a child process first
// (base/trial_run.h): profiles without a seal, and data sets in HDF5 files. Commands open such
// files with these functions only; what they return and throw is what the libraries do.

/// Opens a profile. Throws Error naming the file, also if its damage would end the program.
Profile openProfile(const std::filesystem::path& path);

/// Opens a data set; see openDataset. Throws Error naming the file likewise.
Dataset openTriedDataset(const std::string& spec, const DataRequest& request);

/// Lists what is wrong with a profile, also that its damage would end the program.
std::vector<Finding> validateTriedProfile(const std::filesystem::path& path);

}  // namespace brownout
