#pragma once

#include <filesystem>
#include <string>

namespace brownout {

/// Size of the seal in bytes. A seal is the length and SHA-1 of an HDF5 file in its user block, so
/// that damage is found before the HDF5 library sees it, which trusts what it reads and can crash
/// on it. h5py, h5dump and other readers skip a user block. FORMAT.md, "Seal".
constexpr int kSealBytes = 512;

/// Writes the seal of a file made with a user block of kSealBytes. Throws Error naming `name`, what
/// the user calls the file.
void sealFile(const std::filesystem::path& path, const std::string& name);

/// Returns whether the file begins with a seal, intact or not; false if it can't be read.
bool hasSeal(const std::filesystem::path& path);

/// Returns true if the file is sealed and whole, false if it has no seal. Throws Error naming the
/// file if it can't be read, is shorter or longer than when it was sealed, or has other content.
bool checkSeal(const std::filesystem::path& path);

}  // namespace brownout
