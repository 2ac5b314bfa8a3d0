#include "model/fault_overlay.h"

#include <algorithm>

#include "model/random.h"

namespace brownout {
namespace {

bool isDeterministic(float p) { return p == 0.F || p == 1.F; }

/// Adds a cell that certainly turns a 0 (`turns0`), a 1 (`turns1`) or both.
void addCell(WordFault& fault, Word bit, bool turns0, bool turns1) {
    if (turns0 && turns1) {
        fault.xorMask |= bit;
    } else if (turns0) {
        fault.orMask |= bit;
    } else if (turns1) {
        fault.andMask &= ~bit;
    }
}

/// The entry of the word a cell belongs to; cells must come by ascending word.
WordFault& entryOf(std::vector<WordFault>& words, std::uint32_t word) {
    if (words.empty() || words.back().word != word) {
        words.emplace_back();
        words.back().word = word;
    }
    return words.back();
}

/// With a column mux the cells of a word aren't neighbours: order by word, then by bit.
std::uint64_t placeOf(const SramGeometry& geometry, std::uint32_t cell) {
    return geometry.columnMux == 1 ? cell
                                   : geometry.wordOfCell(cell) * 64 + geometry.bitOfCell(cell);
}

}  // namespace

FaultOverlay::FaultOverlay(const SramGeometry& geometry, Span<const FaultyCell> failing)
    : FaultOverlay(geometry, failing, failing.size()) {}

FaultOverlay::FaultOverlay(const SramGeometry& geometry, Span<const FaultyCell> failing,
                           std::uint64_t count)
    : geometry_(geometry), failingCells_(count) {
    std::vector<FaultyCell> cells(failing.begin(), failing.end());
    const auto byPlace = [&](const FaultyCell& a, const FaultyCell& b) {
        return placeOf(geometry_, a.cell) < placeOf(geometry_, b.cell);
    };
    // Measured cells come in order.
    if (!std::is_sorted(cells.begin(), cells.end(), byPlace)) {
        std::sort(cells.begin(), cells.end(), byPlace);
    }
    for (const FaultyCell& cell : cells) {
        if (isDeterministic(cell.p01) && isDeterministic(cell.p10)) {
            if (cell.p01 == 0.F && cell.p10 == 0.F) continue;
            addCell(entryOf(words_, static_cast<std::uint32_t>(geometry_.wordOfCell(cell.cell))),
                    Word{1} << geometry_.bitOfCell(cell.cell), cell.p01 == 1.F, cell.p10 == 1.F);
        } else {
            probabilistic_.push_back({cell.cell, cell.p01, cell.p10});
        }
    }
}

FaultOverlay FaultOverlay::uniform(const SramGeometry& geometry, const UniformField& field,
                                   double rate) {
    FaultOverlay overlay;
    overlay.assignUniform(geometry, field, rate);
    return overlay;
}

void FaultOverlay::assignUniform(const SramGeometry& geometry, const UniformField& field,
                                 double rate) {
    if (geometry.columns != 64 || geometry.columnMux != 1) {
        std::vector<RankedCell> cells;
        field.draw(rate, geometry.cells(), cells);
        std::vector<FaultyCell> faulty;
        faulty.reserve(cells.size());
        for (const RankedCell& cell : cells) faulty.push_back({cell.cell, 1.F, 1.F, 1.F});
        *this = FaultOverlay(geometry, faulty);
        return;
    }
    geometry_ = geometry;
    failingCells_ = 0;
    probabilistic_.clear();
    words_.clear();
    // Words of 64 neighbouring cells, the common case: the field draws them as words.
    drawFlippedWords(field, rate, geometry.words(), flippedWords_);
}

std::uint64_t FaultOverlay::failingCells() const {
    std::uint64_t count = failingCells_;
    for (const FlippedWord& word : flippedWords_) {
        count += static_cast<std::uint64_t>(__builtin_popcountll(word.flips()));
    }
    return count;
}

std::vector<FaultyCell> FaultOverlay::cells() const {
    std::vector<FaultyCell> cells;
    cells.reserve(failingCells());
    forEachWord([&](const WordFault& fault) {
        for (Word bits = ~fault.andMask | fault.orMask | fault.xorMask; bits != 0;
             bits &= bits - 1) {
            const auto bit = static_cast<std::uint32_t>(__builtin_ctzll(bits));
            const Word mask = Word{1} << bit;
            cells.push_back({static_cast<std::uint32_t>(geometry_.cellOfBit(fault.word, bit)), 0.F,
                             ((fault.orMask | fault.xorMask) & mask) != 0 ? 1.F : 0.F,
                             ((~fault.andMask | fault.xorMask) & mask) != 0 ? 1.F : 0.F});
        }
    });
    for (const ProbabilisticCell& cell : probabilistic_) {
        cells.push_back({cell.cell, 0.F, cell.p01, cell.p10});
    }
    std::sort(cells.begin(), cells.end(),
              [](const FaultyCell& a, const FaultyCell& b) { return a.cell < b.cell; });
    return cells;
}

FaultOverlay FaultOverlay::resolved(const LoadId& load) const {
    if (probabilistic_.empty()) return *this;
    std::vector<WordFault> drawn;
    for (const ProbabilisticCell& cell : probabilistic_) {
        const double u =
            uniformAt(load.seed, RandomDomain::kReadNoise, load.chip, load.load, cell.cell);
        const bool turns0 = u < static_cast<double>(cell.p01);
        const bool turns1 = u < static_cast<double>(cell.p10);
        if (!turns0 && !turns1) continue;
        addCell(entryOf(drawn, static_cast<std::uint32_t>(geometry_.wordOfCell(cell.cell))),
                Word{1} << geometry_.bitOfCell(cell.cell), turns0, turns1);
    }

    FaultOverlay result;
    result.geometry_ = geometry_;
    result.failingCells_ = failingCells_;
    result.words_.reserve(words_.size() + drawn.size());
    auto sure = words_.begin();
    for (const WordFault& fault : drawn) {
        while (sure != words_.end() && sure->word < fault.word) result.words_.push_back(*sure++);
        result.words_.push_back(fault);
        if (sure != words_.end() && sure->word == fault.word) {
            result.words_.back().andMask &= sure->andMask;
            result.words_.back().orMask |= sure->orMask;
            result.words_.back().xorMask |= sure->xorMask;
            ++sure;
        }
    }
    result.words_.insert(result.words_.end(), sure, words_.end());
    return result;
}

Word FaultOverlay::read(std::uint64_t word, Word stored) const {
    apply(word, Span<Word>(&stored, 1));
    return stored;
}

void FaultOverlay::apply(std::uint64_t first, Span<Word> words) const {
    forEachWord(first, first + words.size(), [&](const WordFault& fault) {
        Word& word = words[fault.word - first];
        word = fault.read(word);
    });
}

}  // namespace brownout
