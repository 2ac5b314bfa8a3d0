#include "emulation/optimizer/cheapest.h"

#include <algorithm>
#include <numeric>

#include "base/error.h"

namespace brownout {
namespace {

constexpr std::size_t kMostSettings = 1'000'000;

/// The settings that were tried, and what follows from them.
class Trials {
 public:
    explicit Trials(const std::function<bool(const Setting&)>& isGood) : isGood_(isGood) {}

    /// Tells whether a setting is good, by a try if it doesn't follow from those before.
    bool isGood(const Setting& setting) {
        if (fails(setting)) return false;
        if (std::any_of(good_.begin(), good_.end(),
                        [&](const Setting& other) { return isNowhereAbove(other, setting); })) {
            return true;
        }
        const bool good = isGood_(setting);
        tried_.push_back({setting, good});
        (good ? good_ : failed_).push_back(setting);
        return good;
    }

    /// Tells whether a setting is known to fail.
    bool fails(const Setting& setting) const {
        return std::any_of(failed_.begin(), failed_.end(),
                           [&](const Setting& other) { return isNowhereAbove(setting, other); });
    }

    std::vector<TriedSetting> take() { return std::move(tried_); }

 private:
    const std::function<bool(const Setting&)>& isGood_;
    std::vector<TriedSetting> tried_;
    std::vector<Setting> good_, failed_;
};

/// Bisects the lowest good level of each domain alone, which leaves those below it known to fail.
void boundDomains(const SettingSpace& space, std::size_t variant, Trials& trials) {
    Setting setting{variant, std::vector<std::size_t>(space.levels.size(), 0)};
    if (!trials.isGood(setting)) return;
    for (std::size_t d = 0; d < space.levels.size(); ++d) {
        std::size_t good = 0, bad = space.levels[d];
        while (bad - good > 1) {
            setting.levels[d] = (good + bad) / 2;
            (trials.isGood(setting) ? good : bad) = setting.levels[d];
        }
        setting.levels[d] = 0;
    }
}

}  // namespace

bool isNowhereAbove(const Setting& a, const Setting& b) {
    if (a.variant != b.variant) return false;
    for (std::size_t d = 0; d < a.levels.size(); ++d) {
        if (a.levels[d] < b.levels[d]) return false;
    }
    return true;
}

std::size_t SettingSpace::size() const {
    std::size_t count = variants;
    for (const std::size_t of : levels) {
        if (of == 0 || count > kMostSettings / of) {
            throw Error("settings", of == 0 ? "a domain has no supplies"
                                            : "more than a million; expected fewer domains, "
                                              "supplies, formats or protections");
        }
        count *= of;
    }
    return count;
}

Setting SettingSpace::at(std::size_t index) const {
    Setting setting{0, std::vector<std::size_t>(levels.size())};
    for (std::size_t d = levels.size(); d-- > 0;) {
        setting.levels[d] = index % levels[d];
        index /= levels[d];
    }
    setting.variant = index;
    return setting;
}

std::size_t SettingSpace::indexOf(const Setting& setting) const {
    std::size_t index = setting.variant;
    for (std::size_t d = 0; d < levels.size(); ++d) index = index * levels[d] + setting.levels[d];
    return index;
}

CheapestSetting cheapest(const SettingSpace& space,
                         const std::function<double(const Setting&)>& cost,
                         const std::function<bool(const Setting&)>& isGood) {
    CheapestSetting result;
    result.settings = space.size();
    Trials trials(isGood);
    for (std::size_t variant = 0; variant < space.variants; ++variant) {
        boundDomains(space, variant, trials);
    }
    std::vector<std::size_t> order(result.settings);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::vector<double> costs(result.settings);
    for (std::size_t i = 0; i < order.size(); ++i) costs[i] = cost(space.at(i));
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return costs[a] < costs[b]; });
    for (const std::size_t index : order) {
        const Setting setting = space.at(index);
        if (!trials.isGood(setting)) continue;
        result.best = setting;
        break;
    }
    result.tried = trials.take();
    return result;
}

}  // namespace brownout
