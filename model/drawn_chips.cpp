#include "model/drawn_chips.h"

#include <map>

#include "base/error.h"

namespace brownout {
namespace {

/// The supply of every array.
std::vector<double> supplies(const SramGeometry& geometry, const OperatingPoint& at,
                             Span<const ArrayDomain> domains) {
    std::vector<double> supplies(geometry.arrays, at.supply);
    std::vector<bool> taken(geometry.arrays, false);
    for (const ArrayDomain& domain : domains) {
        for (std::uint32_t i = 0; i < domain.arrays; ++i) {
            const std::uint64_t array = std::uint64_t{domain.firstArray} + i;
            if (array >= geometry.arrays || taken[array]) {
                throw Error("supply domain " + domain.name,
                            "array " + std::to_string(array) + ": expected arrays of a chip of " +
                                std::to_string(geometry.arrays) + ", each in one domain at most");
            }
            taken[array] = true;
            supplies[array] = at.supplyOf(domain.name);
        }
    }
    return supplies;
}

}  // namespace

std::shared_ptr<const FaultOverlay> faultsByDomain(ChipSource& chips, std::uint32_t chip,
                                                   const OperatingPoint& at,
                                                   Span<const ArrayDomain> domains) {
    const SramGeometry& geometry = chips.geometry();
    const std::vector<double> supplyOf = supplies(geometry, at, domains);
    std::map<double, std::shared_ptr<const FaultOverlay>> atSupply;
    for (const double supply : supplyOf) {
        auto& faults = atSupply[supply];
        if (!faults) faults = chips.faults(chip, {supply, at.temperatureC, {}});
    }
    if (atSupply.size() == 1) return atSupply.begin()->second;
    std::vector<FaultyCell> cells;
    for (const auto& [supply, faults] : atSupply) {
        for (const FaultyCell& cell : faults->cells()) {
            if (supplyOf[cell.cell / geometry.cellsPerArray()] == supply) cells.push_back(cell);
        }
    }
    return std::make_shared<const FaultOverlay>(geometry, cells);
}

DrawnChips::DrawnChips(std::shared_ptr<ChipSource> chips, std::vector<ArrayDomain> domains)
    : chips_(std::move(chips)), domains_(std::move(domains)) {
    supplies(geometry(), {}, domains_);
}

std::shared_ptr<const FaultOverlay> DrawnChips::faults(const LoadId& load,
                                                       const OperatingPoint& at) {
    const bool sameFaults = at_ && load_.chip == load.chip && at_->supply == at.supply &&
                            at_->temperatureC == at.temperatureC && at_->domains == at.domains;
    if (!sameFaults) {
        at_.reset();
        undrawn_ = faultsByDomain(*chips_, load.chip, at, domains_);
        at_ = at;
    }
    const bool certain = undrawn_->probabilistic().empty();
    const bool sameDraw = sameFaults && load_.seed == load.seed && load_.load == load.load;
    load_ = load;
    if (certain) {
        drawn_ = undrawn_;
    } else if (!sameDraw) {
        drawn_ = std::make_shared<const FaultOverlay>(undrawn_->resolved(load));
    }
    return drawn_;
}

}  // namespace brownout
