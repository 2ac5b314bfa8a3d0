#include "model/uniform_chips.h"

#include "base/error.h"

namespace brownout {

std::shared_ptr<const FaultOverlay> UniformChips::faults(std::uint32_t chip,
                                                         const OperatingPoint& at) {
    if (at.temperatureC) throw Error("temperature", "uniform faults know of none");
    return std::make_shared<const FaultOverlay>(
        FaultOverlay::uniform(geometry_, UniformField(seed_, chip), at.supply));
}

}  // namespace brownout
