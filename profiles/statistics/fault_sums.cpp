#include "profiles/statistics/fault_sums.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <numeric>
#include <unordered_map>

#include "model/random.h"
#include "profiles/chips/chip_cells.h"
namespace brownout {
namespace {

constexpr std::uint32_t kColumnGroups = 16;

double pairs(double n) { return n * (n - 1) / 2; }

/// A part of a chip: `arrays` arrays from `firstArray` on, of which `columns` columns.
struct Region {
    SramGeometry chip;
    std::uint32_t across = 1;
    std::uint32_t firstArray = 0;
    std::uint32_t arrays = 1;
    std::uint32_t firstColumn = 0;
    std::uint32_t columns = 1;

    SramGeometry geometry() const { return {arrays, chip.rows, columns, 1}; }
    std::optional<std::uint32_t> cellWithin(std::uint32_t cell) const {
        const CellAddress at = addressOfCell(chip, cell);
        if (at.array - firstArray >= arrays || at.column - firstColumn >= columns) return {};
        return static_cast<std::uint32_t>(
            cellAt(geometry(), {at.array - firstArray, at.row, at.column - firstColumn}));
    }
};

std::vector<Region> regionsOf(BlockKind kind, const SramGeometry& chip, std::uint32_t across) {
    if (kind == BlockKind::kChip) return {{chip, across, 0, chip.arrays, 0, chip.columns}};
    const std::uint32_t groups = kind == BlockKind::kArray ? 1 : blocksOf(kind, chip) / chip.arrays;
    std::vector<Region> regions;
    for (std::uint32_t a = 0; a < chip.arrays; ++a) {
        for (std::uint32_t g = 0; g < groups; ++g) {
            const std::uint32_t first = g * chip.columns / groups;
            regions.push_back({chip, across, a, 1, first, (g + 1) * chip.columns / groups - first});
        }
    }
    return regions;
}

/// Cells by column and by array, one kind of failing cell or all.
struct Counted {
    std::vector<std::uint32_t> ofColumn, ofArray;
    explicit Counted(const SramGeometry& g)
        : ofColumn(std::size_t{g.arrays} * g.columns), ofArray(g.arrays) {}
    void add(const CellAddress& at, std::uint32_t columns) {
        ++ofColumn[std::size_t{at.array} * columns + at.column];
        ++ofArray[at.array];
    }
    double columnPairs() const {
        double sum = 0;
        for (const std::uint32_t n : ofColumn) sum += pairs(n);
        return sum;
    }
    double arrayPairs() const {
        double sum = 0;
        for (const std::uint32_t n : ofArray) sum += pairs(n);
        return sum;
    }
};

/// Failing cells in the worst tenth of the arrays, one at least.
double inWorstTenth(std::vector<std::uint32_t> ofArray) {
    const std::size_t tenth = std::max<std::size_t>(1, ofArray.size() / 10);
    const auto end = ofArray.begin() + static_cast<std::ptrdiff_t>(tenth);
    std::partial_sort(ofArray.begin(), end, ofArray.end(), std::greater<>());
    return std::accumulate(ofArray.begin(), end, 0.0);
}

void addPlaces(const Region& region, const std::vector<FaultyCell>& failing, FaultSums& sums) {
    const SramGeometry& g = region.chip;
    const double width = static_cast<double>(region.across) * g.columns;
    const double height =
        static_cast<double>((g.arrays + region.across - 1) / region.across) * g.rows;
    const auto sumsOver = [](double first, double count, double of, double& one, double& two) {
        // Of ((first + i + 1/2) / of - 1/2) and its square, i = 0 .. count - 1.
        const double mean = (first + count / 2) / of - 0.5;
        one = count * mean;
        two = count * (mean * mean + (count * count - 1) / (12 * of * of));
    };
    for (std::uint32_t a = region.firstArray; a < region.firstArray + region.arrays; ++a) {
        double x = 0, x2 = 0, y = 0, y2 = 0;
        sumsOver(a % region.across * g.columns + region.firstColumn, region.columns, width, x, x2);
        sumsOver(a / region.across * g.rows, g.rows, height, y, y2);
        sums[Sum::kX] += x * g.rows;
        sums[Sum::kX2] += x2 * g.rows;
        sums[Sum::kY] += y * region.columns;
        sums[Sum::kY2] += y2 * region.columns;
    }
    for (const FaultyCell& cell : failing) {
        const CellAddress at = addressOfCell(region.geometry(), cell.cell);
        const std::uint32_t a = region.firstArray + at.array;
        sums[Sum::kFailingX] +=
            (a % region.across * g.columns + region.firstColumn + at.column + 0.5) / width - 0.5;
        sums[Sum::kFailingY] += (a / region.across * g.rows + at.row + 0.5) / height - 0.5;
    }
}

/// Sums over one region; cells are numbered within it, `lines` are theirs, `lower` are those at the
/// next lower voltage.
FaultSums sumsOf(const Region& region, const std::vector<FaultyCell>& failing,
                 const LineCounts& lines, const std::vector<FaultyCell>* lower) {
    const SramGeometry geometry = region.geometry();
    FaultSums sums;
    sums.pairs = pairsOf(lines);
    Counted all(geometry), turn01(geometry), turn10(geometry);
    for (const FaultyCell& cell : failing) {
        const CellAddress at = addressOfCell(geometry, cell.cell);
        const double p01 = static_cast<double>(cell.p01);
        const double p10 = static_cast<double>(cell.p10);
        const double q = std::max(p01, p10);
        sums[Sum::kMass01] += p01;
        sums[Sum::kMass10] += p10;
        sums[Sum::kOnly01] += p01 > 0 && p10 == 0;
        sums[Sum::kOnly10] += p01 == 0 && p10 > 0;
        sums[Sum::kBoth] += p01 > 0 && p10 > 0;
        sums[Sum::kChance] += q;
        sums[Sum::kChanceSquare] += q * q;
        sums[Sum::kPersistent] += (p01 == 0 || p01 == 1) && (p10 == 0 || p10 == 1);
        all.add(at, geometry.columns);
        if (p10 == 0) turn01.add(at, geometry.columns);
        if (p01 == 0) turn10.add(at, geometry.columns);
    }
    sums[Sum::kWorst5] = massOfWorstColumns(lines, 5) * lines.mass;
    sums[Sum::kWorst10] = massOfWorstColumns(lines, 10) * lines.mass;
    sums[Sum::kArrays] = geometry.arrays;
    sums[Sum::kCleanArrays] =
        static_cast<double>(std::count(lines.ofArray.begin(), lines.ofArray.end(), 0U));
    sums[Sum::kWorstArrays] = inWorstTenth(lines.ofArray);
    sums[Sum::kColumnPairs] = all.columnPairs();
    sums[Sum::kColumnPairs01] = turn01.columnPairs();
    sums[Sum::kColumnPairs10] = turn10.columnPairs();
    sums[Sum::kApartPairs] = all.arrayPairs() - sums[Sum::kColumnPairs];
    sums[Sum::kApartPairs01] = turn01.arrayPairs() - sums[Sum::kColumnPairs01];
    sums[Sum::kApartPairs10] = turn10.arrayPairs() - sums[Sum::kColumnPairs10];
    if (lower != nullptr) {
        std::vector<std::uint32_t> below;
        below.reserve(lower->size());
        for (const FaultyCell& cell : *lower) below.push_back(cell.cell);
        std::sort(below.begin(), below.end());
        for (const FaultyCell& cell : failing) {
            sums[Sum::kNested] += std::binary_search(below.begin(), below.end(), cell.cell);
        }
    }
    addPlaces(region, failing, sums);
    return sums;
}

/// The failing cells of one chip, from the lowest voltage up.
class CellsOfAChip {
 public:
    CellsOfAChip(const Profile& profile, std::uint32_t index, const MeasurePlan& plan)
        : plan_(plan), index_(index), seed_(0x6272), faults_(cellsOf(profile, index, plan)) {
        if (profile.encoding() == Encoding::kCounts) {
            counts_ = true;
        } else if (plan.cells != FailingCells::kAsMeasured) {
            chip_.emplace(profile.chip(index, plan.voltages.front()));
        }
    }

    std::vector<FaultyCell> at(double voltage) {
        if (chip_) {
            const auto failing = chip_->cellsAbove(voltage);
            return {failing.begin(), failing.end()};
        }
        std::vector<FaultyCell> cells = faults_->at(voltage);
        if (!counts_) return measured(cells, voltage);
        if (plan_.cells != FailingCells::kByMedian) return cells;
        if (usual_.empty()) {
            for (const FaultyCell& cell : cells) usual_[cell.cell] = cell;
            return cells;
        }
        std::vector<FaultyCell> kept;
        for (const FaultyCell& cell : cells) {
            const auto usual = usual_.find(cell.cell);
            if (usual == usual_.end()) {
                kept.push_back(cell);
            } else if (chanceOf(cell) >= chanceOf(usual->second) / 2) {
                kept.push_back(usual->second);
            }
        }
        return kept;
    }

 private:
    static std::optional<ChipCells> cellsOf(const Profile& profile, std::uint32_t index,
                                            const MeasurePlan& plan) {
        if (profile.encoding() != Encoding::kCounts && plan.cells != FailingCells::kAsMeasured) {
            return std::nullopt;
        }
        return ChipCells(profile, index, plan.voltages.front(), plan.temperatureC);
    }

    static double chanceOf(const FaultyCell& cell) {
        return static_cast<double>(std::max(cell.p01, cell.p10));
    }

    /// Reads every cell `plan_.reads` times.
    std::vector<FaultyCell> measured(const std::vector<FaultyCell>& cells, double voltage) const {
        const auto reads = [&](float p, RandomStream& stream) {
            std::uint32_t fails = 0;
            if (p >= 1.F) fails = plan_.reads;
            if (p > 0.F && p < 1.F) {
                for (std::uint32_t i = 0; i < plan_.reads; ++i) {
                    fails += stream.uniform() < static_cast<double>(p);
                }
            }
            return static_cast<float>(fails) / static_cast<float>(plan_.reads);
        };
        std::uint32_t bits = 0;
        const auto single = static_cast<float>(voltage);
        std::memcpy(&bits, &single, sizeof bits);
        std::vector<FaultyCell> found;
        for (FaultyCell cell : cells) {
            RandomStream stream(seed_ ^ (std::uint64_t{bits} << 32), RandomDomain::kReadNoise,
                                index_, cell.cell);
            cell.p01 = reads(cell.p01, stream);
            cell.p10 = reads(cell.p10, stream);
            if (cell.p01 > 0 || cell.p10 > 0) found.push_back(cell);
        }
        return found;
    }

    const MeasurePlan& plan_;
    std::uint32_t index_;
    std::uint64_t seed_;
    bool counts_ = false;
    std::optional<Chip> chip_;
    std::optional<ChipCells> faults_;
    std::unordered_map<std::uint32_t, FaultyCell> usual_;  ///< as at the lowest voltage
};

}  // namespace

void FaultSums::add(const FaultSums& other, double sign) {
    pairs.add(other.pairs, sign);
    for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += sign * other.sums[i];
}

const char* nameOf(BlockKind kind) {
    switch (kind) {
        case BlockKind::kChip:
            return "chip";
        case BlockKind::kArray:
            return "array";
        case BlockKind::kColumns:
            return "column group";
    }
    return "";
}

std::uint32_t blocksOf(BlockKind kind, const SramGeometry& geometry) {
    if (kind == BlockKind::kChip) return 1;
    if (kind == BlockKind::kArray) return geometry.arrays;
    return geometry.arrays * std::clamp<std::uint32_t>(geometry.columns / 2, 1, kColumnGroups);
}

BlockKind blocksForErrors(std::uint32_t chips, const SramGeometry& geometry) {
    if (chips >= 4) return BlockKind::kChip;
    return std::uint64_t{chips} * geometry.arrays >= 8 ? BlockKind::kArray : BlockKind::kColumns;
}

BlockSums measureBlocks(const Profile& profile, const MeasurePlan& plan) {
    const SramGeometry& geometry = profile.device().geometry;
    SpatialParameters floorPlan;
    floorPlan.arraysAcross = plan.arraysAcross;
    const auto regions = regionsOf(plan.blocks, geometry, floorPlan.across(geometry));
    // Which region a column of an array is in.
    std::vector<std::uint32_t> regionOf(std::size_t{geometry.arrays} * geometry.columns);
    for (std::uint32_t r = 0; r < regions.size(); ++r) {
        for (std::uint32_t a = 0; a < regions[r].arrays; ++a) {
            for (std::uint32_t c = 0; c < regions[r].columns; ++c) {
                regionOf[std::size_t{regions[r].firstArray + a} * geometry.columns +
                         regions[r].firstColumn + c] = r;
            }
        }
    }
    BlockSums blocks;
    for (std::uint32_t i = 0; i < plan.chips; ++i) {
        CellsOfAChip chip(profile, i, plan);
        const std::size_t first = blocks.size();
        blocks.resize(first + regions.size());
        std::vector<std::vector<FaultyCell>> lower;  // by region, at the voltage before
        for (std::size_t v = 0; v < plan.voltages.size(); ++v) {
            std::vector<std::vector<FaultyCell>> here(regions.size());
            for (FaultyCell cell : chip.at(plan.voltages[v])) {
                const CellAddress at = addressOfCell(geometry, cell.cell);
                const std::uint32_t r =
                    regionOf[std::size_t{at.array} * geometry.columns + at.column];
                cell.cell = *regions[r].cellWithin(cell.cell);
                here[r].push_back(cell);
            }
            for (std::size_t r = 0; r < regions.size(); ++r) {
                const LineCounts lines(regions[r].geometry(), here[r]);
                blocks[first + r].push_back(
                    sumsOf(regions[r], here[r], lines, lower.empty() ? nullptr : &lower[r]));
                plan.linesDone(first + r, v, lines);
            }
            lower = std::move(here);
        }
        plan.chipDone();
    }
    return blocks;
}

std::vector<FaultSums> pooled(const BlockSums& blocks) {
    std::vector<FaultSums> all(blocks.empty() ? 0 : blocks.front().size());
    for (const auto& block : blocks) {
        for (std::size_t v = 0; v < all.size(); ++v) all[v].add(block[v]);
    }
    return all;
}

}  // namespace brownout
