#include "tools/brownout/chip_option.h"

namespace brownout {

std::uint32_t chipNumber(const CommandLine& line, const char* option, const Profile& profile) {
    const std::string name = std::string("--") + option;
    const std::string& text = line.get<std::string>(option);
    // Chips are counted from 0, as everywhere in a profile.
    const std::uint64_t chip = parseWhole(name, text, 0);
    if (chip >= profile.chipCount()) {
        throw UsageError(name, text + "; " + profile.path().string() + " has chips 0 to " +
                                   std::to_string(profile.chipCount() - 1));
    }
    return static_cast<std::uint32_t>(chip);
}

}  // namespace brownout
