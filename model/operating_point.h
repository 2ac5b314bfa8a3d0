#pragma once

#include <map>
#include <optional>
#include <string>

namespace brownout {

/// The conditions under which memories are read: a supply for each supply domain, and a
/// temperature. One number, `supply`, is the common case.
struct OperatingPoint {
    double supply = 0;  ///< supply of every domain that `domains` doesn't name; unit of the chips
    std::optional<double> temperatureC = {};  ///< °C; absent: the chips' own, where they have one
    std::map<std::string, double> domains = {};  ///< supplies of the domains that have their own

    /// Returns the supply of a domain.
    double supplyOf(const std::string& domain) const {
        const auto own = domains.find(domain);
        return own != domains.end() ? own->second : supply;
    }

    /// Returns the same conditions with the supply of a domain in place of `supply`: those of a
    /// memory that hangs on it.
    OperatingPoint in(const std::string& domain) const {
        return {supplyOf(domain), temperatureC, domains};
    }
};

}  // namespace brownout
