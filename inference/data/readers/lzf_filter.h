#pragma once

namespace brownout {

/// Teaches the HDF5 library to unpack `compression="lzf"`, which h5py brings along and the library
/// doesn't have; does nothing where it can already. To be called in an Hdf5Session.
void registerLzfFilter();

}  // namespace brownout
