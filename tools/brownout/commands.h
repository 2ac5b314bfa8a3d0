#pragma once

#include <string>
#include <vector>

#include "base/error.h"

namespace brownout {

/// A command of the program: one file each, listed in main.cpp.
struct Command {
    const char* name;
    const char* summary;
    ExitStatus (*run)(const std::vector<std::string>& arguments);
};

ExitStatus runSweep(const std::vector<std::string>& arguments);
ExitStatus runSensitivity(const std::vector<std::string>& arguments);
ExitStatus runAccount(const std::vector<std::string>& arguments);
ExitStatus runProfile(const std::vector<std::string>& arguments);
ExitStatus runInfer(const std::vector<std::string>& arguments);
ExitStatus runInspect(const std::vector<std::string>& arguments);
ExitStatus runFaults(const std::vector<std::string>& arguments);
ExitStatus runCosim(const std::vector<std::string>& arguments);
ExitStatus runBist(const std::vector<std::string>& arguments);
ExitStatus runMerge(const std::vector<std::string>& arguments);
ExitStatus runReport(const std::vector<std::string>& arguments);
ExitStatus runBench(const std::vector<std::string>& arguments);
ExitStatus runScenario(const std::vector<std::string>& arguments);
ExitStatus runTolerance(const std::vector<std::string>& arguments);
ExitStatus runOptimize(const std::vector<std::string>& arguments);

}  // namespace brownout
