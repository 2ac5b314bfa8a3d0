#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace brownout {

enum class Severity {
    kNote,     ///< nothing wrong, but good to know
    kWarning,  ///< usable, but probably not what was meant
    kError,    ///< not a profile, or a damaged one
};

const char* nameOf(Severity severity);

/// An observation of validateProfile().
struct Finding {
    Severity severity = Severity::kError;
    std::string place;  ///< the file, and the object in it where there is one: "chip.h5:/energy"
    std::string message;
};

/// Reads all of a profile, every chip, and says what is wrong with it; empty if nothing is. Doesn't
/// throw for anything that may be wrong with the file: that is what it tells.
std::vector<Finding> validateProfile(const std::filesystem::path& path);

/// Returns true if there is an error among the findings.
bool hasError(const std::vector<Finding>& findings);

}  // namespace brownout
