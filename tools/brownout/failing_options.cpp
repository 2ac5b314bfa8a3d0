#include "tools/brownout/failing_options.h"

#include <set>
#include <tuple>

#include "base/error.h"
#include "emulation/accelerator_energy.h"
#include "tools/brownout/accelerator_options.h"
#include "tools/brownout/tried_files.h"
#include "tools/brownout/voltage.h"

namespace brownout {

namespace po = boost::program_options;

void addFailingOptions(CommandLine& line) {
    line.options().add_options()  //
        ("accelerator", po::value<std::string>()->value_name("NAME"),
         "accelerator whose energy an inference takes, a YAML file or the name of a shipped one "
         "(see 'brownout account'): all memories, DRAM and arithmetic, with the memory of the "
         "weights at the supply of the point and, if the profile has energies, with those")  //
        ("fail", po::value<std::string>()->value_name("LIST"),
         "with --accelerator: memories whose cells fail, weights (default), activations, "
         "accumulators (partial sums), or several: 'weights+activations+accumulators'. All of a "
         "list are run on the same chips and compared. Activations then lie in the accelerator's "
         "memory as codes, partial sums in its accumulators, and are read back with faults")  //
        ("calibrate", po::value<std::string>()->value_name("N"),
         "ranges of activations that the file doesn't quantise: those of the first N images, "
         "of as many bits as the accelerator's")  //
        ("calibrate-quantile", po::value<std::string>()->value_name("Q"),
         "share of an image's activations that a range holds on either side (default 1: all)")  //
        ("supply", po::value<std::string>()->value_name("NAME=V,..."),
         "supplies that don't follow --voltages: of a memory or supply domain of the accelerator "
         "('activations=0.9', 'array=0.8V'), or of layers ('conv1=1'), whose weights then have "
         "arrays of their own; 'rest=V' is the supply of all others, instead of --voltages");
}

std::optional<Profile> profileOf(const CommandLine& line, const std::string& memory) {
    std::optional<Profile> profile;
    for (const std::string& text : line.get<std::vector<std::string>>("profile")) {
        std::string name = "weights", path = text;
        // A file may have an '=' in its name, but no memory has a '/' or a '.' in its.
        const auto at = text.find('=');
        if (at != std::string::npos && text.find_first_of("/.") > at) {
            std::tie(name, path) = namedValue("--profile", text, "MEMORY=FILE");
        }
        if (name != kWeightsDomain && name != kActivationsDomain && name != kAccumulatorsDomain) {
            throw UsageError("--profile",
                             "'" + name + "'; expected weights, activations or accumulators");
        }
        if (name != memory) continue;
        if (profile) throw UsageError("--profile", "two for the memory of " + memory);
        profile = openProfile(path);
    }
    return profile;
}

void addAccelerator(const CommandLine& line, CampaignRequest& request) {
    if (!line.has("accelerator")) {
        for (const char* option : {"fail", "calibrate", "calibrate-quantile"}) {
            if (line.has(option)) {
                throw UsageError(std::string("--") + option, "needs --accelerator");
            }
        }
        return;
    }
    request.accelerator = acceleratorNamed(line);
    AcceleratorRequest& asked = *request.accelerator;
    if (line.has("profile")) {
        asked.activationProfile = profileOf(line, kActivationsDomain);
        asked.accumulatorProfile = profileOf(line, kAccumulatorsDomain);
    }
    takeEnergy(asked.accelerator, DataKind::kWeights, request.memory.profile);
    takeEnergy(asked.accelerator, DataKind::kActivations, asked.activationProfile);
    takeEnergy(asked.accelerator, DataKind::kAccumulators, asked.accumulatorProfile);
    asked.calibration.bits = asked.accelerator.activationBits;
    if (line.has("calibrate")) asked.calibration.images = *line.count("calibrate");
    if (line.has("calibrate-quantile")) {
        const std::string kOption = "--calibrate-quantile";
        if (!line.has("calibrate")) throw UsageError(kOption, "needs --calibrate");
        asked.calibration.quantile =
            parseNumber(kOption, line.get<std::string>("calibrate-quantile"));
        if (!(asked.calibration.quantile > 0.5 && asked.calibration.quantile <= 1)) {
            throw UsageError(kOption, "expected more than 0.5 and at most 1");
        }
    }
    if (!line.has("fail")) return;
    std::set<std::string> taken;
    for (const std::string& text : splitList("--fail", line.get<std::string>("fail"))) {
        if (!taken.insert(text).second) throw UsageError("--fail", "'" + text + "' appears twice");
        asked.failing.push_back(failingMemoriesFromString("--fail", text));
    }
}

void addFixedSupplies(const CommandLine& line, CampaignRequest& request) {
    const std::string kOption = "--supply";
    for (const std::string& item : splitList(kOption, line.get<std::string>("supply"))) {
        const auto [name, text] = namedValue(kOption, item, "NAME=VOLTAGE");
        const Voltage voltage = parseVoltage(text, kOption);
        if (name != "rest") {
            request.fixedSupplies.push_back({name, voltage});
            continue;
        }
        if (!line.values()["voltages"].defaulted()) {
            throw UsageError(kOption, "'rest' stands for --voltages; expected one of them");
        }
        request.supplies = {{voltage, text}};
    }
}

}  // namespace brownout
