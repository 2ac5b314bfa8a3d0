#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/error.h"
#include "model/operating_point.h"
#include "profiles/fail_counts.h"
#include "profiles/supply_range.h"

namespace brownout {

class CountsCells;

/// The measurements of a counts profile. Copies share the file.
class MeasuredChips {
 public:
    /// Serves the cells of an open file, whose supplies are `supplies`.
    MeasuredChips(std::shared_ptr<const CountsCells> cells, std::string place,
                  SramGeometry geometry, std::uint32_t chips, SupplyRange supplies);

    const CountsConditions& conditions() const;
    /// Returns the supplies as they are in the file; those that differ by noise of arithmetic are
    /// one among conditions().
    const std::vector<double>& storedVoltages() const;
    /// Returns the cells of a chip that failed at a supply and temperature, and how much was
    /// measured. Throws Error naming the file if there is no such chip, supply or temperature.
    MeasuredCells cells(std::uint32_t chip, const OperatingPoint& at) const;
    /// Returns the counts of one array. Throws Error if there is no such place.
    ArrayCounts array(const CountsPlace& place) const;

 private:
    std::shared_ptr<const CountsCells> cells_;
    std::string place_;
    SramGeometry geometry_;
    std::uint32_t chips_;
    SupplyRange supplies_;
};

/// Returns the Error of a profile that is asked for a chip it doesn't have.
Error noSuchChip(const std::string& place, std::uint32_t chip, std::uint32_t chips);

}  // namespace brownout
