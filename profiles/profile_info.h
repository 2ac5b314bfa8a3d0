#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/energy_model.h"
#include "profiles/device.h"

namespace brownout {

/// Version of the file format. A reader refuses another major version and reads every minor one.
struct FormatVersion {
    std::uint32_t major = 1;
    std::uint32_t minor = 0;
};

/// The newest version that this program knows everything about (FORMAT.md).
constexpr FormatVersion kProfileFormat{1, 1};

/// The version of files that need nothing newer.
constexpr FormatVersion kFirstProfileFormat{1, 0};

/// Sources of the figures of a profile.
enum class Provenance {
    kMeasured,   ///< read from silicon
    kSimulated,  ///< taken from a circuit simulation
    kSynthetic,  ///< drawn by a generator
};

/// Ways in which a profile holds its cells.
enum class Encoding {
    kThreshold,  ///< critical voltage and behaviour of each failing cell
    kRecipe,     ///< parameters and seed of a generator
    kCounts,     ///< failing reads of each cell at each voltage, as a tester counts them
};

/// The name of the threshold encoding in a file with read noise, which programs that know of no
/// noise must not leave out.
constexpr const char* kNoisyThreshold = "noisy-threshold";

const char* nameOf(Provenance provenance);
const char* nameOf(Encoding encoding);

/// Provenance of a profile: who made it, when and from what.
struct ProfileInfo {
    FormatVersion version = kProfileFormat;
    std::string creator;  ///< program and version, or a person
    std::string created;  ///< UTC, "2025-01-31T12:00:00Z"
    Provenance provenance = Provenance::kSynthetic;
    std::vector<std::string> history;  ///< one line a step, oldest first
};

/// Returns the info of a profile made by this program now: `created` is the present, or
/// SOURCE_DATE_EPOCH if that is set, so that builds can be repeated to the byte. `step` is the
/// first line of the history.
ProfileInfo infoForNewProfile(Provenance provenance, const std::string& step);

/// Influences on all critical voltages of a chip.
struct VoltageShifts {
    double readNoise = 0;  ///< noise from read to read, see Chip; unit of the profile
    /// Temperature that the critical voltages belong to, degrees Celsius; absent if it was not
    /// recorded.
    std::optional<double> referenceTemperatureC;
    /// Rise of the critical voltages with the temperature, unit of the profile a degree; 0 if
    /// the profile doesn't say.
    double temperatureCoefficient = 0;
};

/// Everything that a profile says about its chips but the cells.
struct ProfileHeader {
    ProfileInfo info;
    Device device;
    /// Voltages at which the profile was calibrated or measured, ascending, unit of the profile.
    std::vector<double> referenceVoltages;
    std::optional<EnergyModel> energy;
};

}  // namespace brownout
