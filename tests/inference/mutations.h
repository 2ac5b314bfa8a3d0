#pragma once

#include <functional>
#include <random>
#include <string>

// What the tests of damaged networks and data sets share. Mutations are drawn from fixed seeds, so
// a failure can be replayed.

namespace brownout::test {

using Random = std::mt19937;

/// A whole number below `limit`.
std::size_t below(Random& random, std::size_t limit);
std::size_t below(Random& random, int limit);

/// The seed of a test; BROWNOUT_MUTATION_SEED in the environment looks at other mutations than
/// usual.
Random seeded(unsigned seed);

struct Tally {
    int refused = 0;
    int loaded = 0;
};

/// Runs `use`; the only exception it may throw is an Error of one line that names `file`.
void attempt(Tally& tally, const std::string& file, const std::function<void()>& use);

/// Prints the tally; expects at least `least` files, and one that was refused.
void report(const char* what, const Tally& tally, int least);

/// Cuts the bytes off, flips bits, or overwrites, repeats or removes a stretch.
std::string damaged(const std::string& bytes, Random& random);

}  // namespace brownout::test
