#include "profiles/generator/spatial_parameters.h"

#include <cmath>
#include <sstream>

#include "base/error.h"

namespace brownout {
namespace {

void require(bool good, const char* name, double value, const char* expected) {
    if (good) return;
    std::ostringstream text;
    text << name << " is " << value << "; expected " << expected;
    throw Error("recipe", text.str());
}

void requireShare(const char* name, double value) {
    require(value >= 0 && value <= 1, name, value, "a number in [0, 1]");
}

}  // namespace

std::uint32_t SpatialParameters::across(const SramGeometry& geometry) const {
    if (arraysAcross > 0) return arraysAcross;
    return static_cast<std::uint32_t>(std::ceil(std::sqrt(static_cast<double>(geometry.arrays))));
}

void SpatialParameters::validate() const {
    requireShare("share_array", arrayShare);
    requireShare("share_column", columnShare);
    requireShare("share_row", rowShare);
    require(cellShare() >= kLeastCellShare - 1e-12, "the share left for the cell", cellShare(),
            "at least 0.001");
    require(std::fabs(gradientX) <= 10, "gradient_x", gradientX, "a number in [-10, 10]");
    require(std::fabs(gradientY) <= 10, "gradient_y", gradientY, "a number in [-10, 10]");
    requireShare("direction_array", directionArrayShare);
    requireShare("direction_column", directionColumnShare);
    requireShare("direction_array + direction_column", directionArrayShare + directionColumnShare);
    requireShare("share_persistent", persistentShare);
    require(intermittentMean > 0 && intermittentMean < 1, "intermittent_mean", intermittentMean,
            "a number in (0, 1)");
    require(intermittentSpread >= 0 && intermittentSpread <= 10, "intermittent_spread",
            intermittentSpread, "a number in [0, 10]");
    require(readNoise >= 0 && std::isfinite(readNoise), "read_noise", readNoise,
            "a voltage of at least 0");
    requireShare("column_defect_rate", columnDefectRate);
    requireShare("row_defect_rate", rowDefectRate);
    require(defectVoltage >= 0 && std::isfinite(defectVoltage), "defect_voltage", defectVoltage,
            "a voltage of at least 0");
    require(std::isfinite(ageingShift), "ageing_shift", ageingShift, "a finite voltage");
    require(std::isfinite(temperatureCoefficient), "temperature_coefficient",
            temperatureCoefficient, "a finite number");
    require(referenceTemperature > -273.15 && referenceTemperature < 1000, "reference_temperature",
            referenceTemperature, "degrees Celsius in (-273.15, 1000)");
}

}  // namespace brownout
