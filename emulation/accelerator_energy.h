#pragma once

#include <optional>
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

/// Gives the memory that holds a kind of data the energies of a profile, if there are such a memory
/// and such energies.
void takeEnergy(Accelerator& accelerator, DataKind kind, const std::optional<Profile>& profile);

/// Returns a supply in the unit of a memory's energy table. Throws UsageError naming `option` if it
/// can't be told in that unit or is outside the table.
double supplyFor(const AcceleratorMemory& memory, const Voltage& voltage,
                 const std::string& option);

/// Works out the energy of one inference of every row at every point of a campaign with a profile,
/// where it isn't that of its word accesses alone: with an accelerator, or layers with a supply of
/// their own.
///
/// The memory of weights, and that of activations where it fails, are at the supply of the point
/// but for what the request fixes; all others and the compute array at their nominal one or the
/// fixed one. Accesses to the weights of a layer with a supply of its own cost what they do there;
/// its arrays leak there. Throws UsageError if there is no memory on the chip for weights that
/// fail, and as accountOf and energyOf do.
void addEnergies(const CampaignRequest& request, const SramGeometry& chip, const CampaignRows& rows,
                 CampaignSpec& spec);

}  // namespace brownout
