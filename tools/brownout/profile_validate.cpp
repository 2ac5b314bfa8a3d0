#include <iostream>
#include <nlohmann/json.hpp>

#include "profiles/validate.h"
#include "tools/brownout/command_line.h"
#include "tools/brownout/profile_commands.h"
#include "tools/brownout/tried_files.h"
#include "tools/results/json_values.h"

namespace brownout {

namespace po = boost::program_options;
using nlohmann::json;

ExitStatus runProfileValidate(const std::vector<std::string>& arguments) {
    CommandLine line("profile validate FILE... [options]",
                     "Reads all of each profile, every chip and every cell, and lists what is "
                     "wrong (error) or unusual\n"
                     "(warning). Exit status 3 if anything is wrong.",
                     "  brownout profile validate measured/*.h5");
    line.options().add_options()("file", po::value<std::vector<std::string>>()->value_name("FILE"),
                                 "the profiles");
    line.positional("file", -1);
    if (!line.parse(arguments)) return ExitStatus::kSuccess;
    line.require("file", "the profiles to check");
    bool wrong = false;
    json all = json::array();
    for (const std::string& path : line.get<std::vector<std::string>>("file")) {
        const auto findings = validateTriedProfile(path);
        for (const Finding& finding : findings) {
            if (line.common().json) {
                all.push_back({{"severity", nameOf(finding.severity)},
                               {"place", finding.place},
                               {"message", finding.message}});
            } else {
                std::cout << nameOf(finding.severity) << ": " << finding.place << ": "
                          << finding.message << "\n";
            }
        }
        if (!line.common().json && !hasError(findings)) std::cout << path << ": valid\n";
        wrong = wrong || hasError(findings);
    }
    if (line.common().json) std::cout << jsonText(all) << "\n";
    return wrong ? ExitStatus::kMismatch : ExitStatus::kSuccess;
}

}  // namespace brownout
