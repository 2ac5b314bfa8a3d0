#include "profiles/profile_writer.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "base/atomic_file.h"
#include "base/error.h"
#include "profiles/hdf5/file_seal.h"
#include "profiles/hdf5/hdf5_writer.h"
#include "profiles/hdf5/header_writer.h"
#include "profiles/hdf5/spatial_fields.h"

namespace brownout {
namespace {

void writeRecipe(Hdf5Output& out, const GroupHandle& cells, const Recipe& recipe,
                 const std::string& unit) {
    const GroupHandle group = out.makeGroup(cells, nameOf(Encoding::kRecipe));
    out.setText(group.get(), "generator", recipe.generator);
    if (!recipe.preset.empty()) out.setText(group.get(), "preset", recipe.preset);
    out.setInteger64(group.get(), "seed", recipe.seed);
    out.setNumber(group.get(), "share_flipping", recipe.shares.flipping);
    out.setNumber(group.get(), "share_stuck_at_0", recipe.shares.stuckAt0);
    out.setNumber(group.get(), "share_stuck_at_1", recipe.shares.stuckAt1);
    if (recipe.spatial) {
        for (const SpatialField& field : spatialFields()) {
            out.setNumber(group.get(), field.name, (*recipe.spatial).*field.member);
        }
        out.setInteger(group.get(), kArraysAcross, recipe.spatial->arraysAcross);
    }
    std::vector<double> voltages, rates;
    for (const CurvePoint& point : recipe.curve.points()) {
        voltages.push_back(point.voltage);
        rates.push_back(point.rate);
    }
    const DatasetHandle scale = out.addColumn(group, "curve_voltage", voltages, unit);
    const DatasetHandle rate = out.addColumn(group, "curve_rate", rates, "1");
    out.attachScale(scale, "curve_voltage", {&rate});
}

/// The datasets of a threshold file as they grow.
class ThresholdOutput {
 public:
    ThresholdOutput(Hdf5Output& out, const GroupHandle& cells, const ThresholdRange& range,
                    const std::string& unit)
        : out_(out), group_(out.makeGroup(cells, nameOf(Encoding::kThreshold))) {
        out.setNumber(group_.get(), "floor_voltage", range.floorVoltage);
        out.setNumber(group_.get(), "highest_voltage", range.highestVoltage);
        const VoltageShifts& shifts = range.shifts;
        if (shifts.readNoise > 0) out.setNumber(group_.get(), "read_noise", shifts.readNoise);
        if (shifts.referenceTemperatureC) {
            out.setNumber(group_.get(), "reference_temperature", *shifts.referenceTemperatureC);
            if (shifts.temperatureCoefficient != 0) {
                out.setNumber(group_.get(), "temperature_coefficient",
                              shifts.temperatureCoefficient);
            }
        }
        cell_ = out.addGrowing(group_, "cell", H5T_STD_U32LE);
        voltage_ = out.addGrowing(group_, "voltage", H5T_IEEE_F32LE);
        out.setText(voltage_.get(), "unit", unit);
        p01_ = out.addGrowing(group_, "p01", H5T_IEEE_F32LE);
        p10_ = out.addGrowing(group_, "p10", H5T_IEEE_F32LE);
    }

    void add(Span<const FaultyCell> chip) {
        const std::size_t count = chip.size();
        std::vector<std::uint32_t> cells(count);
        std::vector<float> voltages(count), p01(count), p10(count);
        for (std::size_t i = 0; i < count; ++i) {
            cells[i] = chip[i].cell;
            voltages[i] = chip[i].criticalVoltage;
            p01[i] = chip[i].p01;
            p10[i] = chip[i].p10;
        }
        const std::uint64_t size = starts_.back();
        out_.append(cell_, size, H5T_NATIVE_UINT32, cells.data(), count);
        out_.append(voltage_, size, H5T_NATIVE_FLOAT, voltages.data(), count);
        out_.append(p01_, size, H5T_NATIVE_FLOAT, p01.data(), count);
        out_.append(p10_, size, H5T_NATIVE_FLOAT, p10.data(), count);
        starts_.push_back(size + count);
    }

    void end() {
        const DatasetHandle starts = out_.addGrowing(group_, "chip_start", H5T_STD_U64LE);
        out_.append(starts, 0, H5T_NATIVE_UINT64, starts_.data(), starts_.size());
    }

 private:
    Hdf5Output& out_;
    GroupHandle group_;
    DatasetHandle cell_, voltage_, p01_, p10_;
    std::vector<std::uint64_t> starts_{0};
};

/// Writes a sealed file under a temporary name and gives it its own when it is complete.
void writeSealed(const std::filesystem::path& path,
                 const std::function<void(Hdf5Output&)>& content) {
    writeAtomically(path, [&](const std::filesystem::path& temporary) {
        {
            const Hdf5Session session;
            Hdf5Output out(temporary, path.string());
            content(out);
            out.finish();
        }
        sealFile(temporary, path.string());
    });
}

void checkShifts(const VoltageShifts& shifts) {
    if (!(shifts.readNoise >= 0 && std::isfinite(shifts.readNoise))) {
        throw Error("read noise", "is not finite, or negative");
    }
    if (!std::isfinite(shifts.temperatureCoefficient) ||
        !std::isfinite(shifts.referenceTemperatureC.value_or(0))) {
        throw Error("temperature", "the reference or the coefficient is not finite");
    }
    if (shifts.temperatureCoefficient != 0 && !shifts.referenceTemperatureC) {
        throw Error("temperature", "a coefficient needs a reference temperature");
    }
}

}  // namespace

void writeRecipeProfile(const std::filesystem::path& path, const ProfileHeader& header,
                        const Recipe& recipe) {
    recipe.validate();
    checkHeader(header, recipe.lowestVoltage(), recipe.highestVoltage());
    writeSealed(path, [&](Hdf5Output& out) {
        const GroupHandle cells =
            writeHeader(out, header, nameOf(Encoding::kRecipe), recipe.chips,
                        recipe.spatial ? kProfileFormat : kFirstProfileFormat);
        writeRecipe(out, cells, recipe, nameOf(header.device.unit));
    });
}

void writeThresholdProfile(const std::filesystem::path& path, const ProfileHeader& header,
                           const ThresholdRange& range,
                           const std::function<Chip(std::uint32_t)>& chip) {
    if (range.chips == 0 || range.chips > kMostChips) {
        throw Error("profile", std::to_string(range.chips) + " chips; expected 1 to " +
                                   std::to_string(kMostChips));
    }
    if (!(range.floorVoltage > 0 && range.highestVoltage > range.floorVoltage &&
          std::isfinite(range.highestVoltage))) {
        throw Error("profile", "the floor voltage must be positive and below the highest one");
    }
    checkShifts(range.shifts);
    checkHeader(header, range.floorVoltage, range.highestVoltage);
    const bool first = range.shifts.readNoise == 0 && !range.shifts.referenceTemperatureC;
    // A program of version 1.0 would read it without the noise, and shall not.
    const std::string encoding =
        range.shifts.readNoise > 0 ? kNoisyThreshold : nameOf(Encoding::kThreshold);
    writeSealed(path, [&](Hdf5Output& out) {
        const GroupHandle cells = writeHeader(out, header, encoding, range.chips,
                                              first ? kFirstProfileFormat : kProfileFormat);
        ThresholdOutput threshold(out, cells, range, nameOf(header.device.unit));
        for (std::uint32_t i = 0; i < range.chips; ++i) {
            const Chip one = chip(i);
            if (one.geometry() != header.device.geometry) {
                throw Error("chip " + std::to_string(i), "has another geometry than the profile");
            }
            threshold.add(one.cellsAbove(std::max(range.floorVoltage, one.floorVoltage())));
        }
        threshold.end();
    });
}

void expandProfile(const Profile& profile, const std::filesystem::path& path) {
    ProfileHeader header = profile.header();
    header.info.history.push_back("expanded to threshold encoding");
    writeThresholdProfile(
        path, header,
        {profile.chipCount(),
         profile.supplies().lowest() - kReadNoiseReach * profile.supplies().shifts().readNoise,
         profile.supplies().highest(), profile.supplies().shifts()},
        [&](std::uint32_t index) { return profile.chip(index); });
}

}  // namespace brownout
