#include "tools/brownout/sweep_protection.h"

#include <algorithm>
#include <set>

#include "base/error.h"
#include "model/check_placement.h"

namespace brownout {
namespace {

/// Throws Error naming the profile if its chips can't hold the check bits.
CheckPlacement placementFor(const SweepSetup& setup, const std::string& name) {
    const SramGeometry& chip = setup.faults->geometry();
    try {
        return CheckPlacement(chip, *makeProtection(name, chip.wordBits()));
    } catch (const Error& error) {
        if (!setup.profile) throw;
        throw Error(setup.profile->path().string(), error.what());
    }
}

}  // namespace

std::vector<std::string> codecsOf(const CommandLine& line) {
    auto names = splitList("--codec", line.get<std::string>("codec"));
    std::set<std::string> taken;
    for (const std::string& name : names) {
        const auto known = protectionNames();
        if (std::find(known.begin(), known.end(), name) == known.end()) {
            throw UsageError("--codec", "'" + name + "'; expected some of " + joined(known));
        }
        if (!taken.insert(name).second) throw UsageError("--codec", "'" + name + "' appears twice");
    }
    return names;
}

void protectNetworks(const CommandLine& line, const std::vector<std::string>& codecs,
                     SweepSetup& setup) {
    setup.spec.codec = joined(codecs, ",");
    setup.detected = detectedPolicyFromString(line.get<std::string>("detected"));
    if (setup.detected != DetectedPolicy::kZeroCode && codecs == std::vector<std::string>{"none"}) {
        throw UsageError("--detected", "without --codec no word is detected as wrong");
    }
    setup.spec.detected = toString(setup.detected);
    const SramGeometry& chip = setup.faults->geometry();
    std::vector<QuantizedNetwork> networks;
    std::vector<NetworkSpec> specs;
    for (std::size_t n = 0; n < setup.networks.size(); ++n) {
        for (const std::string& name : codecs) {
            const CheckPlacement placement = placementFor(setup, name);
            networks.push_back(setup.networks[n]);
            specs.push_back(setup.spec.networks[n]);
            if (placement.checkBits() == 0) continue;
            if (codecs.size() > 1) specs.back().name += "+" + name;
            specs.back().protection =
                ProtectionSpec{name, chip.wordBits(), placement.checkBits(),
                               placement.dataGeometry().arrays, placement.checkArrays()};
        }
    }
    setup.networks = std::move(networks);
    setup.spec.networks = std::move(specs);
}

SramGeometry dataGeometry(const SweepSetup& setup, std::size_t network) {
    SramGeometry geometry = setup.faults->geometry();
    const auto& protection = setup.spec.networks[network].protection;
    if (protection) geometry.arrays = protection->dataArrays;
    return geometry;
}

SramGeometry chipForUniformErrors(const SweepSetup& setup, const std::vector<std::string>& codecs) {
    SramGeometry data;
    for (const QuantizedNetwork& network : setup.networks) {
        data.arrays = std::max(data.arrays, layOut(network, SramGeometry{}, {}).imageArrays());
    }
    SramGeometry chip = data;
    for (const std::string& name : codecs) {
        const std::uint32_t checkBits = makeProtection(name, data.wordBits())->checkBits();
        chip.arrays = std::max(chip.arrays, CheckPlacement::chipFor(data, checkBits).arrays);
    }
    return chip;
}

}  // namespace brownout
