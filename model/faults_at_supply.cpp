#include "model/faults_at_supply.h"

#include "model/faults/chip_at_supply.h"

namespace brownout {

FaultsAtSupply faultsOf(std::shared_ptr<ChipSource> chips, const LoadId& load) {
    return [chips = std::move(chips), load](double supply) {
        return chips->faults(load.chip, {supply})->resolved(load);
    };
}

FaultsAtSupply faultsOf(std::shared_ptr<const Chip> chip, const LoadId& load) {
    return [chip = std::move(chip), load](double supply) {
        return overlayAt(*chip, supply).resolved(load);
    };
}

}  // namespace brownout
