#include "emulation/scenario/controller.h"

#include <algorithm>

#include "base/error.h"

namespace brownout {
namespace {

Level within(const Sensed& sensed, Level level) {
    return std::min(std::max(level, sensed.lowest), sensed.highest);
}

}  // namespace

TableController::TableController(std::map<double, Level> table) : table_(std::move(table)) {
    if (table_.empty()) throw Error("policy table", "has no entry");
}

Level TableController::next(const Sensed& sensed) {
    if (!sensed.temperatureC) {
        Level highest = 0;
        for (const auto& entry : table_) highest = std::max(highest, entry.second);
        return within(sensed, highest);
    }
    const auto above = table_.lower_bound(*sensed.temperatureC);
    if (above == table_.end()) return within(sensed, table_.rbegin()->second);
    if (above == table_.begin() || above->first == *sensed.temperatureC) {
        return within(sensed, above->second);
    }
    return within(sensed, std::max(above->second, std::prev(above)->second));
}

Level Hunt::next(const Sensed& sensed, std::optional<bool> alarm) {
    if (!now_) {
        now_ = sensed.highest;
    } else if (alarm && *alarm) {
        ++*now_;
        waiting_ = patience_;
    } else if (alarm && waiting_ > 0) {
        --waiting_;
    } else if (alarm && *now_ > sensed.lowest) {
        --*now_;
    }
    now_ = within(sensed, *now_);
    return *now_;
}

Level CanaryController::next(const Sensed& sensed) {
    if (!sensed.failedCanaries) return hunt_.next(sensed, std::nullopt);
    return hunt_.next(sensed, *sensed.failedCanaries > 0);
}

Level EccController::next(const Sensed& sensed) {
    if (!sensed.words) return hunt_.next(sensed, std::nullopt);
    return hunt_.next(sensed, sensed.words->detected > 0 || sensed.words->corrected > budget_);
}

}  // namespace brownout
