#include "inference/activations/stored_sums.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace brownout {

std::uint64_t StoredSum::filtersOf(std::uint64_t tileNumber) const {
    return std::min(tile, filters - tileNumber % tilesOfGroup() * tile);
}

Code StoredSum::encode(double sum, std::size_t filter) const {
    if (isFloat()) {
        const auto single = static_cast<float>(sum);
        Code code = 0;
        std::memcpy(&code, &single, sizeof code);
        return code;
    }
    constexpr double kMost = 9e18;  // below 2^63
    const double whole = std::nearbyint(sum / stepOf(filter));
    if (!(std::abs(whole) < kMost)) return 0;
    return static_cast<Code>(static_cast<std::int64_t>(whole)) & codeMask(bits);
}

double StoredSum::decode(Code code, std::size_t filter) const {
    if (isFloat()) {
        float single = 0;
        std::memcpy(&single, &code, sizeof single);
        return static_cast<double>(single);
    }
    const std::uint32_t unused = kMaxCodeBits - bits;
    const auto whole = static_cast<std::int32_t>(code << unused) >> unused;
    return static_cast<double>(whole) * stepOf(filter);
}

std::size_t StoredSums::tensors() const {
    return products.empty()
               ? 0
               : products.back().firstTensor + static_cast<std::size_t>(products.back().tiles());
}

}  // namespace brownout
