#pragma once

// All of this is called inside an Hdf5Session.

#include <cstdint>
#include <string>

#include "profiles/hdf5/hdf5_writer.h"
#include "profiles/profile_info.h"

namespace brownout {

/// Checks the header of a profile that speaks about the voltages [lowest, highest]. Throws Error if
/// it could not be read back.
void checkHeader(const ProfileHeader& header, double lowest, double highest);

/// Writes everything but the cells, which `encoding` names, as a file of `version`: the oldest one
/// that knows all that the file uses, so that older programs read it without doubts. Returns the
/// group /cells.
GroupHandle writeHeader(Hdf5Output& out, const ProfileHeader& header, const std::string& encoding,
                        std::uint32_t chips, const FormatVersion& version = kFirstProfileFormat);

}  // namespace brownout
