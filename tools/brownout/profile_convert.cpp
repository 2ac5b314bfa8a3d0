#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <iostream>
#include <optional>

#include "base/numbers.h"
#include "profiles/profile.h"
#include "profiles/profile_writer.h"
#include "profiles/simulated_measurement.h"
#include "profiles/statistics/threshold_estimate.h"
#include "tools/brownout/command_line.h"
#include "tools/brownout/output.h"
#include "tools/brownout/profile_commands.h"
#include "tools/brownout/tried_files.h"
#include "tools/brownout/voltage.h"
#include "tools/report/progress.h"

namespace brownout {
namespace {

namespace po = boost::program_options;

std::optional<double> temperatureOf(const CommandLine& line) {
    if (!line.has("temperature")) return std::nullopt;
    return parseNumber("--temperature", line.get<std::string>("temperature"));
}

/// Voltages to measure at, ascending, each once.
std::vector<double> voltagesOf(const CommandLine& line, const Profile& profile,
                               std::optional<double> temperatureC) {
    const auto& list = line.get<std::string>("voltages");
    if (list == "profile") return profile.referenceVoltages();
    std::vector<double> voltages;
    for (const SupplyRequest& one : parseVoltages(list)) {
        voltages.push_back(profile.supplies().supply(one.voltage, temperatureC));
    }
    std::sort(voltages.begin(), voltages.end());
    return withoutNoise(voltages);
}

/// A bar that begins with the first chip, so that an error before comes alone.
class ChipProgress {
 public:
    ChipProgress(const CommandLine& line, const Profile& profile)
        : style_(progressStyleFor(STDERR_FILENO, line.common().quiet)),
          chips_(profile.chipCount()) {}

    std::function<void(std::uint32_t)> advance() {
        return [this](std::uint32_t) {
            if (!display_) {
                display_.emplace(terminalErrors(), style_, "chips", chips_);
            }
            display_->advance();
        };
    }

 private:
    ProgressStyle style_;
    std::uint32_t chips_;
    std::optional<ProgressDisplay> display_;
};

void toCounts(const CommandLine& line, const Profile& profile, const std::string& out) {
    SimulatedMeasurement measurement;
    measurement.temperatureC = temperatureOf(line);
    measurement.voltages = voltagesOf(line, profile, measurement.temperatureC);
    measurement.reads = *line.count("reads", 65534);
    measurement.seed = line.common().seed;
    ChipProgress progress(line, profile);
    measureProfile(profile, out, measurement, progress.advance());
}

void toThreshold(const CommandLine& line, const Profile& profile, const std::string& out) {
    if (profile.encoding() != Encoding::kCounts) {
        if (line.get<bool>("read-noise")) {
            throw UsageError("--read-noise", "is estimated from counts only");
        }
        expandProfile(profile, out);
        return;
    }
    ThresholdEstimate estimate;
    estimate.temperatureC = temperatureOf(line);
    const auto noise = estimateReadNoise(profile, estimate.temperatureC);
    if (!line.common().quiet && noise) {
        std::cerr << "read noise about " << noise->noise << " " << nameOf(profile.device().unit)
                  << ", from " << noise->partly << " cells that failed in part of the reads"
                  << (line.get<bool>("read-noise") ? "" : "; left out without --read-noise")
                  << "\n";
    }
    if (line.get<bool>("read-noise")) {
        if (!noise) {
            throw Error(profile.path().string(),
                        "doesn't tell the read noise: that takes four voltages or more, and cells "
                        "that begin to fail between them");
        }
        estimate.readNoise = noise->noise;
    }
    ChipProgress progress(line, profile);
    writeThresholdEstimate(profile, out, estimate, progress.advance());
}

}  // namespace

ExitStatus runProfileConvert(const std::vector<std::string>& arguments) {
    CommandLine line(
        "profile convert FILE --out FILE --to counts|threshold [options]",
        "To counts: a simulated measurement, every cell read N times with a 0 and N times with a 1 "
        "stored, at each\n"
        "voltage. To threshold: critical voltages from counts, each in the middle of the step in "
        "which the cell\n"
        "began to fail, with its share of failing reads; or the cells of a recipe as they are.",
        "  brownout profile convert chips.h5 -o counts.h5 --to counts --reads 100 -v 1:0.75:0.05\n"
        "  brownout profile convert measured.h5 -o cells.h5 --to threshold --read-noise");
    line.options().add_options()  //
        ("file", po::value<std::string>()->value_name("FILE"),
         "the profile to convert")                                                       //
        ("out,o", po::value<std::string>()->value_name("FILE"), "the profile to write")  //
        ("to", po::value<std::string>()->value_name("ENCODING"), "counts or threshold")  //
        ("reads", po::value<std::string>()->value_name("N")->default_value("100"),
         "reads of each cell and direction")  //
        ("voltages,v", po::value<std::string>()->value_name("LIST")->default_value("profile"),
         "voltages to measure at, as sweep takes them")  //
        ("temperature", po::value<std::string>()->value_name("T"),
         "degrees Celsius, where the profile has several")  //
        ("read-noise", po::bool_switch(),
         "to threshold: take cells that fail in part of the reads near their critical voltage for "
         "noisy, with the noise that the counts show");
    line.positional("file", 1);
    if (!line.parse(arguments)) return ExitStatus::kSuccess;
    line.require("file", "the profile to convert");
    line.require("out", "the file to write");
    line.require("to", "counts or threshold");
    const auto& to = line.get<std::string>("to");
    if (to != "counts" && to != "threshold") {
        throw UsageError("--to", "'" + to + "'; expected counts or threshold");
    }
    const Profile profile = openProfile(line.get<std::string>("file"));
    const auto& out = line.get<std::string>("out");
    if (to == "counts") {
        toCounts(line, profile, out);
    } else {
        toThreshold(line, profile, out);
    }
    return ExitStatus::kSuccess;
}

}  // namespace brownout
