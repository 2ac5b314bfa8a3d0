#pragma once

// All of this is called inside an Hdf5Session.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/hdf5/hdf5_handle.h"

namespace brownout {

/// A new file that the HDF5 library writes through a driver of ours ("virtual file driver"), which
/// never tells the library of a failure: it keeps the reason for us, and what can't be written in
/// memory.
///
/// HDF5 1.10 doesn't survive a failed write, say on a full disk: it can't close such a file, and
/// crashes, or complains on stderr, at the latest when the program ends. With this, an output is
/// abandoned by closing it as always and removing the file.
class Hdf5OutputFile {
 public:
    Hdf5OutputFile();
    ~Hdf5OutputFile();
    Hdf5OutputFile(const Hdf5OutputFile&) = delete;
    Hdf5OutputFile& operator=(const Hdf5OutputFile&) = delete;

    /// Makes the library use this file when it creates one with these properties.
    void useIn(const PropertyHandle& access);

    /// Returns errno of the first system call that failed; 0 while all is well.
    int errorNumber() const;

    struct State;

 private:
    std::unique_ptr<State> state_;
    hid_t driver_;
};

}  // namespace brownout
