#include "profiles/simulated_measurement.h"

#include <algorithm>
#include <sstream>
#include <string>

#include "base/error.h"
#include "model/random.h"
#include "profiles/chips/chip_cells.h"
#include "profiles/counts_writer.h"

namespace brownout {
namespace {

constexpr std::uint32_t kMostReads = 65534;

void checkMeasurement(const Profile& profile, const SimulatedMeasurement& measurement) {
    if (profile.encoding() == Encoding::kCounts) {
        throw Error(profile.path().string(), "holds counts already");
    }
    if (measurement.reads == 0 || measurement.reads > kMostReads) {
        throw Error("reads", std::to_string(measurement.reads) + "; expected 1 to " +
                                 std::to_string(kMostReads));
    }
    for (const double voltage : measurement.voltages) {
        profile.supplies().supply({voltage, profile.device().unit}, measurement.temperatureC);
    }
}

/// Writes one chip at one voltage.
class ChipMeasurement {
 public:
    ChipMeasurement(CountsWriter& writer, const SramGeometry& geometry,
                    const SimulatedMeasurement& measurement)
        : writer_(writer), geometry_(geometry), measurement_(measurement) {}

    void write(std::uint32_t chip, std::uint32_t voltage, std::vector<FaultyCell> cells) {
        std::sort(cells.begin(), cells.end(),
                  [](const FaultyCell& a, const FaultyCell& b) { return a.cell < b.cell; });
        auto at = cells.begin();
        for (std::uint32_t array = 0; array < geometry_.arrays; ++array) {
            const std::uint64_t first = array * geometry_.cellsPerArray();
            std::vector<CellFails> fails01, fails10;
            for (; at != cells.end() && at->cell < first + geometry_.cellsPerArray(); ++at) {
                const auto cell = static_cast<std::uint32_t>(at->cell - first);
                const auto add = [&](std::vector<CellFails>& fails, float p, std::uint32_t one) {
                    const std::uint32_t count =
                        drawFails(measurement_.seed, chip, at->cell, 2 * voltage + one,
                                  measurement_.reads, static_cast<double>(p));
                    if (count > 0) fails.push_back({cell, count});
                };
                add(fails01, at->p01, 0);
                add(fails10, at->p10, 1);
            }
            writer_.addSparse({chip, array, voltage, 0, 0, FailDirection::k01}, measurement_.reads,
                              fails01);
            writer_.addSparse({chip, array, voltage, 0, 0, FailDirection::k10}, measurement_.reads,
                              fails10);
        }
    }

 private:
    CountsWriter& writer_;
    const SramGeometry& geometry_;
    const SimulatedMeasurement& measurement_;
};

}  // namespace

std::uint32_t drawFails(std::uint64_t seed, std::uint32_t chip, std::uint32_t cell,
                        std::uint32_t condition, std::uint32_t reads, double p) {
    if (p <= 0) return 0;
    if (p >= 1) return reads;
    std::uint32_t fails = 0;
    for (std::uint32_t i = 0; i < reads; ++i) {
        fails += uniformAt(seed, RandomDomain::kMeasurement, chip, cell, condition * reads + i) < p;
    }
    return fails;
}

void measureProfile(const Profile& profile, const std::filesystem::path& path,
                    const SimulatedMeasurement& measurement,
                    const std::function<void(std::uint32_t)>& progress) {
    checkMeasurement(profile, measurement);
    ProfileHeader header = profile.header();
    std::ostringstream step;
    step << "simulated measurement: " << measurement.reads << " reads of each direction at "
         << measurement.voltages.size() << " voltages, seed " << measurement.seed;
    header.info.history.push_back(step.str());
    CountsShape shape{profile.chipCount(), {measurement.voltages, {}, {}}, measurement.reads};
    const std::optional<double> celsius = profile.supplies().temperature(measurement.temperatureC);
    if (celsius) shape.conditions.temperaturesC = {*celsius};
    CountsWriter writer(path, header, shape);
    ChipMeasurement chips(writer, profile.device().geometry, measurement);
    for (std::uint32_t chip = 0; chip < profile.chipCount(); ++chip) {
        const ChipCells faults(profile, chip, measurement.voltages.front(),
                               measurement.temperatureC);
        for (std::uint32_t v = 0; v < measurement.voltages.size(); ++v) {
            chips.write(chip, v, faults.at(measurement.voltages[v]));
        }
        if (progress) progress(chip + 1);
    }
    writer.commit();
}

}  // namespace brownout
