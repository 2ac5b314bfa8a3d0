#include "profiles/statistics/line_counts.h"

#include <algorithm>
#include <functional>
#include <numeric>

#include "profiles/statistics/gaussian_pairs.h"

namespace brownout {
namespace {

double pairs(double n) { return n * (n - 1) / 2; }

}  // namespace

LineCounts::LineCounts(const SramGeometry& shape, Span<const FaultyCell> cells)
    : geometry(shape),
      failing(cells.size()),
      ofArray(shape.arrays),
      ofColumn(std::size_t{shape.arrays} * shape.columns),
      ofRow(std::size_t{shape.arrays} * shape.rows),
      massOfColumn(ofColumn.size()) {
    for (const FaultyCell& cell : cells) {
        const CellAddress at = addressOfCell(geometry, cell.cell);
        const double errors = static_cast<double>(cell.p01) + static_cast<double>(cell.p10);
        const std::size_t column = std::size_t{at.array} * geometry.columns + at.column;
        ++ofArray[at.array];
        ++ofColumn[column];
        ++ofRow[std::size_t{at.array} * geometry.rows + at.row];
        massOfColumn[column] += errors;
        mass += errors;
    }
}

void PairSums::add(const PairSums& other, double sign) {
    cells += sign * other.cells;
    failing += sign * other.failing;
    for (const auto member : {&PairSums::column, &PairSums::row, &PairSums::apart}) {
        (this->*member).all += sign * (other.*member).all;
        (this->*member).failing += sign * (other.*member).failing;
    }
}

double PairSums::share(const Pairs& some) const {
    const double total = column.failing + row.failing + apart.failing;
    return total > 0 ? some.failing / total : 0;
}

double PairSums::shareOfAll(const Pairs& some) const {
    const double total = column.all + row.all + apart.all;
    return total > 0 ? some.all / total : 0;
}

PairSums pairsOfArray(const LineCounts& counts, std::uint32_t array) {
    const SramGeometry& g = counts.geometry;
    PairSums sums;
    sums.cells = static_cast<double>(g.cellsPerArray());
    sums.failing = counts.ofArray[array];
    sums.column.all = g.columns * pairs(g.rows);
    sums.row.all = g.rows * pairs(g.columns);
    sums.apart.all = pairs(sums.cells) - sums.column.all - sums.row.all;
    for (std::uint32_t c = 0; c < g.columns; ++c) {
        sums.column.failing += pairs(counts.ofColumn[std::size_t{array} * g.columns + c]);
    }
    for (std::uint32_t r = 0; r < g.rows; ++r) {
        sums.row.failing += pairs(counts.ofRow[std::size_t{array} * g.rows + r]);
    }
    sums.apart.failing = pairs(sums.failing) - sums.column.failing - sums.row.failing;
    return sums;
}

PairSums pairsOf(const LineCounts& counts) {
    PairSums sums;
    for (std::uint32_t a = 0; a < counts.geometry.arrays; ++a) sums.add(pairsOfArray(counts, a));
    return sums;
}

bool PairSums::tellOfCorrelation(const Pairs& pairs) const {
    constexpr double kFewestPairs = 5;
    return pairs.failing + rate() * rate() * pairs.all >= kFewestPairs;
}

PairCorrelations correlationsOf(const PairSums& sums) {
    const double rate = sums.rate();
    return {correlationOf(rate, sums.column.rate()), correlationOf(rate, sums.row.rate()),
            correlationOf(rate, sums.apart.rate())};
}

double massOfWorstColumns(const LineCounts& counts, std::size_t count) {
    const std::size_t columns = counts.geometry.columns;
    double worst = 0;
    for (std::size_t a = 0; a < counts.geometry.arrays; ++a) {
        const auto first = counts.massOfColumn.begin() + static_cast<std::ptrdiff_t>(a * columns);
        std::vector<double> masses(first, first + static_cast<std::ptrdiff_t>(columns));
        const auto middle = masses.begin() + static_cast<std::ptrdiff_t>(std::min(count, columns));
        std::partial_sort(masses.begin(), middle, masses.end(), std::greater<>());
        worst += std::accumulate(masses.begin(), middle, 0.0);
    }
    return counts.mass > 0 ? worst / counts.mass : 0;
}

}  // namespace brownout
