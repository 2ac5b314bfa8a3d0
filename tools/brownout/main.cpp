#include <cstring>
#include <exception>
#include <iostream>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/error.h"
#include "tools/brownout/commands.h"
#include "tools/brownout/interrupts.h"
#include "tools/brownout/output.h"

namespace {

using brownout::Command;
using brownout::ExitStatus;

const Command kCommands[] = {
    {"sweep", "accuracy and energy against supply voltage or bit error rate", brownout::runSweep},
    {"sensitivity", "bit error rates that each bit position and layer stands",
     brownout::runSensitivity},
    {"account", "a network on an accelerator: cycles, accesses, time and energy",
     brownout::runAccount},
    {"scenario", "a supply that changes over time, and who controls it", brownout::runScenario},
    {"optimize", "supplies, formats and protections of least energy at an accuracy and a yield",
     brownout::runOptimize},
    {"profile", "chips as files: generate, info, validate and more", brownout::runProfile},
    {"infer", "run a network on images, without faults", brownout::runInfer},
    {"inspect", "a network: layers, weights, bits, memory footprint", brownout::runInspect},
    {"faults", "what a chip's faults do to the codes of a network", brownout::runFaults},
    {"tolerance", "margins and importances of a binarised network's neurons",
     brownout::runTolerance},
    {"cosim", "functional, SystemC and RTL memories against each other", brownout::runCosim},
    {"bist", "March test on a simulated memory, written as a measured profile", brownout::runBist},
    {"bench", "a debugger port and a supply on loopback that share one failing chip",
     brownout::runBench},
    {"merge", "results of several shards as one", brownout::runMerge},
    {"report", "a campaign's results as one HTML page", brownout::runReport},
};

void printHelp(std::ostream& out) {
    out << "Brownout: how far can the supply of a weight SRAM fall, what accuracy does it cost "
           "and\n"
           "what energy does it save, on silicon as it really fails.\n\n"
           "Usage: brownout COMMAND [options]\n\nCommands:\n";
    for (const Command& command : kCommands) {
        out << "  " << command.name << std::string(13 - std::strlen(command.name), ' ')
            << command.summary << "\n";
    }
    out << "\n'brownout COMMAND --help' explains a command and shows examples. A first result:\n\n"
           "  brownout sweep --model inference/zoo/fashion-rquant.onnx --data fashion-mnist \\\n"
           "      --profile profiles/14nm.h5 --voltages 1,0.875,0.833 --chips 5 --images 500\n";
}

ExitStatus dispatch(const std::vector<std::string>& arguments) {
    if (arguments.empty()) {
        printHelp(std::cerr);
        return ExitStatus::kBadCommandLine;
    }
    const std::string& name = arguments[0];
    if (name == "--help" || name == "-h" || name == "help") {
        printHelp(std::cout);
        return ExitStatus::kSuccess;
    }
    if (name == "--version") {
        std::cout << "brownout " << BROWNOUT_VERSION << "\n";
        return ExitStatus::kSuccess;
    }
    for (const Command& command : kCommands) {
        if (name == command.name) return command.run({arguments.begin() + 1, arguments.end()});
    }
    throw brownout::UsageError("brownout", "unknown command '" + name + "' (see brownout --help)");
}

/// Runs the command; a result that could not be printed (a full disk behind a redirection) is not a
/// success.
ExitStatus run(const std::vector<std::string>& arguments) {
    const ExitStatus status = dispatch(arguments);
    if (!std::cout.flush() || !brownout::terminalOutput().flush()) {
        throw brownout::Error("standard output", "cannot be written");
    }
    return status;
}

}  // namespace

int main(int argc, char** argv) {
    brownout::handleInterrupts();
    const brownout::CleanOutput clean;
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    try {
        return static_cast<int>(run(arguments));
    } catch (const brownout::Error& error) {
        std::cerr << "brownout: " << error.what() << "\n";
        return static_cast<int>(error.status());
    } catch (const std::bad_alloc&) {
        std::cerr << "brownout: out of memory in '" << arguments.at(0) << "'\n";
    } catch (const std::length_error&) {
        std::cerr << "brownout: out of memory in '" << arguments.at(0) << "'\n";
    } catch (const std::exception& error) {
        // An Error cuts and joins what a library says.
        std::cerr << "brownout: " << brownout::Error("", error.what()).what() << "\n";
    }
    return static_cast<int>(ExitStatus::kBadInput);
}
