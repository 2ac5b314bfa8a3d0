#include "tools/brownout/bist_simulated.h"

#include <algorithm>
#include <iostream>

#include "base/error.h"
#include "emulation/points.h"
#include "profiles/counts_writer.h"
#include "sim/march.h"
#include "sim/rtl_memory.h"
#include "tools/brownout/cell_counts.h"
#include "tools/brownout/chip_option.h"
#include "tools/brownout/output.h"
#include "tools/brownout/simulated_hardware.h"
#include "tools/brownout/tried_files.h"
#include "tools/brownout/voltage.h"
#include "tools/report/progress.h"

namespace brownout {
namespace {

/// The subject of a test and the way in which it is tested.
struct Setup {
    std::optional<Profile> profile;
    std::vector<LabelledSupply> supplies;  ///< ascending, as the file wants them
    std::uint32_t firstChip = 0;
    std::uint32_t chips = 1;
    std::uint32_t repeats = 1;
    MarchAlgorithm algorithm = MarchAlgorithm::kMarchCMinus;
    std::string target;
    SimulatedMemorySettings memory;
};

Setup setUp(const CommandLine& line) {
    Setup setup;
    setup.algorithm = marchAlgorithmOf(line.get<std::string>("algorithm"));
    setup.target = line.get<std::string>("target");
    if (setup.target != "rtl" && setup.target != "systemc") {
        throw UsageError("--target", "'" + setup.target + "'; expected rtl or systemc");
    }
    setup.repeats = *line.count("repeats", 1'000'000);
    setup.profile = openProfile(line.get<std::string>("profile"));
    const Profile& profile = *setup.profile;
    if (const auto chips = line.count("chips")) {
        setup.chips = *chips;
        if (setup.chips > profile.chipCount()) {
            throw UsageError("--chips", std::to_string(setup.chips) + "; " +
                                            profile.path().string() + " has " +
                                            std::to_string(profile.chipCount()));
        }
    } else {
        setup.firstChip = chipNumber(line, "chip", profile);
    }
    setup.supplies = suppliesOf(profile, suppliesIn(line));
    std::sort(setup.supplies.begin(), setup.supplies.end(),
              [](const auto& a, const auto& b) { return a.supply < b.supply; });
    setup.supplies.erase(
        std::unique(setup.supplies.begin(), setup.supplies.end(),
                    [](const auto& a, const auto& b) { return a.supply == b.supply; }),
        setup.supplies.end());
    setup.memory =
        simulatedMemorySettings(profile, setup.supplies.front().supply,
                                makeProtection("none", profile.device().geometry.wordBits()), line);
    return setup;
}

/// The simulated hardware under test.
class Tester {
 public:
    explicit Tester(const Setup& setup) : algorithm_(setup.algorithm) {
        if (setup.target == "systemc") {
            systemc_ = std::make_unique<SystemCMemory>(kernel_, setup.memory);
        } else {
            RtlBufferModel buffer = builtInBuffer("none");
            checkFits(buffer, setup.memory.chips->geometry(), *setup.memory.protection,
                      setup.profile->path().string());
            rtl_ = std::make_unique<RtlMemory>(kernel_, std::move(buffer), setup.memory);
        }
    }

    MarchFindings test(const LoadId& load, double supply) {
        SimulatedMemory& memory =
            rtl_ ? static_cast<SimulatedMemory&>(*rtl_) : static_cast<SimulatedMemory&>(*systemc_);
        memory.insert(load);
        memory.setSupply(supply);
        if (!rtl_ || !rtl_->hasBist()) return runMarch(memory, algorithm_);
        MarchFindings findings(memory.words());
        BistStimulus bist(algorithm_, rtl_->addressMap(), findings);
        rtl_->run(bist);
        return findings;
    }

 private:
    MarchAlgorithm algorithm_;
    SimulationKernel kernel_;
    std::unique_ptr<SystemCMemory> systemc_;
    std::unique_ptr<RtlMemory> rtl_;
};

ProfileHeader headerOf(const Setup& setup) {
    const Profile& profile = *setup.profile;
    ProfileHeader header;
    header.info = infoForNewProfile(profile.info().provenance,
                                    "BIST " + nameOf(setup.algorithm) + " on simulated hardware (" +
                                        setup.target + "), " + std::to_string(setup.repeats) +
                                        (setup.repeats == 1 ? " run" : " runs") +
                                        " a condition, chips " + std::to_string(setup.firstChip) +
                                        " to " + std::to_string(setup.firstChip + setup.chips - 1) +
                                        " of " + profile.path().filename().string());
    const auto& before = profile.info().history;
    header.info.history.insert(header.info.history.begin(), before.begin(), before.end());
    header.device = profile.device();
    header.energy = profile.energy();
    return header;
}

void runTests(const Setup& setup, const CommandLine& line) {
    CountsShape shape;
    shape.chips = setup.chips;
    shape.mostTrials = setup.repeats;
    for (const LabelledSupply& supply : setup.supplies) {
        shape.conditions.voltages.push_back(supply.supply);
    }
    CountsWriter writer(line.get<std::string>("out"), headerOf(setup), shape);
    ProgressDisplay progress(terminalErrors(), progressStyleFor(2, line.common().quiet), "tests",
                             std::uint64_t{setup.chips} * setup.supplies.size() * setup.repeats);
    Tester tester(setup);
    for (std::uint32_t i = 0; i < setup.chips; ++i) {
        const std::uint32_t number = setup.firstChip + i;
        for (std::uint32_t v = 0; v < setup.supplies.size(); ++v) {
            CellCounts counts(setup.memory.chips->geometry());
            for (std::uint32_t run = 0; run < setup.repeats; ++run) {
                counts.add(
                    tester.test({line.common().seed, number, run}, setup.supplies[v].supply));
                progress.advance();
            }
            CountsPlace place;
            place.chip = i;
            place.voltage = v;
            counts.writeTo(writer, place, setup.repeats);
        }
    }
    progress.finish();
    writer.commit();
}

}  // namespace

void addBistSimulation(CommandLine& line) { addSupplyOptions(line); }

ExitStatus bistSimulated(const CommandLine& line) {
    line.require("profile", "the chips to test");
    const Setup setup = setUp(line);
    runTests(setup, line);
    if (!line.common().quiet) {
        std::cerr << line.get<std::string>("out") << ": " << setup.chips
                  << (setup.chips == 1 ? " chip" : " chips") << " at " << setup.supplies.size()
                  << (setup.supplies.size() == 1 ? " supply" : " supplies") << "\n";
    }
    return ExitStatus::kSuccess;
}

}  // namespace brownout
