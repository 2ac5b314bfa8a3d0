#include "profiles/measured_chips.h"

#include "base/error.h"
#include "profiles/hdf5/counts_cells.h"

namespace brownout {

MeasuredChips::MeasuredChips(std::shared_ptr<const CountsCells> cells, std::string place,
                             SramGeometry geometry, std::uint32_t chips, SupplyRange supplies)
    : cells_(std::move(cells)),
      place_(std::move(place)),
      geometry_(geometry),
      chips_(chips),
      supplies_(std::move(supplies)) {}

const CountsConditions& MeasuredChips::conditions() const { return cells_->conditions(); }

const std::vector<double>& MeasuredChips::storedVoltages() const {
    return cells_->storedVoltages();
}

MeasuredCells MeasuredChips::cells(std::uint32_t chip, const OperatingPoint& at) const {
    if (chip >= chips_) throw noSuchChip(place_, chip, chips_);
    const double voltage = supplies_.supply({at.supply, supplies_.unit()});
    const std::optional<double> celsius = supplies_.temperature(at.temperatureC);
    return cells_->read(chip, *measuredIndex(conditions().voltages, voltage),
                        celsius ? *measuredIndex(conditions().temperaturesC, *celsius) : 0);
}

ArrayCounts MeasuredChips::array(const CountsPlace& place) const {
    if (place.chip >= chips_) throw noSuchChip(place_, place.chip, chips_);
    if (place.array >= geometry_.arrays || place.voltage >= conditions().voltages.size() ||
        place.temperature >= conditions().temperatureCount() ||
        place.pattern >= conditions().patternCount()) {
        throw Error(place_, "has no such array, voltage, temperature or pattern");
    }
    return cells_->readArray(place);
}

Error noSuchChip(const std::string& place, std::uint32_t chip, std::uint32_t chips) {
    return Error(place, "has no chip " + std::to_string(chip) + "; there are " +
                            std::to_string(chips) + ", counted from 0");
}

}  // namespace brownout
