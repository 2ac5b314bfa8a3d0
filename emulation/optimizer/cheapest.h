#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace brownout {

// The search for the cheapest setting that is good enough, of settings that are ordered: those of a
// *variant* (a number format and a protection) have a level in each of several domains (the supply
// of a memory or of a layer), 0 the highest supply. What is good enough stays so when any domain
// has a higher supply, because faults are nested over supplies.

/// A setting.
struct Setting {
    std::size_t variant = 0;
    std::vector<std::size_t> levels;  ///< one for each domain
};
inline bool operator==(const Setting& a, const Setting& b) {
    return a.variant == b.variant && a.levels == b.levels;
}

/// Returns whether `a` has the same variant as `b` and in no domain a higher supply.
bool isNowhereAbove(const Setting& a, const Setting& b);

/// The settings to choose from: all combinations.
struct SettingSpace {
    std::size_t variants = 1;
    std::vector<std::size_t> levels;  ///< number of levels of each domain

    /// Returns how many settings there are. Throws Error above a million.
    std::size_t size() const;
    /// Returns setting `index` of them, in the order of variants, then of the first domain's
    /// levels, and so on.
    Setting at(std::size_t index) const;
    /// Inverts at().
    std::size_t indexOf(const Setting& setting) const;
};

/// A setting that was tried.
struct TriedSetting {
    Setting setting;
    bool good = false;
};

/// The result of a search.
struct CheapestSetting {
    std::optional<Setting> best;      ///< absent where none is good enough
    std::vector<TriedSetting> tried;  ///< in the order in which they were tried
    std::uint64_t settings = 0;       ///< number of settings there are
};

/// Returns the setting of least cost that is good enough; of equals the first. Tries as few as
/// follows from the order:
///
///   1. For each variant, with all other domains at their highest supply, bisects the lowest good
///      level of each domain: no good setting has a lower supply there.
///   2. Goes through the settings from the cheapest upwards, and passes over those that are nowhere
///      above one that failed. The first good one is the cheapest, since all cheaper ones fail.
///
/// `isGood` is asked at most once for a setting. A variant that fails at all highest supplies is
/// out at once.
CheapestSetting cheapest(const SettingSpace& space,
                         const std::function<double(const Setting&)>& cost,
                         const std::function<bool(const Setting&)>& isGood);

}  // namespace brownout
