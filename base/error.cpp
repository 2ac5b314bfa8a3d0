#include "base/error.h"

#include <algorithm>
#include <system_error>

#include "base/text.h"

namespace brownout {
namespace {

// Messages of libraries (HDF5, protobuf, SQLite) may span lines; ours are one line. A value that
// was found in a file may be as long as the file.
std::string oneLine(std::string text) {
    std::replace(text.begin(), text.end(), '\n', ' ');
    std::replace(text.begin(), text.end(), '\r', ' ');
    while (!text.empty() && text.back() == ' ') text.pop_back();
    return withShortWords(text);
}

}  // namespace

Error::Error(const std::string& place, const std::string& problem, ExitStatus status)
    : std::runtime_error(oneLine(place.empty() ? problem : place + ": " + problem)),
      status_(status) {}

Error ioError(const std::string& path, const std::string& verb, int errorNumber) {
    return Error(path, verb + ": " + std::generic_category().message(errorNumber));
}

}  // namespace brownout
