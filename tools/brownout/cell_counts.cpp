#include "tools/brownout/cell_counts.h"

namespace brownout {

CellCounts::CellCounts(const SramGeometry& geometry)
    : geometry_(geometry), fails01_(geometry.cells(), 0), fails10_(geometry.cells(), 0) {}

void CellCounts::add(const MarchFindings& findings) {
    for (std::uint64_t word = 0; word < findings.words(); ++word) {
        addWord(fails01_, word, findings.fails01(word));
        addWord(fails10_, word, findings.fails10(word));
    }
}

void CellCounts::writeTo(CountsWriter& writer, CountsPlace place, std::uint32_t trials) const {
    for (place.array = 0; place.array < geometry_.arrays; ++place.array) {
        for (const FailDirection direction : {FailDirection::k01, FailDirection::k10}) {
            place.direction = direction;
            const auto& fails = direction == FailDirection::k01 ? fails01_ : fails10_;
            writer.addSparse(place, trials, failingIn(fails, place.array));
        }
    }
}

void CellCounts::addWord(std::vector<std::uint32_t>& fails, std::uint64_t word, Word bits) const {
    for (; bits != 0; bits &= bits - 1) {
        ++fails[geometry_.cellOfBit(word, static_cast<std::uint32_t>(__builtin_ctzll(bits)))];
    }
}

std::vector<CellFails> CellCounts::failingIn(const std::vector<std::uint32_t>& fails,
                                             std::uint32_t array) const {
    std::vector<CellFails> failing;
    const std::uint64_t first = array * geometry_.cellsPerArray();
    for (std::uint64_t cell = 0; cell < geometry_.cellsPerArray(); ++cell) {
        if (fails[first + cell] > 0) {
            failing.push_back({static_cast<std::uint32_t>(cell), fails[first + cell]});
        }
    }
    return failing;
}

}  // namespace brownout
