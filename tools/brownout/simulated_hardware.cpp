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

}  // namespace brownout
