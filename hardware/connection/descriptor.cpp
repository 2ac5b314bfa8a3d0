#include "hardware/connection/descriptor.h"

#include <poll.h>

#include <cerrno>
#include <system_error>

namespace brownout {

bool waitFor(int descriptor, short events, Deadline deadline) {
    for (;;) {
        pollfd entry{descriptor, events, 0};
        const int ready = ::poll(&entry, 1, static_cast<int>(deadline.left().count()));
        if (ready > 0) return true;
        if (ready < 0 && errno != EINTR) return true;
        if (deadline.passed()) return false;
    }
}

LinkTrouble linkTrouble(const std::string& name, const std::string& problem, int errorNumber) {
    return LinkTrouble(name, problem + ": " + std::generic_category().message(errorNumber));
}

}  // namespace brownout
