#pragma once

#include <string>

#include "emulation/campaign_rows.h"
#include "emulation/campaign_spec.h"
#include "emulation/request.h"
#include "model/accelerator/accelerator.h"
#include "profiles/profile.h"

namespace brownout {

/// Gives a memory of an accelerator the words, access energies and leakage of the arrays of a
/// profile. Throws Error naming the profile if it has no energies.
void takeEnergy(AcceleratorMemory& memory, const Profile& profile);

/// Returns a supply in the unit of a memory's energy table. Throws UsageError naming `option` if it
/// can't be told in that unit or is outside the table.
double supplyFor(const AcceleratorMemory& memory, const Voltage& voltage,
                 const std::string& option);

/// Works out the energy of one inference of every row at every point of a campaign with a profile:
/// the memory that holds the weights, under the row's protection, is at the supply of the point,
/// all others and the compute array at their nominal one. Throws UsageError if no memory on the
/// chip holds weights, and as accountOf and energyOf do.
void addAcceleratorEnergies(const AcceleratorRequest& request, const CampaignRows& rows,
                            CampaignSpec& spec);

}  // namespace brownout
