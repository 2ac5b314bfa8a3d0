#include <fstream>

#include "base/atomic_file.h"
#include "base/error.h"
#include "profiles/import/export_profile.h"

namespace brownout {
namespace {

std::string quotedField(const std::string& text) {
    std::string field = "\"";
    for (const char c : text) field += c == '"' ? "\"\"" : std::string(1, c);
    return field + "\"";
}

class CsvExporter {
 public:
    CsvExporter(const Profile& profile, std::ostream& out)
        : profile_(profile), conditions_(profile.counts()->conditions()), out_(out) {
        out_.precision(12);
    }

    void write() {
        out_ << "chip,array,voltage" << (conditions_.temperaturesC.empty() ? "" : ",temperature")
             << (conditions_.patterns.empty() ? "" : ",pattern")
             << ",row,column,expected,observed,fails,reads\n";
        CountsPlace place;
        for (place.chip = 0; place.chip < profile_.chipCount(); ++place.chip) {
            for (place.voltage = 0; place.voltage < conditions_.voltages.size(); ++place.voltage) {
                for (place.temperature = 0; place.temperature < conditions_.temperatureCount();
                     ++place.temperature) {
                    for (place.pattern = 0; place.pattern < conditions_.patternCount();
                         ++place.pattern) {
                        for (const auto direction :
                             {FailDirection::k01, FailDirection::k10, FailDirection::kUnknown}) {
                            place.direction = direction;
                            condition(place);
                        }
                    }
                }
            }
        }
    }

 private:
    void condition(CountsPlace place) {
        bool named = false;
        std::uint32_t reads = 0, measured = 0;
        const std::uint32_t arrays = profile_.device().geometry.arrays;
        for (place.array = 0; place.array < arrays; ++place.array) {
            const ArrayCounts counts = profile_.counts()->array(place);
            std::size_t cells = 0;
            for (std::size_t cell = 0; cell < counts.fails.size(); ++cell) {
                if (counts.fails[cell] == kNotMeasured) continue;
                ++cells;
                reads = counts.trials[cell];
                if (counts.fails[cell] == 0) continue;
                line(place, cell, counts.fails[cell], reads);
                named = true;
            }
            if (cells != 0 && cells != counts.fails.size()) partly(place);
            if (cells != 0) ++measured;
        }
        if (measured != 0 && measured != arrays) partly(place);
        // Nothing failed: a line without fails says that it was looked for.
        place.array = 0;
        if (measured != 0 && !named) line(place, 0, 0, reads);
    }

    [[noreturn]] void partly(const CountsPlace& place) const {
        throw Error(profile_.path().string(),
                    "array " + std::to_string(place.array) +
                        " or another was measured in part; a fail log says nothing of that");
    }

    void line(const CountsPlace& place, std::size_t cell, std::uint32_t fails,
              std::uint32_t reads) {
        const std::uint32_t columns = profile_.device().geometry.columns;
        out_ << place.chip << ',' << place.array << ',' << conditions_.voltages[place.voltage];
        if (!conditions_.temperaturesC.empty()) {
            out_ << ',' << conditions_.temperaturesC[place.temperature];
        }
        if (!conditions_.patterns.empty()) {
            out_ << ',' << quotedField(conditions_.patterns[place.pattern]);
        }
        out_ << ',' << cell / columns << ',' << cell % columns;
        switch (place.direction) {
            case FailDirection::k01:
                out_ << ",0,1,";
                break;
            case FailDirection::k10:
                out_ << ",1,0,";
                break;
            case FailDirection::kUnknown:
                out_ << ",,,";
                break;
        }
        out_ << fails << ',' << reads << '\n';
    }

    const Profile& profile_;
    const CountsConditions& conditions_;
    std::ostream& out_;
};

}  // namespace

ExportResult exportCsv(const Profile& profile, const std::filesystem::path& path) {
    if (!profile.counts()) {
        throw Error(profile.path().string(), "has no counts encoding; expected a measured profile");
    }
    writeAtomically(path, [&](const std::filesystem::path& temporary) {
        std::ofstream out(temporary, std::ios::binary);
        CsvExporter(profile, out).write();
        out.close();
        if (!out) throw Error(path.string(), "cannot be written");
    });
    ExportResult result;
    result.files.push_back(path);
    return result;
}

}  // namespace brownout
