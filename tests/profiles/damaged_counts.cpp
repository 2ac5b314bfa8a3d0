#include <cmath>
#include <limits>

#include "damaged_files.h"

namespace brownout {
namespace {

const std::string kCounts = "/cells/counts";
const std::vector<hsize_t> kShape{2, 2, 2, 2, 16, 8};
const std::vector<hsize_t> kChunk{1, 1, 1, 1, 16, 8};

std::vector<std::uint32_t> failsWith(std::size_t at, std::uint32_t value) {
    std::vector<std::uint32_t> fails(2048);
    fails[at] = value;
    return fails;
}

class Damages {
 public:
    std::vector<DamagedFile> files;

    void add(const std::string& name, std::function<void(H5Surgery&)> damage,
             const std::string& expected) {
        files.push_back({"counts: " + name, false, std::move(damage), kCounts + expected, true});
    }
    /// Replaces fails01, or another dataset.
    void grid(const std::string& name, hid_t type, const std::vector<hsize_t>& shape,
              const std::vector<hsize_t>& chunk, std::int64_t fill,
              const std::vector<std::uint32_t>& values, const std::string& expected,
              const std::string& dataset = "fails01") {
        add(
            name,
            [=](H5Surgery& f) {
                f.grid(kCounts + "/" + dataset, type, shape, chunk, fill, values);
            },
            "/" + dataset + ": " + expected);
    }
};

void addConditions(Damages& damages) {
    const auto voltages = [&](std::vector<double> values, const std::string& expected) {
        damages.add(
            "voltages", [=](H5Surgery& f) { f.doubles(kCounts + "/voltage", values); },
            "/voltage: " + expected);
    };
    voltages({}, "has 0 elements; expected 1 to 4096");
    voltages(std::vector<double>(5000, 1.0), "has 5000 elements; expected 1 to 4096");
    voltages({0.6, 0.5}, "element 1 doesn't ascend");
    voltages({0.5, 0.5}, "element 1 doesn't ascend");
    voltages({-0.5, 0.5}, "element 0 doesn't ascend, or is not finite or out of range");
    voltages({0.5, std::nan("")}, "element 1 doesn't ascend");
    voltages({0.5, std::numeric_limits<double>::infinity()}, "element 1 doesn't ascend");
    const auto temperatures = [&](std::vector<double> values, const std::string& expected) {
        damages.add(
            "temperatures", [=](H5Surgery& f) { f.doubles(kCounts + "/temperature", values); },
            expected);
    };
    temperatures({85, 25}, "/temperature: element 1 doesn't ascend");
    temperatures({-300, 25}, "/temperature: element 0 doesn't ascend, or is not finite or out of");
    temperatures({25},
                 "/fails01: has shape 2 x 2 x 2 x 2 x 16 x 8; expected 2 x 2 x 1 x 2 x 16 x 8");
    damages.add(
        "no voltage", [](H5Surgery& f) { f.remove(kCounts + "/voltage"); }, "/voltage: is missing");
    damages.add(
        "no temperature", [](H5Surgery& f) { f.remove(kCounts + "/temperature"); },
        "/fails01: has shape");
    damages.add(
        "no pattern", [](H5Surgery& f) { f.remove(kCounts + "/pattern"); }, "/fails01: has shape");
    damages.add(
        "no patterns", [](H5Surgery& f) { f.texts(kCounts + "/pattern", {}); },
        "/pattern: has 0 elements; expected 1 to 4096");
    damages.add(
        "patterns are numbers",
        [](H5Surgery& f) {
            f.doubles(kCounts + "/pattern", {1, 2});
        },
        "/pattern: is no string");
    damages.add(
        "pattern is a matrix",
        [](H5Surgery& f) {
            f.zeros(kCounts + "/pattern", H5T_C_S1, {2, 2});
        },
        "/pattern: has 2 dimensions; expected 1");
    damages.add(
        "pattern is a link", [](H5Surgery& f) { f.softLink(kCounts + "/pattern", "/cells"); },
        "/pattern: is a link");
    damages.files.push_back({"counts: reference", false,
                             [](H5Surgery& f) {
                                 f.doubles("/cells/reference_voltage", {0.5, 0.55});
                             },
                             "/cells/reference_voltage: has a voltage that was not measured",
                             true});
}

void addGrids(Damages& damages) {
    const auto one = std::vector<std::uint32_t>(2048, 1);
    damages.grid("more fails than trials", H5T_STD_U8LE, kShape, kChunk, 255, failsWith(1300, 11),
                 "chip 1, voltage 0, temperature 1, pattern 0, row 2, column 4: 11 fails in 10 "
                 "trials");
    damages.grid("trials not measured", H5T_STD_U8LE, kShape, {}, 255, failsWith(7, 255),
                 "chip 0, voltage 0, temperature 0, pattern 0, row 0, column 7: 0 fails in trials "
                 "that were not measured",
                 "trials01");
    damages.files.back().expected = kCounts + "/fails01: chip 0";
    damages.grid("other fill value", H5T_STD_U8LE, kShape, kChunk, 0, {},
                 "has parts that were never written and fill value 0; expected 255");
    damages.grid("no fill value", H5T_STD_U16LE, kShape, kChunk, -1, {},
                 "has parts that were never written and fill value 0; expected 65535");
    damages.grid("signed", H5T_STD_I8LE, kShape, kChunk, 127, one, "holds no unsigned integers");
    damages.grid("wide", H5T_STD_U64LE, kShape, kChunk, 255, one, "holds no unsigned integers");
    damages.grid("float", H5T_IEEE_F32LE, kShape, kChunk, -1, one, "holds no unsigned integers");
    damages.grid("five dimensions", H5T_STD_U8LE, {2, 2, 2, 2, 128}, {}, 255,
                 std::vector<std::uint32_t>(2048), "has 5 dimensions; expected 6: chip, voltage");
    damages.grid("another shape", H5T_STD_U8LE, {2, 2, 2, 2, 8, 16}, {}, 255, one,
                 "has shape 2 x 2 x 2 x 2 x 8 x 16; expected 2 x 2 x 2 x 2 x 16 x 8");
    damages.grid("one row for all", H5T_STD_U8LE, {2, 2, 2, 2, 1, 8}, {}, 255,
                 std::vector<std::uint32_t>(128), "has shape");
    damages.grid("trials of another shape", H5T_STD_U8LE, {1, 1, 1, 1, 2, 1}, {}, 255, {10, 10},
                 "has shape 1 x 1 x 1 x 1 x 2 x 1; expected 2 x 2 x 2 x 2 x 16 x 8", "trials01");
    damages.grid("hollow", H5T_STD_U8LE, {2, 2, 2, 2, 16, 8}, {}, 255, {},
                 "claims 2 x 2 x 2 x 2 x 16 x 8 elements but stores 0 bytes");
    damages.grid("huge", H5T_STD_U8LE, {1 << 20, 4096, 4096, 4096, 1 << 30, 64},
                 {1, 1, 1, 1, 1024, 64}, 255, {}, "has more than 2^24 chunks");
    damages.grid("huge chunks", H5T_STD_U8LE, {64, 64, 64, 64, 64, 64}, {64, 64, 64, 64, 16, 8},
                 255, {},
                 "has chunks of 64 x 64 x 64 x 64 x 16 x 8 elements; expected at most 16 MiB");
    for (const char* name : {"trials01", "trials10"}) {
        damages.add(
            std::string("no ") + name, [=](H5Surgery& f) { f.remove(kCounts + "/" + name); },
            std::string("/") + name + ": is missing");
    }
    damages.add(
        "no fails01", [](H5Surgery& f) { f.remove(kCounts + "/fails01"); },
        "/fails01: is missing, but there is trials01");
    damages.add(
        "nothing measured",
        [](H5Surgery& f) {
            for (const char* name : {"fails01", "trials01", "fails10", "trials10"}) {
                f.remove(kCounts + "/" + name);
            }
        },
        ": has none of fails01, fails10 and fails; expected at least one");
    damages.add(
        "group", [](H5Surgery& f) { f.group(kCounts + "/fails01"); },
        "/fails01: can't be opened as a dataset");
    damages.add(
        "link", [](H5Surgery& f) { f.externalLink(kCounts + "/fails01", "/etc/hosts"); },
        "/fails01: is a link");
    damages.add(
        "more chips", [](H5Surgery& f) { f.integer("/cells", "chips", 3); },
        "/fails01: has shape 2 x 2");
    damages.add(
        "more arrays", [](H5Surgery& f) { f.integer("/device", "arrays", 2); },
        "/fails01: has shape 2 x 2");
    damages.add(
        "no counts", [](H5Surgery& f) { f.remove(kCounts); }, ": is missing");
    damages.add(
        "counts is a dataset",
        [](H5Surgery& f) {
            f.doubles(kCounts, {1, 2});
        },
        ": can't be opened as a group");
}

/// Attributes of a threshold file that came with version 1.1.
void addShifts(std::vector<DamagedFile>& files) {
    const std::string threshold = "/cells/threshold";
    const auto add = [&](const std::string& name, std::function<void(H5Surgery&)> damage,
                         const std::string& expected) {
        files.push_back({"shifts: " + name, false, std::move(damage), threshold + expected, false});
    };
    const auto noisy = [=](double noise) {
        return [=](H5Surgery& f) {
            f.text("/cells", "encoding", "noisy-threshold");
            f.number(threshold, "read_noise", noise);
        };
    };
    add(
        "noise under the old name", [=](H5Surgery& f) { f.number(threshold, "read_noise", 0.004); },
        ": has an attribute 'read_noise'; expected the encoding 'noisy-threshold'");
    add(
        "no noise", [](H5Surgery& f) { f.text("/cells", "encoding", "noisy-threshold"); },
        ": attribute 'read_noise' is missing");
    add("negative noise", noisy(-1), ": attribute 'read_noise' is not positive");
    add("noise is no number", noisy(std::nan("")), ": attribute 'read_noise' is not finite");
    add("large noise", noisy(0.06), ": highest_voltage is not above floor_voltage by more than");
    add(
        "coefficient alone",
        [=](H5Surgery& f) { f.number(threshold, "temperature_coefficient", 1e-3); },
        ": has an attribute 'temperature_coefficient' but no 'reference_temperature'");
    add(
        "temperature is a text",
        [=](H5Surgery& f) { f.text(threshold, "reference_temperature", "25"); },
        ": attribute 'reference_temperature' is no number");
}

}  // namespace

std::vector<DamagedFile> damagedCounts() {
    Damages damages;
    addConditions(damages);
    addGrids(damages);
    addShifts(damages.files);
    return damages.files;
}

}  // namespace brownout
