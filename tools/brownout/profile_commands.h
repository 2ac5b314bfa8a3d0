#pragma once

#include <string>
#include <vector>

#include "base/error.h"

namespace brownout {

// The commands "brownout profile NAME", each in a file of its own, entered in the table of
// profile.cpp. They take the arguments that follow the name.

ExitStatus runProfileExport(const std::vector<std::string>& arguments);
ExitStatus runProfileConvert(const std::vector<std::string>& arguments);
ExitStatus runProfileCompare(const std::vector<std::string>& arguments);
ExitStatus runProfileFit(const std::vector<std::string>& arguments);
ExitStatus runProfileGenerate(const std::vector<std::string>& arguments);
ExitStatus runProfileImport(const std::vector<std::string>& arguments);
ExitStatus runProfileInfo(const std::vector<std::string>& arguments);
ExitStatus runProfileValidate(const std::vector<std::string>& arguments);

}  // namespace brownout
