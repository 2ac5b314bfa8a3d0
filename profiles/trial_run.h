#pragma once

// Private to profiles.

#include <functional>
#include <string>

namespace brownout {

/// Runs `action` in a child process and returns when it has ended there, whether it succeeded or
/// threw: doing the same here will do the same. Throws Error naming `name` if the child crashed or
/// took more than `seconds` of processor time.
///
/// For files without a seal: HDF5 1.10 can crash or loop on damaged metadata, about once in a
/// hundred files with a few flipped bytes, and no check from outside finds all such files. The
/// child has the same memory as this process, so what it survives is survived here.
void trialRun(const std::string& name, unsigned seconds, const std::function<void()>& action);

}  // namespace brownout
