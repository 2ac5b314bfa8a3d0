#pragma once

#include <memory>
#include <vector>

#include "model/chip.h"
#include "model/random.h"

namespace brownout::test {

/// A chip of which a share `rate` of the cells fails somewhere between 0.75 and 1: stuck at 0,
/// stuck at 1, flipping, and (a quarter) failing sometimes. Always the same for the same arguments.
inline std::shared_ptr<const Chip> sampleChip(const SramGeometry& geometry, double rate,
                                              std::uint32_t number = 0, bool persistent = false) {
    RandomStream random(11, RandomDomain::kTraffic, number, 1);
    std::vector<FaultyCell> cells;
    for (std::uint64_t cell = 0; cell < geometry.cells(); ++cell) {
        if (random.uniform() >= rate) continue;
        FaultyCell faulty{static_cast<std::uint32_t>(cell),
                          static_cast<float>(0.75 + 0.25 * random.uniform()), 0.F, 0.F};
        const std::uint64_t kind = random.next() % (persistent ? 3 : 4);
        if (kind == 3) {
            faulty.p01 = static_cast<float>(random.uniform());
            faulty.p10 = static_cast<float>(random.uniform());
        } else {
            faulty.p01 = kind == 1 ? 0.F : 1.F;
            faulty.p10 = kind == 0 ? 0.F : 1.F;
        }
        cells.push_back(faulty);
    }
    return std::make_shared<const Chip>(geometry, std::move(cells), 0.7);
}

}  // namespace brownout::test
