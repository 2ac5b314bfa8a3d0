#include "profiles/hdf5/spatial_fields.h"

namespace brownout {

const std::vector<SpatialField>& spatialFields() {
    using P = SpatialParameters;
    static const std::vector<SpatialField> fields{
        {"share_array", &P::arrayShare},
        {"share_column", &P::columnShare},
        {"share_row", &P::rowShare},
        {"gradient_x", &P::gradientX},
        {"gradient_y", &P::gradientY},
        {"direction_array", &P::directionArrayShare},
        {"direction_column", &P::directionColumnShare},
        {"share_persistent", &P::persistentShare},
        {"intermittent_mean", &P::intermittentMean},
        {"intermittent_spread", &P::intermittentSpread},
        {"read_noise", &P::readNoise},
        {"column_defect_rate", &P::columnDefectRate},
        {"row_defect_rate", &P::rowDefectRate},
        {"defect_voltage", &P::defectVoltage},
        {"ageing_shift", &P::ageingShift},
        {"temperature_coefficient", &P::temperatureCoefficient},
        {"reference_temperature", &P::referenceTemperature},
    };
    return fields;
}

}  // namespace brownout
