#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "inference/graph/integer_patterns.h"

namespace brownout {

/// The nodes from the sums of a product to their signs: batch norm, factors and summands of
/// channels, clamps, a maximum over windows perhaps, BipolarQuant or Sign.
struct SignTail {
    std::vector<std::size_t> nodes;   ///< all of them, the sign last
    std::optional<std::size_t> pool;  ///< place of the MaxPool in `nodes`
    float scale = 1;                  ///< value of the sign +1
    std::string result;               ///< name of the signs
};

/// Returns what follows `value`, which has one channel for each row, if it ends in a sign, each
/// node on the way keeps or reverses the order of its values exactly, and nobody else reads on the
/// way. Constants on the way that are stored in the memory may change: then there is nothing.
std::optional<SignTail> signTailOf(const Patterns& patterns, const std::string& value);

/// Sums of a product as a tail sees them: floats of whole numbers from -most to most, times `units`
/// of the rows, plus `bias`.
struct WholeSums {
    std::vector<float> units;
    std::vector<float> bias;  ///< empty for none
    std::int64_t most = 0;
    /// Set if all sums have the parity of `most`: there is no padding.
    bool oneParity = false;
};

/// A tail as whole numbers: the sign of a row is +1 where sum >= threshold, or where not if
/// `inverted`.
struct BitThresholds {
    std::vector<std::int64_t> thresholds;
    std::vector<std::int64_t>
        beforePool;                       ///< words of 32 rows, bits to be inverted before the pool
    std::vector<std::int64_t> afterPool;  ///< likewise behind it, or behind the threshold
};

/// Folds a tail into thresholds, exactly: it runs the nodes themselves, with the kernels for
/// constants, on the sums. Each node on the way is monotonous, in floats, too, so that a row's sign
/// changes at most once between -most and most, and bisection finds where.
///
/// **Negative factors** reverse the order: then the sign is the inverse of sum >= threshold. **A
/// pool** takes the largest value of a window. Where what lies before it keeps the order, that is
/// the value of the largest sum, and "largest sum >= threshold" is the or of "sum >= threshold".
/// Where it reverses the order, it is the value of the smallest sum, and the or is one of the
/// inverses. **Zero**: BipolarQuant makes +1 of it, Sign 0, which no bit is; there is no result if
/// a sum leads to a Sign of zero.
std::optional<BitThresholds> foldSigns(const Patterns& patterns, const std::string& value,
                                       const SignTail& tail, const WholeSums& sums);

}  // namespace brownout
