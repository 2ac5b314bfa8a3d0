#pragma once

#include <algorithm>
#include <filesystem>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "profiles/import/read_measurement.h"

namespace brownout::test {

/// A measurement with every number at hand.
class Collected : public MeasurementSink {
 public:
    using Place = std::tuple<std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, int>;

    void begin(const SramGeometry& itsGeometry, std::uint32_t itsChips,
               const CountsConditions& itsConditions, std::uint32_t most) override {
        geometry = itsGeometry;
        chips = itsChips;
        conditions = itsConditions;
        mostTrials = most;
    }
    void addSparse(const CountsPlace& place, std::uint32_t reads,
                   Span<const CellFails> failingCells) override {
        auto& cells = newPlace(place, reads);
        cells.assign(geometry.cellsPerArray(), 0);
        for (const CellFails& cell : failingCells) cells.at(cell.cell) = cell.fails;
    }
    void addDense(const CountsPlace& place, std::uint32_t reads,
                  Span<const std::uint32_t> cells) override {
        newPlace(place, reads).assign(cells.begin(), cells.end());
    }

    /// Fails of a cell; kNotMeasured if its array wasn't added.
    std::uint32_t at(const CountsPlace& place, std::uint32_t row, std::uint32_t column) const {
        const auto found = fails.find(key(place));
        if (found == fails.end()) return kNotMeasured;
        return found->second.at(std::size_t{row} * geometry.columns + column);
    }
    /// Failing cells in a direction at a voltage (index), all arrays of all chips.
    std::uint64_t failing(std::uint32_t voltage, FailDirection direction) const {
        std::uint64_t count = 0;
        for (const auto& [place, cells] : fails) {
            if (std::get<2>(place) != voltage || std::get<4>(place) != int(direction)) continue;
            count += static_cast<std::uint64_t>(std::count_if(
                cells.begin(), cells.end(), [](auto n) { return n != 0 && n != kNotMeasured; }));
        }
        return count;
    }

    SramGeometry geometry;
    std::uint32_t chips = 0;
    CountsConditions conditions;
    std::uint32_t mostTrials = 0;
    std::map<Place, std::vector<std::uint32_t>> fails;
    std::map<Place, std::uint32_t> trials;
    std::string problem;  ///< if something was added twice

 private:
    static Place key(const CountsPlace& place) {
        const std::uint32_t other = place.temperature * 4096 + place.pattern;
        return {place.chip, place.array, place.voltage, other, int(place.direction)};
    }
    std::vector<std::uint32_t>& newPlace(const CountsPlace& place, std::uint32_t reads) {
        if (!trials.emplace(key(place), reads).second) problem = "added twice";
        return fails[key(place)];
    }
};

/// Files of an import, by name and content.
using Texts = std::vector<std::pair<std::string, std::string>>;

inline std::unique_ptr<Measurement> readTexts(const Texts& texts, const ImportOptions& options,
                                              ImportNotes* notes = nullptr) {
    std::vector<ImportFile> files;
    for (const auto& [name, content] : texts) files.push_back({memoryInput(name, content), {}, {}});
    ImportNotes ignored;
    return readMeasurement(files, options, std::filesystem::temp_directory_path(),
                           notes != nullptr ? *notes : ignored);
}

/// Reads texts in a format and collects what they say.
inline Collected importTexts(const Texts& texts, const ImportOptions& options,
                             ImportNotes* notes = nullptr) {
    Collected collected;
    readTexts(texts, options, notes)->deliver(collected);
    return collected;
}

/// The message of the error that importing the texts throws; empty if it throws none.
inline std::string errorOf(const Texts& texts, const ImportOptions& options) {
    try {
        importTexts(texts, options);
    } catch (const Error& error) {
        return error.what();
    }
    return "";
}

}  // namespace brownout::test
