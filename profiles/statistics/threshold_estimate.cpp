#include "profiles/statistics/threshold_estimate.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <sstream>
#include <vector>

#include "base/error.h"
#include "profiles/generator/calibration_curve.h"
#include "profiles/profile_writer.h"

namespace brownout {
namespace {

/// Failing reads and reads of a cell in one direction.
struct Reads {
    std::uint64_t fails = 0;
    std::uint64_t trials = 0;

    double share() const {
        return trials == 0 ? 0 : static_cast<double>(fails) / static_cast<double>(trials);
    }
    Reads& operator+=(const Reads& more) {
        fails += more.fails;
        trials += more.trials;
        return *this;
    }
};

/// What was read of every cell of an array at one voltage: stored 0, stored 1.
using ArrayReads = std::array<std::vector<Reads>, 2>;

class CountsOfChips {
 public:
    CountsOfChips(const Profile& profile, std::optional<double> temperatureC) : profile_(profile) {
        if (profile.counts() == nullptr) {
            throw Error(profile.path().string(), std::string("has the encoding '") +
                                                     nameOf(profile.encoding()) +
                                                     "'; expected counts");
        }
        const std::optional<double> celsius = profile.supplies().temperature(temperatureC);
        const std::vector<double>& known = profile.counts()->conditions().temperaturesC;
        for (std::uint32_t i = 0; celsius && i < known.size(); ++i) {
            if (known[i] == *celsius) temperature_ = i;
        }
    }

    const std::vector<double>& voltages() const { return profile_.counts()->conditions().voltages; }

    ArrayReads read(std::uint32_t chip, std::uint32_t array, std::uint32_t voltage) const {
        CountsPlace place{chip, array, voltage, temperature_, 0, FailDirection::kUnknown};
        const std::vector<Reads> unknown = worstPattern(place);
        ArrayReads reads;
        for (const FailDirection direction : {FailDirection::k01, FailDirection::k10}) {
            place.direction = direction;
            std::vector<Reads>& known = reads[static_cast<std::size_t>(direction)];
            known = worstPattern(place);
            for (std::size_t i = 0; i < known.size(); ++i) {
                if (known[i].trials == 0) known[i] = unknown[i];
            }
        }
        return reads;
    }

 private:
    std::vector<Reads> worstPattern(CountsPlace place) const {
        std::vector<Reads> worst(profile_.device().geometry.cellsPerArray());
        for (place.pattern = 0; place.pattern < profile_.counts()->conditions().patternCount();
             ++place.pattern) {
            const ArrayCounts counts = profile_.counts()->array(place);
            for (std::size_t i = 0; i < worst.size(); ++i) {
                if (counts.fails[i] == kNotMeasured || counts.trials[i] == kNotMeasured) continue;
                const Reads one{counts.fails[i], counts.trials[i]};
                if (worst[i].trials == 0 || one.share() > worst[i].share()) worst[i] = one;
            }
        }
        return worst;
    }

    const Profile& profile_;
    std::uint32_t temperature_ = 0;
};

/// What is known of a cell after going down from the highest voltage.
struct CellHistory {
    std::uint32_t top = 0;       ///< number of the highest voltage it failed at, plus 1; 0: never
    std::array<Reads, 2> atTop;  ///< stored 0, stored 1
    std::array<Reads, 2> below;  ///< at all lower voltages
};

class ThresholdCellsOfChip {
 public:
    ThresholdCellsOfChip(const CountsOfChips& counts, const SramGeometry& geometry,
                         double readNoise)
        : counts_(counts), geometry_(geometry), readNoise_(readNoise) {}

    Chip chip(std::uint32_t index) const {
        std::vector<FaultyCell> cells;
        for (std::uint32_t array = 0; array < geometry_.arrays; ++array) {
            std::vector<CellHistory> histories(geometry_.cellsPerArray());
            for (std::size_t v = counts_.voltages().size(); v-- > 0;) {
                const auto voltage = static_cast<std::uint32_t>(v);
                follow(histories, counts_.read(index, array, voltage), voltage);
            }
            for (std::size_t i = 0; i < histories.size(); ++i) {
                if (histories[i].top == 0) continue;
                const FaultyCell cell =
                    cellOf(static_cast<std::uint32_t>(array * geometry_.cellsPerArray() + i),
                           histories[i]);
                if (static_cast<double>(cell.criticalVoltage) > floor()) cells.push_back(cell);
            }
        }
        return Chip(geometry_, std::move(cells), floor(), readNoise_);
    }

    double floor() const { return counts_.voltages().front(); }

 private:
    static void follow(std::vector<CellHistory>& histories, const ArrayReads& reads,
                       std::uint32_t voltage) {
        for (std::size_t i = 0; i < histories.size(); ++i) {
            CellHistory& history = histories[i];
            const std::array<Reads, 2> now{reads[0][i], reads[1][i]};
            if (history.top > 0) {
                history.below[0] += now[0];
                history.below[1] += now[1];
            } else if (now[0].fails + now[1].fails > 0) {
                history.top = voltage + 1;
                history.atTop = now;
            }
        }
    }

    FaultyCell cellOf(std::uint32_t cell, const CellHistory& history) const {
        const std::vector<double>& voltages = counts_.voltages();
        const std::size_t top = history.top - 1;
        const double here = voltages[top];
        const double step =
            top + 1 < voltages.size() ? voltages[top + 1] - here : here - voltages[top - 1];
        double critical = here + step / 2;
        std::array<Reads, 2> all = history.below;
        const std::size_t worse = history.below[0].share() >= history.below[1].share() ? 0 : 1;
        const double lower = history.below[worse].share();
        const double share = lower > 0 ? history.atTop[worse].share() / lower : 1;
        if (readNoise_ > 0 && share < 1) {
            // Of the lower voltages p, and from what is missing here how far the cell is away.
            const double half = 0.5 / static_cast<double>(history.atTop[worse].trials + 1);
            critical = here + std::clamp(readNoise_ * probit(std::clamp(share, half, 1 - half)),
                                         -step, step / 2);
        } else {
            for (std::size_t i = 0; i < 2; ++i) all[i] += history.atTop[i];
        }
        return {cell, static_cast<float>(critical), static_cast<float>(all[0].share()),
                static_cast<float>(all[1].share())};
    }

    const CountsOfChips& counts_;
    SramGeometry geometry_;
    double readNoise_;
};

}  // namespace

std::optional<ReadNoiseEstimate> estimateReadNoise(const Profile& counts,
                                                   std::optional<double> temperatureC) {
    const CountsOfChips reader(counts, temperatureC);
    const std::vector<double>& voltages = reader.voltages();
    if (voltages.size() < 4) return std::nullopt;
    std::vector<double> failing(voltages.size()), spread(voltages.size());
    ReadNoiseEstimate estimate;
    for (std::uint32_t chip = 0; chip < counts.chipCount(); ++chip) {
        for (std::uint32_t array = 0; array < counts.device().geometry.arrays; ++array) {
            const ArrayReads lowest = reader.read(chip, array, 0);
            for (std::uint32_t v = 1; v < voltages.size(); ++v) {
                const ArrayReads reads = reader.read(chip, array, v);
                for (std::size_t d = 0; d < 2; ++d) {
                    for (std::size_t i = 0; i < reads[d].size(); ++i) {
                        const Reads& low = lowest[d][i];
                        const Reads& now = reads[d][i];
                        if (low.fails == 0 || low.fails < low.trials || now.trials < 2) continue;
                        const double f = now.share();
                        const auto n = static_cast<double>(now.trials);
                        failing[v] += f;
                        spread[v] += f * (1 - f) * n / (n - 1);  // without the binomial's own part
                        estimate.partly += f > 0 && f < 1;
                    }
                }
            }
        }
    }
    double sum = 0, density = 0;
    for (std::size_t v = 2; v + 1 < voltages.size(); ++v) {
        if (!(failing[v + 1] > 0 && failing[v - 1] > failing[v + 1])) continue;
        density += failing[v] * std::log(failing[v - 1] / failing[v + 1]) /
                   (voltages[v + 1] - voltages[v - 1]);
        sum += spread[v];
    }
    if (!(density > 0)) return std::nullopt;
    estimate.noise = std::sqrt(std::acos(-1.0)) * sum / density;
    return estimate;
}

void writeThresholdEstimate(const Profile& counts, const std::filesystem::path& path,
                            const ThresholdEstimate& estimate,
                            const std::function<void(std::uint32_t)>& progress) {
    const CountsOfChips reader(counts, estimate.temperatureC);
    if (reader.voltages().size() < 2) {
        throw Error(counts.path().string(),
                    "was measured at one voltage; expected two or more for critical voltages");
    }
    const ThresholdCellsOfChip chips(reader, counts.device().geometry, estimate.readNoise);
    ProfileHeader header = counts.header();
    std::ostringstream step;
    step << "critical voltages estimated from counts at " << reader.voltages().size()
         << " voltages";
    if (estimate.readNoise > 0) step << ", read noise " << estimate.readNoise;
    header.info.history.push_back(step.str());
    ThresholdRange range{
        counts.chipCount(), reader.voltages().front(), reader.voltages().back(), {}};
    range.shifts.readNoise = estimate.readNoise;
    range.shifts.referenceTemperatureC = counts.supplies().temperature(estimate.temperatureC);
    if (estimate.readNoise > 0) {
        // The lowest voltages may be out of the noise's reach.
        const double lowest = range.floorVoltage + kReadNoiseReach * estimate.readNoise;
        auto& reference = header.referenceVoltages;
        reference.erase(reference.begin(),
                        std::lower_bound(reference.begin(), reference.end(), lowest));
    }
    writeThresholdProfile(path, header, range, [&](std::uint32_t index) {
        Chip chip = chips.chip(index);
        if (progress) progress(index + 1);
        return chip;
    });
}

}  // namespace brownout
