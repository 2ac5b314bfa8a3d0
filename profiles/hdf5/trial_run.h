#pragma once

// Private to profiles.

#include <filesystem>
#include <functional>

namespace brownout {

/// Runs `action`, which reads all of `file`, in a child process and returns when it has ended
/// there, whether it succeeded or threw: doing the same here will do the same. Throws Error naming
/// `file` if the child crashed or took more than 2 s of processor time and 1 s a megabyte of the
/// file. Other threads may go on meanwhile: a child that is stuck on a lock which one of them held
/// is given up after a second and another one made.
///
/// For files without a seal: HDF5 1.10 can crash or loop on damaged metadata, about once in a
/// hundred files with a few flipped bytes, and no check from outside finds all such files. The
/// child has the same memory as this process, so what it survives is survived here. Called inside
/// an Hdf5Session: no other thread may hold the lock while a child is made.
void trialRun(const std::filesystem::path& file, const std::function<void()>& action);

}  // namespace brownout
