#include "model/field/field_tree.h"

#include <algorithm>

namespace brownout {

FieldTree::FieldTree(const UniformField& field, const FieldCut& cut, std::uint64_t cells)
    : field_(field), cells_(cells) {
    std::uint32_t stratum = 0;
    for (int level = kLevels - 1; level >= 0; --level) {
        const auto at = static_cast<std::size_t>(level);
        first_[at] = stratum;
        while (stratum < cut.end && fieldStrata()[stratum].level == level) ++stratum;
        end_[at] = stratum;
    }
}

void FieldTree::forEachWindow(const Visitor& visit) {
    if (cells_ > 0 && end_[0] > 0) descend(kLevels - 1, 0, {}, visit);
}

void FieldTree::descend(int level, std::uint32_t block, Span<const Dart> inherited,
                        const Visitor& visit) {
    if (level == 0) {
        visit(block, inherited);
        return;
    }
    const auto at = static_cast<std::size_t>(level);
    Node& node = nodes_[at];
    node.darts.assign(inherited.begin(), inherited.end());
    const std::uint64_t firstCell = std::uint64_t{block} << kBlockBits[at];
    if (first_[at] < end_[at]) {
        node.own.draw(field_, first_[at], end_[at], block);
        for (const BlockDarts::Run& run : node.own.runs()) {
            node.own.forEachDart(run, [&](std::uint32_t place) {
                const std::uint64_t cell = firstCell + place;
                if (cell >= cells_) return;
                node.darts.push_back({static_cast<std::uint32_t>(cell), run.stratum});
            });
        }
    }

    // A stable counting sort by child.
    constexpr std::uint32_t kMostChildren = 64;
    const int childBits = kBlockBits[at - 1];
    const std::uint32_t children = 1U << (kBlockBits[at] - childBits);
    const auto childOf = [&](const Dart& dart) { return (dart.cell - firstCell) >> childBits; };
    std::array<std::uint32_t, kMostChildren + 1> start{};
    for (const Dart& dart : node.darts) ++start[childOf(dart) + 1];
    for (std::uint32_t child = 0; child < children; ++child) start[child + 1] += start[child];
    node.sorted.resize(node.darts.size());
    auto next = start;
    for (const Dart& dart : node.darts) node.sorted[next[childOf(dart)]++] = dart;

    const bool moreBelow = end_[0] > end_[at];
    for (std::uint32_t child = 0; child < children; ++child) {
        const std::uint64_t number = std::uint64_t{block} * children + child;
        if (number << childBits >= cells_) break;
        const std::uint32_t count = start[child + 1] - start[child];
        if (count == 0 && !moreBelow) continue;
        descend(level - 1, static_cast<std::uint32_t>(number),
                Span<const Dart>(node.sorted.data() + start[child], count), visit);
    }
}

}  // namespace brownout
