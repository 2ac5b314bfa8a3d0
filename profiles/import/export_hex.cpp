#include <algorithm>
#include <array>
#include <sstream>

#include "base/atomic_file.h"
#include "base/error.h"
#include "profiles/import/export_profile.h"
#include "profiles/import/word_recorder.h"

namespace brownout {
namespace {

/// Whether cells of an array failed, direction by direction.
struct FailingArray {
    std::vector<bool> fails01, fails10;
    bool any = false;
};

class HexExporter {
 public:
    HexExporter(const Profile& profile, std::uint32_t chip, const ImportOptions& options)
        : profile_(profile),
          geometry_(profile.device().geometry),
          chip_(chip),
          words_(options),
          map_(options.map, words_.shape()),
          digits_(words_.fileBits() / 4) {
        const SramGeometry mapped =
            map_.geometry((geometry_.arrays + map_.arraysPerBlock() - 1) / map_.arraysPerBlock());
        if (mapped != geometry_) {
            throw Error(profile_.path().string(),
                        "has arrays of " + std::to_string(geometry_.rows) + " x " +
                            std::to_string(geometry_.columns) + ", column mux " +
                            std::to_string(geometry_.columnMux) + "; the dump's words make " +
                            std::to_string(mapped.rows) + " x " + std::to_string(mapped.columns) +
                            ", column mux " + std::to_string(mapped.columnMux));
        }
    }

    std::string dump(std::uint32_t voltage) {
        const std::uint32_t blocks = geometry_.arrays / map_.arraysPerBlock();
        std::string text;
        text.reserve(std::size_t{blocks} * map_.wordsPerBlock() * digits_);
        // array_order may take the arrays of a block from anywhere.
        std::vector<FailingArray> arrays;
        for (std::uint32_t array = 0; array < geometry_.arrays; ++array) {
            arrays.push_back(failing(array, voltage));
        }
        for (std::uint32_t block = 0; block < blocks; ++block) appendBlock(block, arrays, text);
        return text;
    }

    std::uint64_t hidden() const { return hidden_; }

 private:
    FailingArray failing(std::uint32_t array, std::uint32_t voltage) {
        FailingArray result;
        const std::uint64_t mask = words_.coverage().bits01 | words_.coverage().bits10;
        for (const auto direction : {FailDirection::k01, FailDirection::k10}) {
            CountsPlace place;
            place.chip = chip_;
            place.array = array;
            place.voltage = voltage;
            place.direction = direction;
            const ArrayCounts counts = profile_.counts()->array(place);
            auto& fails = direction == FailDirection::k01 ? result.fails01 : result.fails10;
            const std::uint64_t shown = direction == FailDirection::k01 ? words_.coverage().bits01
                                                                        : words_.coverage().bits10;
            for (std::size_t cell = 0; cell < counts.fails.size(); ++cell) {
                const bool measured = counts.fails[cell] != kNotMeasured;
                if (!measured && shown == mask && !map_.hasComplement()) {
                    throw Error(profile_.path().string(),
                                "array " + std::to_string(array) +
                                    " was not measured in the direction that the background "
                                    "shows");
                }
                const bool failed = measured && counts.fails[cell] > 0;
                if (failed && fails.empty()) fails.resize(counts.fails.size());
                if (failed) fails[cell] = result.any = true;
                if (failed) ++hidden_;  // until it shows
            }
        }
        return result;
    }

    void appendBlock(std::uint32_t block, const std::vector<FailingArray>& arrays,
                     std::string& text) {
        const std::uint64_t background = words_.background();
        // Most blocks of most dumps have no fault.
        bool any = !arraysOfBlockAreKnown();
        for (std::uint32_t i = 0; i < map_.arraysPerBlock() && !any; ++i) {
            any = arrays[block * map_.arraysPerBlock() + i].any;
        }
        for (std::uint32_t address = 0; address < map_.wordsPerBlock(); ++address) {
            std::uint64_t flips = 0;
            for (std::uint32_t bit = 0; any && bit < map_.wordBits(); ++bit) {
                const auto place = map_.place({block, address, bit});
                if (!place) continue;
                const bool storesOne = ((background >> bit & 1) != 0) != place->complement;
                const FailingArray& array = arrays[place->cell.array];
                const auto& fails = storesOne ? array.fails10 : array.fails01;
                const std::size_t cell =
                    std::size_t{place->cell.row} * geometry_.columns + place->cell.column;
                if (!fails.empty() && fails[cell]) flips |= std::uint64_t{1} << bit;
            }
            hidden_ -= static_cast<std::uint64_t>(__builtin_popcountll(flips));
            std::uint64_t word = background ^ flips;
            if (words_.cellBits() != words_.fileBits()) word ^= flips << words_.cellBits();
            for (unsigned i = digits_; i-- > 0;) text += "0123456789ABCDEF"[word >> (4 * i) & 15];
        }
    }

    bool arraysOfBlockAreKnown() const { return !map_.reordersArrays(); }

    const Profile& profile_;
    SramGeometry geometry_;
    std::uint32_t chip_;
    WordRecorder words_;
    DescrambleMap map_;
    unsigned digits_;
    std::uint64_t hidden_ = 0;
};

}  // namespace

ExportResult exportHexDumps(const Profile& profile, std::uint32_t chip,
                            const ImportOptions& options, const std::string& prefix) {
    const std::string name = profile.path().string();
    if (profile.counts() == nullptr) {
        throw Error(name, "has no counts encoding; expected a measured profile");
    }
    const CountsConditions& conditions = profile.counts()->conditions();
    if (conditions.temperatureCount() > 1 || conditions.patternCount() > 1) {
        throw Error(name, "has several temperatures or patterns; a dump has one");
    }
    if (chip >= profile.chipCount()) throw noSuchChip(name, chip, profile.chipCount());
    HexExporter exporter(profile, chip, options);
    ExportResult result;
    for (std::uint32_t i = 0; i < conditions.voltages.size(); ++i) {
        std::ostringstream path;
        path.precision(12);
        path << prefix << "-" << conditions.voltages[i] << nameOf(profile.device().unit) << ".hex";
        writeAtomically(path.str(), exporter.dump(i));
        result.files.emplace_back(path.str());
    }
    result.hidden = exporter.hidden();
    return result;
}

}  // namespace brownout
