// In place of the commands that simulate hardware, in a build without it.
#include "base/error.h"
#include "tools/brownout/bist_simulated.h"
#include "tools/brownout/commands.h"

namespace brownout {
namespace {

[[noreturn]] void refuse(const std::string& what) {
    throw Error(what, "this program was built without the simulated hardware (BROWNOUT_SIM=OFF)");
}

}  // namespace

ExitStatus runCosim(const std::vector<std::string>&) { refuse("brownout cosim"); }
void addBistSimulation(CommandLine&) {}
ExitStatus bistSimulated(const CommandLine&) { refuse("brownout bist"); }

}  // namespace brownout
