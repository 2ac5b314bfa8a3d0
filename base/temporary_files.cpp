#include "base/temporary_files.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "base/error.h"

namespace brownout {
namespace {

/// Returns a name that mkdtemp and mkostemp complete.
std::string nameIn(const std::filesystem::path& folder) {
    constexpr std::size_t kPlaces = 6;  // which they put other characters in
    return (folder / ".brownout-").string() + std::string(kPlaces, 'X');
}

}  // namespace

TemporaryFolder::TemporaryFolder() {
    std::string name = nameIn(std::filesystem::temp_directory_path());
    if (::mkdtemp(name.data()) == nullptr) throw ioError(name, "cannot be made", errno);
    path_ = name;
    known_.emplace(path_);
}

TemporaryFolder::~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

int openNamelessFile(const std::filesystem::path& folder) {
#ifdef O_TMPFILE
    const int direct = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (direct >= 0) return direct;
#endif
    std::string name = nameIn(folder);
    const int descriptor = ::mkostemp(name.data(), O_CLOEXEC);
    if (descriptor < 0) {
        throw ioError(folder.string(), "a temporary file cannot be made in it", errno);
    }
    ::unlink(name.c_str());
    return descriptor;
}

}  // namespace brownout
