#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <vector>

#include "base/span.h"
#include "model/field/block_darts.h"
#include "model/field/field_strata.h"
#include "model/uniform_field.h"

namespace brownout {

/// A dart of a level above 0.
struct Dart {
    std::uint32_t cell;
    std::uint32_t stratum;
};

/// The darts of all levels but 0, from the top level down to the windows that they hit. Holds one
/// block of each level at a time: a few thousand darts.
class FieldTree {
 public:
    /// Draws the darts of the strata below `cut.end` on the cells below `cells`.
    FieldTree(const UniformField& field, const FieldCut& cut, std::uint64_t cells);

    /// Function that takes a window and the darts of the upper levels that hit it, deepest stratum
    /// first.
    using Visitor = std::function<void(std::uint32_t window, Span<const Dart> darts)>;

    /// Visits, ascending, every window that may have faults: all of them if `cut` has strata of
    /// level 0, else those that were hit.
    void forEachWindow(const Visitor& visit);

 private:
    /// A block of one level: its darts, by the blocks of the next level.
    struct Node {
        BlockDarts own;
        std::vector<Dart> darts;
        std::vector<Dart> sorted;
    };

    void descend(int level, std::uint32_t block, Span<const Dart> inherited, const Visitor& visit);

    UniformField field_;
    std::uint64_t cells_;
    /// Strata of each level below the cut: [first, end).
    std::array<std::uint32_t, kLevels> first_;
    std::array<std::uint32_t, kLevels> end_;
    std::array<Node, kLevels> nodes_;
};

}  // namespace brownout
