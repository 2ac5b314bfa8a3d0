#include "model/uniform_field.h"

#include <algorithm>

#include "model/field/block_darts.h"
#include "model/field/field_tree.h"
#include "model/field/window_bits.h"

namespace brownout {
namespace {

/// The failing cells of one window after the other, with their ranks.
class WindowRanker {
 public:
    WindowRanker(const UniformField& field, const FieldCut& cut) : field_(field), cut_(cut) {
        while (fieldStrata()[firstOwn_].level != 0) ++firstOwn_;
    }

    /// Appends those below `cells`; `inherited` are the darts of upper levels.
    void rank(std::uint32_t window, Span<const Dart> inherited, std::uint64_t cells,
              std::vector<RankedCell>& out) {
        const std::uint32_t firstCell = window * kWindowCells;
        const std::uint64_t left = cells - firstCell;
        gather(window, inherited,
               static_cast<std::uint32_t>(std::min<std::uint64_t>(kWindowCells, left)));
        const std::size_t hits = numberCells(firstCell);
        places_.draw(field_.seed(), RandomDomain::kUniformField, field_.chip());
        for (std::size_t i = 0; i < hits; ++i) {
            const std::uint32_t cell = places_.position()[i];
            const std::uint64_t place = places_.first()[i];
            if (!cut_.isBelow(deepest_[i], place)) continue;
            out.push_back({cell, rankOf(fieldStrata()[deepest_[i]], place)});
        }
    }

 private:
    /// All darts at the first `cells` of the window, deepest stratum first.
    void gather(std::uint32_t window, Span<const Dart> inherited, std::uint32_t cells) {
        const std::uint32_t firstCell = window * kWindowCells;
        darts_.clear();
        for (const Dart& dart : inherited) darts_.push_back({dart.cell - firstCell, dart.stratum});
        if (firstOwn_ >= cut_.end) return;
        own_.draw(field_, firstOwn_, cut_.end, window);
        for (const BlockDarts::Run& run : own_.runs()) {
            own_.forEachDart(run, [&](std::uint32_t place) {
                if (place < cells) darts_.push_back({place, run.stratum});
            });
        }
        if (!cut_.hitsEveryCell()) return;
        for (std::uint32_t place = 0; place < cells; ++place) {
            darts_.push_back({place, cut_.end - 1});
        }
    }

    /// Numbers the cells that were hit, ascending, and finds the deepest stratum of each.
    std::size_t numberCells(std::uint32_t firstCell) {
        for (const Dart& dart : darts_) hit_.set(dart.cell);
        places_.clear();
        std::uint32_t* const cells = places_.grow(0, darts_.size());
        std::uint32_t count = 0;
        hit_.takeTouched([&](std::uint32_t word, Word bits) {
            wordBits_[word] = bits;
            before_[word] = count;
            for (; bits != 0; bits &= bits - 1) {
                const auto bit = static_cast<std::uint32_t>(__builtin_ctzll(bits));
                cells[count++] = firstCell + word * 64 + bit;
            }
        });
        places_.shrink(count);
        deepest_.resize(count);
        for (auto dart = darts_.rbegin(); dart != darts_.rend(); ++dart) {
            const std::uint32_t word = dart->cell / 64;
            const Word lower = wordBits_[word] & ((Word{1} << (dart->cell % 64)) - 1);
            deepest_[before_[word] + static_cast<std::uint32_t>(__builtin_popcountll(lower))] =
                dart->stratum;
        }
        return count;
    }

    UniformField field_;
    FieldCut cut_;
    std::uint32_t firstOwn_ = 0;
    BlockDarts own_;
    std::vector<Dart> darts_;
    WindowBits hit_;
    Word wordBits_[kWindowWords] = {};
    std::uint32_t before_[kWindowWords] = {};  ///< cells hit in earlier words
    std::vector<std::uint32_t> deepest_;       ///< by the number of the cell
    PhiloxBatch places_;
};

}  // namespace

void UniformField::draw(double rate, std::uint64_t cells, std::vector<RankedCell>& out) const {
    const FieldCut cut(rate);
    WindowRanker ranker(*this, cut);
    out.clear();
    FieldTree(*this, cut, cells)
        .forEachWindow([&](std::uint32_t window, Span<const Dart> inherited) {
            ranker.rank(window, inherited, cells, out);
        });
}

}  // namespace brownout
