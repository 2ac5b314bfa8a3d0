#pragma once

#include <functional>
#include <string>

namespace brownout {

/// A trial of something that a library underneath may not survive.
struct Trial {
    std::string subject;   ///< name that errors begin with: the file
    std::string library;   ///< name of the library: "the HDF5 library"
    unsigned seconds = 2;  ///< processor time after which the library counts as looping
};

/// Runs `action` in a child process and returns when it has ended there, whether it succeeded or
/// threw: doing the same here will do the same. Throws Error naming the subject if the child
/// crashed or took longer than it may.
///
/// The child has the same memory as this process, so what it survives is survived here. Other
/// threads may go on meanwhile: a child that is stuck on a lock which one of them held is given up
/// after a second and another one made.
void tryInChild(const Trial& trial, const std::function<void()>& action);

}  // namespace brownout
