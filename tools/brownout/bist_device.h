#pragma once

#include <string>

#include "tools/brownout/command_line.h"

namespace brownout {

/// Tests the real memory at `url` at each supply of --voltages and writes the profile --out. Throws
/// UsageError or Error.
ExitStatus bistDevice(const std::string& url, const CommandLine& line);

}  // namespace brownout
