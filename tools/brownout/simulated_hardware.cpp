#include "tools/brownout/simulated_hardware.h"

#include <algorithm>

#include "base/error.h"
#include "profiles/profile_chips.h"

namespace brownout {

SimulatedMemorySettings simulatedMemorySettings(const Profile& profile, double lowestSupply,
                                                std::shared_ptr<const Protection> protection,
                                                const CommandLine& line) {
    SimulatedMemorySettings settings;
    settings.chips = std::make_shared<ProfileChips>(profile, 1, lowestSupply);
    settings.protection = std::move(protection);
    settings.energy = profile.energy();
    settings.initialSupply =
        profile.energy() ? profile.energy()->reference() : profile.supplies().highest();
    settings.supply = supplySettingsOf(line);
    return settings;
}

std::uint32_t chipNumber(const CommandLine& line, const char* option, const Profile& profile) {
    const std::string name = std::string("--") + option;
    const std::string& text = line.get<std::string>(option);
    // Chips are counted from 0, as everywhere in a profile.
    const std::uint64_t chip = text == "0" ? 0 : parseCount(name, text);
    if (chip >= profile.chipCount()) {
        throw UsageError(name, text + "; " + profile.path().string() + " has chips 0 to " +
                                   std::to_string(profile.chipCount() - 1));
    }
    return static_cast<std::uint32_t>(chip);
}

}  // namespace brownout
