#pragma once

#include <memory>
#include <string>

#include "hardware/debugger/target_memory.h"

namespace brownout {

/// Tells whether a name is a URL of a target, as openTarget takes them.
bool isTargetUrl(const std::string& name);

/// Connects to a target: "gdb://HOST:PORT" (with "?ack=no", without acknowledgements where the stub
/// offers that), "openocd://HOST[:6666]" or "etherbone://HOST[:1234]". Throws UsageError naming
/// `option` for another URL, and Error if no program answers there.
std::unique_ptr<TargetMemory> openTarget(const std::string& option, const std::string& url);

}  // namespace brownout
