// In place of the commands that simulate hardware, in a build without it.
#include "base/error.h"
#include "tools/brownout/commands.h"

namespace brownout {
namespace {

[[noreturn]] ExitStatus refuse(const std::string& command) {
    throw Error("brownout " + command,
                "this program was built without the simulated hardware (BROWNOUT_SIM=OFF)");
}

}  // namespace

ExitStatus runCosim(const std::vector<std::string>&) { refuse("cosim"); }
ExitStatus runBist(const std::vector<std::string>&) { refuse("bist"); }

}  // namespace brownout
