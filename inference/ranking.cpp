#include "inference/ranking.h"

#include <algorithm>
#include <cmath>

namespace brownout {
namespace {

bool anyIsNaN(Span<const float> outputs) {
    return std::any_of(outputs.begin(), outputs.end(), [](float o) { return std::isnan(o); });
}

}  // namespace

std::size_t rankOf(Span<const float> outputs, std::size_t label) {
    if (label >= outputs.size() || anyIsNaN(outputs)) return outputs.size();
    std::size_t before = 0;
    for (std::size_t c = 0; c < outputs.size(); ++c) {
        before += outputs[c] > outputs[label] || (outputs[c] == outputs[label] && c < label);
    }
    return before;
}

std::optional<std::size_t> firstOf(Span<const float> outputs) {
    if (outputs.empty() || anyIsNaN(outputs)) return std::nullopt;
    return static_cast<std::size_t>(std::max_element(outputs.begin(), outputs.end()) -
                                    outputs.begin());
}

}  // namespace brownout
