#include <iostream>
#include <string>
#include <vector>

#include "base/error.h"
#include "tools/brownout/commands.h"
#include "tools/brownout/profile_commands.h"

namespace brownout {
namespace {

struct ProfileCommand {
    std::string name;
    std::string about;
    ExitStatus (*run)(const std::vector<std::string>& arguments);
};

/// One line a command; what it does is in profile_NAME.cpp.
const std::vector<ProfileCommand> kProfileCommands{
    {"generate", "write a synthetic population", runProfileGenerate},
    {"import", "turn what a tester or a lab recorded into a profile", runProfileImport},
    {"export", "write a measured profile in a format that testers use", runProfileExport},
    {"info", "what a profile says of itself, and how its cells fail", runProfileInfo},
    {"convert", "counts into thresholds, thresholds into counts", runProfileConvert},
    {"fit", "find the population that measured chips come from", runProfileFit},
    {"compare", "show whether two profiles agree", runProfileCompare},
    {"validate", "check a profile, cell by cell", runProfileValidate},
};

/// The names with something between them, and something else before the last.
std::string names(const std::string& between, const std::string& beforeLast) {
    std::string all;
    for (const ProfileCommand& command : kProfileCommands) {
        const bool last = &command == &kProfileCommands.back();
        all += (all.empty() ? "" : last ? beforeLast : between) + command.name;
    }
    return all;
}

void printUsage() {
    std::cout << "Usage: brownout profile " << names("|", "|") << " [options]\n\n"
              << "Chips as files (profiles/FORMAT.md).\n\n";
    for (const ProfileCommand& command : kProfileCommands) {
        std::cout << "  " << command.name << std::string(11 - command.name.size(), ' ')
                  << command.about << "\n";
    }
    std::cout << "\nExamples:\n"
                 "  brownout profile generate --preset 14nm-iid --chips 64 -o chips.h5\n"
                 "  brownout profile info profiles/14nm.h5\n"
                 "'brownout profile generate --help' tells more.\n";
}

}  // namespace

ExitStatus runProfile(const std::vector<std::string>& arguments) {
    const std::string what = arguments.empty() ? "" : arguments[0];
    if (what == "--help" || what == "-h") {
        printUsage();
        return ExitStatus::kSuccess;
    }
    for (const ProfileCommand& command : kProfileCommands) {
        if (what == command.name) return command.run({arguments.begin() + 1, arguments.end()});
    }
    throw UsageError("brownout profile",
                     (what.empty() ? "nothing to do" : "unknown '" + what + "'") + "; expected " +
                         names(", ", " or "));
}

}  // namespace brownout
