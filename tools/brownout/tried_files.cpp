#include "tools/brownout/tried_files.h"

#include <array>
#include <fstream>
#include <functional>

#include "base/error.h"
#include "base/trial_run.h"

namespace brownout {
namespace {

/// Tells whether HDF5 would read a file: its signature stands at 0 or, after a user block, at 512,
/// 1024, 2048 and so on.
bool isHdf5(const std::filesystem::path& path) {
    std::error_code problem;
    if (!std::filesystem::is_regular_file(path, problem)) return false;
    std::ifstream file(path, std::ios::binary);
    for (std::streamoff at = 0; file.seekg(at); at = at == 0 ? 512 : 2 * at) {
        std::array<char, 8> start{};
        if (!file.read(start.data(), start.size())) return false;
        if (std::string(start.data(), start.size()) == "\x89HDF\r\n\x1a\n") return true;
    }
    return false;
}

/// Does `action`, which reads all that will be read of a file, in a child process first if that may
/// be needed.
void tryOut(const std::filesystem::path& path, const std::function<void()>& action) {
    if (!isHdf5(path) || carriesSeal(path)) return;
    std::error_code unknown;
    const std::uintmax_t bytes = std::filesystem::file_size(path, unknown);
    // A sound file takes far less than a second a megabyte.
    const unsigned seconds = 2 + (unknown ? 0U : static_cast<unsigned>(bytes >> 20));
    tryInChild({path.string(), "the HDF5 library", seconds}, action);
}

}  // namespace

Profile openProfile(const std::filesystem::path& path) {
    tryOut(path, [&] { Profile::open(path).readAll(); });
    return Profile::open(path);
}

Dataset openTriedDataset(const std::string& spec, const DataRequest& request) {
    tryOut(spec, [&] { openDataset(spec, request); });
    return openDataset(spec, request);
}

std::vector<Finding> validateTriedProfile(const std::filesystem::path& path) {
    try {
        tryOut(path, [&] {
            Profile::open(path).readAll();
            validateProfile(path);
        });
    } catch (const Error& error) {
        const std::string text = error.what();
        const std::string place = path.string() + ": ";
        return {{Severity::kError, path.string(),
                 text.compare(0, place.size(), place) == 0 ? text.substr(place.size()) : text}};
    }
    return validateProfile(path);
}

}  // namespace brownout
