#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "emulation/scenario/regulator.h"

namespace brownout {

/// The words of one reading of all weights, as a memory's port shows them.
struct WordsSeen {
    std::uint64_t read = 0;
    std::uint64_t corrected = 0;  ///< words that the decoder says it corrected
    std::uint64_t detected = 0;   ///< words with an error that it can't correct
};

/// All that a controller knows when an interval begins. Nothing in it takes knowledge that a chip
/// wouldn't have of itself.
struct Sensed {
    Level lowest = 0;   ///< lowest supply that may be asked for
    Level highest = 0;  ///< highest supply that may be asked for
    std::optional<double> temperatureC;
    /// Words of a reading in the interval before; absent if nothing was read.
    std::optional<WordsSeen> words;
    /// Watched cells that failed in the interval before; absent if none were read.
    std::optional<std::uint32_t> failedCanaries;
};

/// The policy that decides, interval by interval, which supply one chip gets.
class Controller {
 public:
    virtual ~Controller() = default;
    /// Returns the supply for the interval that begins, within what is allowed.
    virtual Level next(const Sensed& sensed) = 0;
};

/// The guard band: the highest supply that is allowed, whatever happens.
class FixedController final : public Controller {
 public:
    Level next(const Sensed& sensed) override { return sensed.highest; }
};

/// A table of the supply that a chip was found to need at each temperature, from a self test. In
/// between two temperatures it takes the higher of their supplies, beyond the last one that of the
/// last: a table can't extrapolate. Asked without a temperature it takes the highest of all.
class TableController final : public Controller {
 public:
    /// Takes the supply by temperature (°C). Throws Error if the table is empty.
    explicit TableController(std::map<double, Level> table);
    Level next(const Sensed& sensed) override;

 private:
    std::map<double, Level> table_;
};

/// The way down and up that controllers with feedback share: a step down after each interval
/// without an alarm, a step up after one with. After an alarm it waits, because the supply below is
/// known to be too low, and then tries again, because temperatures fall, too.
class Hunt {
 public:
    /// `patience` is the number of intervals without an alarm after which a supply that gave one is
    /// tried again.
    explicit Hunt(std::uint32_t patience) : patience_(patience) {}

    /// Returns the supply that follows, given whether the last interval gave an alarm; nothing if
    /// it can't be known, and the supply stays.
    Level next(const Sensed& sensed, std::optional<bool> alarm);

 private:
    std::uint32_t patience_;
    std::uint32_t waiting_ = 0;      ///< intervals that are still to be waited
    std::optional<Level> now_ = {};  ///< absent before the first interval
};

/// Marginal cells of the memory itself are watched, and the supply is raised when one fails
/// (MATIC, arXiv 1706.04332).
class CanaryController final : public Controller {
 public:
    explicit CanaryController(std::uint32_t patience) : hunt_(patience) {}
    Level next(const Sensed& sensed) override;

 private:
    Hunt hunt_;
};

/// The supply falls until the protection corrects more words of a reading than a budget, or detects
/// one that it can't correct, and is raised then (Bacha and Teodorescu, ISCA 2013).
class EccController final : public Controller {
 public:
    EccController(std::uint64_t budget, std::uint32_t patience)
        : budget_(budget), hunt_(patience) {}
    Level next(const Sensed& sensed) override;

 private:
    std::uint64_t budget_;
    Hunt hunt_;
};

}  // namespace brownout
