#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "emulation/statistics.h"

// The values that all results have in common, in JSON, and JSON as text. `Json` is nlohmann's json,
// or its ordered_json where keys keep the order of the documentation.

namespace brownout {

/// Returns a JSON value as text, on one line or indented. File names may hold bytes that are not
/// UTF-8; they become U+FFFD.
template <typename Json>
std::string jsonLine(const Json& value, int indent = -1) {
    return value.dump(indent, ' ', false, Json::error_handler_t::replace);
}

/// Returns a JSON value as indented text, otherwise likewise.
template <typename Json = nlohmann::json>
std::string jsonText(const Json& value) {
    return jsonLine(value, 2);
}

/// Returns a value, or null where it is absent.
template <typename Json = nlohmann::json, typename Value>
Json orNull(const std::optional<Value>& value) {
    return value ? Json(*value) : Json(nullptr);
}

/// Returns the ends of an interval as a list, or null where it is absent.
template <typename Json = nlohmann::json>
Json intervalJson(const std::optional<Interval>& interval) {
    return interval ? Json::array({interval->low, interval->high}) : Json(nullptr);
}

/// Returns {"mean", "std", "ci95"}, or null where the estimate is absent.
template <typename Json = nlohmann::json>
Json estimateJson(const std::optional<Estimate>& estimate) {
    if (!estimate) return nullptr;
    Json json;
    json["mean"] = estimate->mean;
    json["std"] = orNull<Json>(estimate->std);
    json["ci95"] = intervalJson<Json>(estimate->ci95);
    return json;
}

}  // namespace brownout
