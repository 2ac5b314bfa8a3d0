#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/geometry.h"

namespace brownout {

/// March tests; the numbers are those of the RTL's `bist_algorithm_i`.
enum class MarchAlgorithm : std::uint8_t { kMatsPlus = 0, kMarchCMinus = 1, kMarchSs = 2 };

/// Returns "mats+", "march-c-" or "march-ss".
std::string nameOf(MarchAlgorithm algorithm);
/// Returns the algorithm of a name that nameOf gives. Throws UsageError naming --algorithm for
/// another name.
MarchAlgorithm marchAlgorithmOf(const std::string& name);

/// One operation of a March element: on the data background (0) or its complement (1).
struct MarchOp {
    bool write = false;
    bool ones = false;
};

/// One pass over all addresses, all of its operations at an address before the next one.
struct MarchElement {
    bool down = false;  ///< direction: from the highest address down
    std::vector<MarchOp> ops;
};

/// Returns the elements of MATS+ {any w0; up r0,w1; down r1,w0}, March C- {any w0; up r0,w1; up
/// r1,w0; down r0,w1; down r1,w0; any r0}, March SS {any w0; up r0,r0,w0,r0,w1; up r1,r1,w1,r1,w0;
/// down r0,r0,w0,r0,w1; down r1,r1,w1,r1,w0; any r0} (van de Goor 1991; Hamdioui, van de Goor,
/// Rodgers 2002).
std::vector<MarchElement> elementsOf(MarchAlgorithm algorithm);

/// The findings of one run of a March test, word by word: bits that read 1 where 0 was expected in
/// any read, and the other way round.
class MarchFindings {
 public:
    explicit MarchFindings(std::uint64_t words) : fails01_(words, 0), fails10_(words, 0) {}

    /// Adds a word of which the bits in `syndrome` read wrong. Throws Error if there is no such
    /// word.
    void add(std::uint64_t word, Word syndrome, Word expected);

    std::uint64_t words() const { return fails01_.size(); }
    Word fails01(std::uint64_t word) const { return fails01_[word]; }
    Word fails10(std::uint64_t word) const { return fails10_[word]; }

 private:
    std::vector<Word> fails01_;
    std::vector<Word> fails10_;
};

}  // namespace brownout
