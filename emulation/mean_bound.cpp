#include "emulation/mean_bound.h"

#include <algorithm>
#include <cmath>

namespace brownout {
namespace {

constexpr double kMostOfAll = 0.95;  // of the stake that could lose everything

/// A bet against "the mean of values in [-1, 1] is `level` or more".
class Bet {
 public:
    explicit Bet(double level)
        : level_(level),
          most_(kMostOfAll / (1 - level)),
          mean_(level / 4),
          variance_(kFirstSpread) {}

    void take(double value) {
        logCapital_ += std::log1p(stake() * (level_ - value));
        // Mean and variance as if one value had been seen before the first.
        const double before = value - mean_;
        ++count_;
        mean_ += before / (count_ + 1);
        variance_ += (before * (value - mean_) - variance_) / (count_ + 1);
    }

    bool isWon() const { return logCapital_ >= kGoal; }

    /// Tells whether `more` values of 0 at the highest stake would win it.
    bool couldBeWon(std::size_t more) const {
        return logCapital_ + static_cast<double>(more) * std::log1p(most_ * std::abs(level_)) >=
               kGoal;
    }

 private:
    static constexpr double kFirstSpread = 1e-6;
    static inline const double kGoal = -std::log(1 - kBoundConfidence);

    double stake() const {
        const double gap = level_ - mean_;
        return std::min(std::max(gap / (variance_ + gap * gap), 0.0), most_);
    }

    double level_;
    double most_;
    double mean_;
    double variance_;
    double count_ = 0;
    double logCapital_ = 0;
};

/// Returns after how many of `sign` times the values a bet against `level` is won.
std::optional<std::size_t> wonAfter(Span<const double> values, double sign, double level) {
    Bet bet(level);
    for (std::size_t i = 0; i < values.size(); ++i) {
        bet.take(sign * values[i]);
        if (bet.isWon()) return i + 1;
    }
    return std::nullopt;
}

}  // namespace

std::optional<std::size_t> shownBelow(Span<const double> values, double level) {
    return wonAfter(values, 1, level);
}

std::optional<std::size_t> shownAbove(Span<const double> values, double level) {
    return wonAfter(values, -1, -level);
}

bool couldShowBelow(Span<const double> values, double level, std::size_t more) {
    Bet bet(level);
    for (const double value : values) bet.take(value);
    return bet.couldBeWon(more);
}

double upperBoundOf(Span<const double> values) {
    double low = -1, high = 1;
    while (high - low > 1e-6) {
        const double middle = (low + high) / 2;
        (shownBelow(values, middle) ? high : low) = middle;
    }
    return high;
}

}  // namespace brownout
