#pragma once

#include <cstddef>
#include <optional>

#include "base/span.h"

namespace brownout {

// How sure one can be that the mean of a population is below a level, from values in [-1, 1] taken
// one after the other, whatever their distribution.
//
// Faults leave most chips alone and kill a few. A sample without a dead chip looks perfect, and no
// interval that goes by its spread says how many dead ones there may be. Here one bets against the
// claim "the mean is `level` or more": a capital of 1 is multiplied by 1 + b (level - x) for each
// value x, with a stake b that only depends on the values before. If the claim is true the capital
// doesn't grow in the mean, so it ever reaches 20 with a probability of at most 5 % (Ville). One
// may look after every value and stop when it does. The stake is the one that grows fastest for the
// mean and the variance so far (Waudby-Smith and Ramdas, JRSS B 2024), at most 0.95 of that which
// could lose all.
//
// To show that a mean is below 1 % takes 314 values of zero; below 5 %, 62.

/// Confidence with which means are bounded.
constexpr double kBoundConfidence = 0.95;

/// Returns after how many of the values, which lie in [-1, 1], it is shown that their population's
/// mean is below `level`, in (-1, 1); nothing if all of them don't show it.
std::optional<std::size_t> shownBelow(Span<const double> values, double level);
/// Returns the same for a mean above `level`.
std::optional<std::size_t> shownAbove(Span<const double> values, double level);

/// Tells whether `more` further values could still show that the mean is below `level`, all of them
/// being 0 or more.
bool couldShowBelow(Span<const double> values, double level, std::size_t more);

/// Returns the lowest level, to 1e-6, that the values show the mean to be below; 1 without values.
double upperBoundOf(Span<const double> values);

}  // namespace brownout
