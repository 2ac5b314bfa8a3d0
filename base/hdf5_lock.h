#pragma once

#include <mutex>

namespace brownout {

/// Held around every call into the HDF5 library, which as distributions build it is not
/// thread-safe: one for the whole program, because two files share the library's state.
inline std::recursive_mutex& hdf5Lock() {
    static std::recursive_mutex lock;
    return lock;
}

}  // namespace brownout
