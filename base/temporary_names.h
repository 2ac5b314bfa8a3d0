#pragma once

#include <cstddef>
#include <filesystem>

namespace brownout {

/// The name of a temporary file or folder, which `removeTemporaries` knows while this object lives.
/// The object must be made before the file and end after the file was removed or got its final
/// name.
class TemporaryName {
 public:
    /// Registers `name`. `target` is the name that the file is to get when it is complete; empty if
    /// none.
    explicit TemporaryName(const std::filesystem::path& name,
                           const std::filesystem::path& target = {});
    ~TemporaryName();
    TemporaryName(const TemporaryName&) = delete;
    TemporaryName& operator=(const TemporaryName&) = delete;

 private:
    std::size_t slot_;  ///< index of the slot; the number of slots where all were taken
};

/// Removes the files and folders (with all that is in them) of every TemporaryName of this process,
/// for a program's signal handlers: async-signal-safe, installs nothing. The process must end soon
/// after: threads that come for another TemporaryName wait for ever. Returns the target of a file
/// that was removed, as text for a terminal that stays valid; null if there was none.
const char* removeTemporaries() noexcept;

}  // namespace brownout
