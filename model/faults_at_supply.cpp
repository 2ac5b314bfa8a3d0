#include "model/faults_at_supply.h"

namespace brownout {

FaultsAtSupply faultsOf(std::shared_ptr<const Chip> chip, const LoadId& load) {
    return [chip = std::move(chip), load](double supply) {
        return FaultOverlay(*chip, supply).resolved(load);
    };
}

}  // namespace brownout
