#include "profiles/profile_info.h"

#include <cstdlib>
#include <ctime>

namespace brownout {
namespace {

std::string utc(std::time_t time) {
    std::tm parts{};
    gmtime_r(&time, &parts);
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    return text;
}

std::time_t now() {
    // https://reproducible-builds.org/specs/source-date-epoch/
    if (const char* epoch = std::getenv("SOURCE_DATE_EPOCH")) {
        char* end = nullptr;
        const long long seconds = std::strtoll(epoch, &end, 10);
        if (end != epoch && *end == '\0' && seconds >= 0 && seconds < 253402300800LL) {
            return static_cast<std::time_t>(seconds);
        }
    }
    return std::time(nullptr);
}

}  // namespace

const char* nameOf(Provenance provenance) {
    switch (provenance) {
        case Provenance::kMeasured:
            return "measured";
        case Provenance::kSimulated:
            return "simulated";
        case Provenance::kSynthetic:
            return "synthetic";
    }
    return "";
}

const char* nameOf(Encoding encoding) {
    switch (encoding) {
        case Encoding::kThreshold:
            return "threshold";
        case Encoding::kRecipe:
            return "recipe";
        case Encoding::kCounts:
            return "counts";
    }
    return "";
}

ProfileInfo infoForNewProfile(Provenance provenance, const std::string& step) {
    ProfileInfo info;
    info.creator = "brownout " BROWNOUT_VERSION;
    info.created = utc(now());
    info.provenance = provenance;
    info.history = {step};
    return info;
}

}  // namespace brownout
