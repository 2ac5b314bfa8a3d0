#include "model/flipped_words.h"

#include <algorithm>
#include <cmath>

#include "model/field/block_darts.h"
#include "model/field/field_tree.h"
#include "model/field/window_bits.h"

namespace brownout {
namespace {

/// Draws windows of one field at one rate.
class WindowPainter {
 public:
    WindowPainter(const UniformField& field, const FieldCut& cut) : field_(field), cut_(cut) {
        while (fieldStrata()[firstOwn_].level != 0) ++firstOwn_;
    }

    /// Sets the bits of the cells that fail; `inherited` are the darts of upper levels. Returns
    /// whether the words it set are all marked as touched; where many are it doesn't mark them.
    bool paint(std::uint32_t window, Span<const Dart> inherited, WindowBits& bits) {
        const std::uint32_t firstCell = window * kWindowCells;
        doubtful_.clear();
        for (const Dart& dart : inherited) {
            if (dart.stratum < cut_.whole) {
                bits.set(dart.cell - firstCell);
            } else {
                *doubtful_.grow(0, 1) = dart.cell;
            }
        }
        bool marked = true;
        if (firstOwn_ < cut_.end) marked = paintOwn(window, bits);
        doubtful_.draw(field_.seed(), RandomDomain::kUniformField, field_.chip());
        for (std::size_t i = 0; i < doubtful_.size(); ++i) {
            bits.set(doubtful_.position()[i] - firstCell,
                     cut_.isBelow(cut_.end - 1, doubtful_.first()[i]));
        }
        return marked;
    }

 private:
    bool paintOwn(std::uint32_t window, WindowBits& bits) {
        const std::uint32_t firstCell = window * kWindowCells;
        own_.draw(field_, firstOwn_, cut_.end, window);
        std::size_t wholeGroups = 0;
        for (const BlockDarts::Run& run : own_.runs()) {
            if (run.stratum < cut_.whole) {
                wholeGroups = run.firstGroup + repeatFirst(run);
            } else {
                std::uint32_t* cell = doubtful_.grow(0, run.count);
                own_.forEachDart(run, [&](std::uint32_t place) { *cell++ = firstCell + place; });
            }
        }
        if (cut_.hitsEveryCell()) doubtful_.add(0, firstCell, kWindowCells);
        constexpr std::size_t kFewGroups = 32;
        const bool few = wholeGroups < kFewGroups;
        if (few) {
            scatter(wholeGroups, [&](std::uint64_t cell) { bits.set(cell & 0xFFFF); });
        } else {
            scatter(wholeGroups, [&](std::uint64_t cell) {
                bits.bits[(cell >> 6) % kWindowWords] |= Word{1} << (cell % 64);
            });
        }
        return few;
    }

    /// Fills the last group of a run with copies of the group's first dart: to hit a cell again
    /// changes nothing, and all groups are whole. Returns how many the run has.
    std::size_t repeatFirst(const BlockDarts::Run& run) {
        constexpr std::uint64_t kLow[] = {0, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFFFFFF, ~std::uint64_t{0}};
        if (run.count == 0) return 0;
        const std::size_t groups = (run.count + 7) / 8;
        const std::uint32_t used = run.count - 8 * static_cast<std::uint32_t>(groups - 1);
        std::uint64_t& first = own_.groups().first()[run.firstGroup + groups - 1];
        std::uint64_t& second = own_.groups().second()[run.firstGroup + groups - 1];
        const std::uint64_t copies = (first & 0xFFFF) * 0x0001000100010001;
        const std::uint64_t inFirst = kLow[std::min(used, 4U)];
        const std::uint64_t inSecond = kLow[std::max(used, 4U) - 4];
        first = (first & inFirst) | (copies & ~inFirst);
        second = (second & inSecond) | (copies & ~inSecond);
        return groups;
    }

    /// Calls `visit` with every dart of the first groups, in the low 16 bits.
    template <typename Visitor>
    void scatter(std::size_t groups, Visitor&& visit) {
        for (const std::uint64_t* half : {own_.groups().first(), own_.groups().second()}) {
            for (std::size_t i = 0; i < groups; ++i) {
                visit(half[i]);
                visit(half[i] >> 16);
                visit(half[i] >> 32);
                visit(half[i] >> 48);
            }
        }
    }

    UniformField field_;
    FieldCut cut_;
    std::uint32_t firstOwn_ = 0;
    BlockDarts own_;
    PhiloxBatch doubtful_;  ///< cells hit by the stratum that the rate cuts, to be placed in it
};

/// Words of 64 cells that hold a fault, at most, but for one field in 10^9.
std::size_t expectedWords(double rate, std::uint64_t words) {
    const auto n = static_cast<double>(words);
    const double mean = n * -std::expm1(64 * std::log1p(-rate));
    return static_cast<std::size_t>(std::min(n, mean + 6 * std::sqrt(mean) + 6));
}

}  // namespace

void drawFlippedWords(const UniformField& field, double rate, std::uint64_t words,
                      std::vector<FlippedWord>& out) {
    const FieldCut cut(rate);
    WindowPainter painter(field, cut);
    WindowBits window;
    std::size_t count = 0;
    out.resize(expectedWords(rate, words) + kWindowWords);
    FieldTree(field, cut, words * 64)
        .forEachWindow([&](std::uint32_t number, Span<const Dart> inherited) {
            const bool marked = painter.paint(number, inherited, window);
            if (out.size() - count < kWindowWords) out.resize(2 * out.size() + kWindowWords);
            const std::uint64_t first = std::uint64_t{number} * kWindowWords;
            const auto here =
                static_cast<std::uint32_t>(std::min<std::uint64_t>(kWindowWords, words - first));
            FlippedWord* to = out.data() + count;
            const auto keep = [&](std::uint32_t word, Word flips) {
                *to = {static_cast<std::uint32_t>(first + word), static_cast<std::uint32_t>(flips),
                       static_cast<std::uint32_t>(flips >> 32)};
                to += flips != 0;
            };
            if (marked) {
                window.takeTouched([&](std::uint32_t word, Word flips) {
                    if (word < here) keep(word, flips);
                });
            } else {
                for (std::uint32_t word = 0; word < here; ++word) keep(word, window.bits[word]);
                window = {};
            }
            count = static_cast<std::size_t>(to - out.data());
        });
    out.resize(count);
}

}  // namespace brownout
