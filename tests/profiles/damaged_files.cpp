#include "damaged_files.h"

#include <cmath>
#include <limits>

#include "test_profiles.h"

namespace brownout {
namespace {

using Files = std::vector<DamagedFile>;

constexpr double kInf = std::numeric_limits<double>::infinity();
const std::string kThreshold = "/cells/threshold";
const std::string kRecipe = "/cells/recipe";

struct Name {
    bool recipe;
    std::string object;
    std::string name;
};

const std::vector<Name> kTexts{{false, "/", "format"},
                               {false, "/", "creator"},
                               {false, "/", "created"},
                               {false, "/", "provenance"},
                               {false, "/device", "voltage_unit"},
                               {false, "/cells", "encoding"},
                               {false, "/energy", "source"},
                               {true, kRecipe, "generator"}};
const std::vector<Name> kIntegers{{false, "/device", "arrays"},
                                  {false, "/device", "rows"},
                                  {false, "/device", "columns"},
                                  {false, "/cells", "chips"},
                                  {true, kRecipe, "seed"}};
const std::vector<Name> kNumbers{{false, kThreshold, "floor_voltage"},
                                 {false, kThreshold, "highest_voltage"},
                                 {false, "/energy", "reference_voltage"}};
const std::vector<Name> kGroups{{false, "/", "device"},
                                {false, "/", "cells"},
                                {false, "/cells", "threshold"},
                                {true, "/cells", "recipe"}};
const std::vector<Name> kDatasets{{false, kThreshold, "chip_start"}, {false, kThreshold, "cell"},
                                  {false, kThreshold, "voltage"},    {false, kThreshold, "p01"},
                                  {false, kThreshold, "p10"},        {false, "/energy", "voltage"},
                                  {false, "/energy", "read_j"},      {false, "/energy", "write_j"},
                                  {true, kRecipe, "curve_voltage"},  {true, kRecipe, "curve_rate"}};

std::string pathOf(const Name& at) { return (at.object == "/" ? "" : at.object) + "/" + at.name; }

bool holdsIntegers(const Name& dataset) {
    return dataset.name == "cell" || dataset.name == "chip_start";
}

void addAttributes(Files& files) {
    std::vector<Name> all = kTexts;
    all.insert(all.end(), kIntegers.begin(), kIntegers.end());
    all.insert(all.end(), kNumbers.begin(), kNumbers.end());
    all.push_back({false, "/", "version"});
    for (const Name& at : all) {
        const std::string called = at.object + ": attribute '" + at.name + "' ";
        files.push_back({"no " + called, at.recipe,
                         [=](H5Surgery& file) { file.removeAttribute(at.object, at.name); },
                         at.name == "format" ? "no Brownout profile" : called + "is missing"});
        files.push_back({"two values of " + called, at.recipe,
                         [=](H5Surgery& file) {
                             file.integers(at.object, at.name, {1, 2, 3});
                         },
                         called});
        files.push_back({"many values of " + called, at.recipe,
                         [=](H5Surgery& file) {
                             file.integers(at.object, at.name, std::vector<std::int64_t>(7000));
                         },
                         called});
    }
    for (const Name& at : kTexts) {
        files.push_back({"number for " + at.name, at.recipe,
                         [=](H5Surgery& file) { file.number(at.object, at.name, 1); },
                         "attribute '" + at.name + "' is no string"});
    }
    for (const Name& at : kIntegers) {
        const std::string called = "attribute '" + at.name + "' ";
        files.push_back({"text for " + at.name, at.recipe,
                         [=](H5Surgery& file) { file.text(at.object, at.name, "1"); },
                         called + "is no integer"});
        files.push_back({"fraction for " + at.name, at.recipe,
                         [=](H5Surgery& file) { file.number(at.object, at.name, 1); },
                         called + "is no integer"});
        files.push_back({"negative " + at.name, at.recipe,
                         [=](H5Surgery& file) { file.integer(at.object, at.name, -1); },
                         called + "is negative: -1"});
        if (at.name == "seed") continue;
        for (const std::int64_t value : {std::int64_t{0}, std::int64_t{1} << 33}) {
            files.push_back({at.name + " " + std::to_string(value), at.recipe,
                             [=](H5Surgery& file) { file.integer(at.object, at.name, value); },
                             called + "is " + std::to_string(value) + "; expected 1 to"});
        }
    }
    std::vector<Name> numbers = kNumbers;
    numbers.push_back({false, "/device", "vmin_v"});
    for (const Name& at : numbers) {
        const std::string called = "attribute '" + at.name + "' ";
        files.push_back({"text for " + at.name, at.recipe,
                         [=](H5Surgery& file) { file.text(at.object, at.name, "0.5"); },
                         called + "is no number"});
        for (const double value : {std::nan(""), kInf}) {
            files.push_back({at.name + " not finite", at.recipe,
                             [=](H5Surgery& file) { file.number(at.object, at.name, value); },
                             called + "is not finite"});
        }
        for (const double value : {-0.1, 0.0}) {
            files.push_back({at.name + " not positive", at.recipe,
                             [=](H5Surgery& file) { file.number(at.object, at.name, value); },
                             at.object});
        }
    }
}

void addWrongValues(Files& files) {
    const auto add = [&](const std::string& name, std::function<void(H5Surgery&)> damage,
                         const std::string& expected) {
        files.push_back({name, false, std::move(damage), expected});
    };
    add(
        "another format", [](H5Surgery& f) { f.text("/", "format", "other"); },
        "no Brownout profile: its format is 'other'");
    add(
        "version 2.0",
        [](H5Surgery& f) {
            f.integers("/", "version", {2, 0});
        },
        "version 2.0; this program reads 1.x");
    add(
        "version 0.9",
        [](H5Surgery& f) {
            f.integers("/", "version", {0, 9});
        },
        "version 0.9");
    add(
        "version -1",
        [](H5Surgery& f) {
            f.integers("/", "version", {-1, 0});
        },
        "is negative");
    add(
        "provenance", [](H5Surgery& f) { f.text("/", "provenance", "guessed"); },
        "'provenance' is 'guessed'; expected one of 'measured', 'simulated', 'synthetic'");
    add(
        "encoding", [](H5Surgery& f) { f.text("/cells", "encoding", "sums"); },
        "'encoding' is 'sums'; expected one of 'threshold', 'recipe', 'counts'");
    add(
        "unit", [](H5Surgery& f) { f.text("/device", "voltage_unit", "mV"); },
        "'voltage_unit' is 'mV'");
    add(
        "mux", [](H5Surgery& f) { f.integer("/device", "column_mux", 3); }, "must divide");
    add(
        "wide words", [](H5Surgery& f) { f.integer("/device", "columns", 128); }, "at most 64");
    add(
        "2^96 cells",
        [](H5Surgery& f) {
            f.integer("/device", "arrays", 0xFFFFFFFF);
            f.integer("/device", "rows", 0xFFFFFFFF);
        },
        "more than 2^32 cells");
    add(
        "more chips", [](H5Surgery& f) { f.integer("/cells", "chips", 3); },
        "chip_start: has 3 elements; expected 4");
    add(
        "a million chips", [](H5Surgery& f) { f.integer("/cells", "chips", 1 << 20); },
        "chip_start: has 3 elements");
    add(
        "floor above highest", [](H5Surgery& f) { f.number(kThreshold, "floor_voltage", 0.9); },
        "expected positive, the second above the first");
    add(
        "floor above a cell", [](H5Surgery& f) { f.number(kThreshold, "floor_voltage", 0.55); },
        "voltage: element 4 is not above the floor voltage");
    add(
        "fewer cells than named", [](H5Surgery& f) { f.integer("/device", "rows", 8); },
        "cell: element 1 is 100; expected less than 64");
    add(
        "reference outside",
        [](H5Surgery& f) {
            f.doubles("/cells/reference_voltage", {0.4, 0.6});
        },
        "reference_voltage: element 0");
    add(
        "reference descends",
        [](H5Surgery& f) {
            f.doubles("/cells/reference_voltage", {0.6, 0.55});
        },
        "reference_voltage: element 1");
    add(
        "reference not a number",
        [](H5Surgery& f) {
            f.doubles("/cells/reference_voltage", {0.6, std::nan("")});
        },
        "reference_voltage: element 1");
    add(
        "history of numbers",
        [](H5Surgery& f) {
            f.integers("/", "history", {1, 2});
        },
        "attribute 'history' is no string");
}

void addObjects(Files& files) {
    for (const Name& at : kGroups) {
        const std::string path = pathOf(at);
        files.push_back({"no " + path, at.recipe, [=](H5Surgery& file) { file.remove(path); },
                         path + ": is missing"});
        files.push_back({"dataset " + path, at.recipe,
                         [=](H5Surgery& file) {
                             file.doubles(path, {1, 2});
                         },
                         path + ": can't be opened as a group"});
        files.push_back({"soft link " + path, at.recipe,
                         [=](H5Surgery& file) { file.softLink(path, "/"); }, path + ": is a link"});
        files.push_back({"external link " + path, at.recipe,
                         [=](H5Surgery& file) { file.externalLink(path, "/etc/hosts"); },
                         path + ": is a link"});
        files.push_back(
            {"empty " + path, at.recipe, [=](H5Surgery& file) { file.group(path); }, path});
    }
    for (const Name& at : kDatasets) {
        const std::string path = pathOf(at);
        const hid_t type = holdsIntegers(at) ? H5T_STD_U64LE : H5T_IEEE_F32LE;
        const auto add = [&](const std::string& what, std::function<void(H5Surgery&)> damage,
                             const std::string& expected) {
            files.push_back({what + " " + path, at.recipe, std::move(damage), expected});
        };
        add(
            "no", [=](H5Surgery& f) { f.remove(path); }, path + ": is missing");
        add(
            "group", [=](H5Surgery& f) { f.group(path); }, path + ": can't be opened as a dataset");
        add(
            "soft link", [=](H5Surgery& f) { f.softLink(path, "/cells"); }, path + ": is a link");
        add(
            "dangling link", [=](H5Surgery& f) { f.softLink(path, "/nowhere"); },
            path + ": is a link");
        add(
            "matrix",
            [=](H5Surgery& f) {
                f.zeros(path, type, {5, 2});
            },
            path + ": has 2 dimensions; expected 1");
        add(
            "tensor",
            [=](H5Surgery& f) {
                f.zeros(path, type, {1, 5, 1});
            },
            path + ": has 3 dimensions");
        add(
            "strings", [=](H5Surgery& f) { f.zeros(path, H5T_C_S1, {5}); },
            path + ": holds no plain numbers");
        add(
            "long double", [=](H5Surgery& f) { f.hollow(path, H5T_NATIVE_LDOUBLE, 5, 0); },
            path + ": holds no plain numbers");
        add(
            "other class",
            [=](H5Surgery& f) {
                f.zeros(path, holdsIntegers(at) ? H5T_IEEE_F32LE : H5T_STD_U8LE, {5});
            },
            path);
        add(
            "empty", [=](H5Surgery& f) { f.zeros(path, type, {0}); }, at.object);
        add(
            "longer", [=](H5Surgery& f) { f.zeros(path, type, {600}); }, at.object);
        add(
            "hollow", [=](H5Surgery& f) { f.hollow(path, type, 1000000000000, 0); },
            path + ": claims 1000000000000 elements but stores 0 bytes");
        add(
            "hollow chunked", [=](H5Surgery& f) { f.hollow(path, type, 1000000000000, 1024); },
            path + ": claims 1000000000000 elements but stores 0 bytes");
        add(
            "bytes of another file in",
            [=](H5Surgery& f) { f.elsewhere(path, type, 5, "/etc/hosts"); },
            path + ": is stored in another file");
        add(
            "huge chunks", [=](H5Surgery& f) { f.hollow(path, type, 5, 1 << 28); },
            path + ": has chunks of 268435456 elements");
        if (holdsIntegers(at)) continue;
        for (const double value : {std::nan(""), kInf, -kInf, -1.0, 1e30}) {
            add(
                "wrong number " + std::to_string(value) + " in",
                [=](H5Surgery& f) {
                    std::vector<double> values = f.read(path);
                    values[1] = value;
                    f.floats(path, values);
                },
                value == 1e30 ? "" : at.object);
        }
    }
}

void addCells(Files& files) {
    const auto add = [&](const std::string& name, std::function<void(H5Surgery&)> damage,
                         const std::string& expected) {
        files.push_back({name, false, std::move(damage), kThreshold + expected});
    };
    const auto starts = [](std::vector<std::int64_t> values) {
        return [values](H5Surgery& f) { f.signedWords(kThreshold + "/chip_start", values); };
    };
    const auto cells = [](std::vector<std::int64_t> values) {
        return [values](H5Surgery& f) { f.signedWords(kThreshold + "/cell", values); };
    };
    const auto voltages = [](std::vector<double> values) {
        return [values](H5Surgery& f) { f.floats(kThreshold + "/voltage", values); };
    };
    add("start not 0", starts({1, 3, 5}), "/chip_start: element 0 is not 0");
    add("start descends", starts({0, 6, 5}), "/chip_start: element 2 is smaller");
    add("start beyond", starts({0, 3, 6}), "/chip_start: ends with 6; expected 5");
    add("start short", starts({0, 3, 4}), "/chip_start: ends with 4; expected 5");
    add("start negative", starts({0, -3, 5}), "/chip_start: element 1 is negative: -3");
    add("start huge", starts({0, std::int64_t{1} << 62, 5}), "/chip_start: ");
    add("cell outside", cells({5, 128, 7, 0, 127}), "/cell: element 1 is 128; expected less");
    add("cell huge", cells({5, (std::int64_t{1} << 32) + 5, 7, 0, 1}), "/cell: element 1 is");
    add("cell negative", cells({5, 1, 7, -9, 127}), "/cell: element 3 is negative: -9");
    add("cell twice", cells({5, 100, 5, 0, 127}), ": chip 0: cell 5: is named more than once");
    add("unsorted", voltages({0.6, 0.65, 0.6, 0.75, 0.51}), "/voltage: element 1 is not finite or");
    add("at the floor", voltages({0.7, 0.65, 0.5, 0.75, 0.51}), "/voltage: element 2 is not above");
    add("below the floor", voltages({0.7, 0.65, 0.6, 0.75, 0.1}), "/voltage: element 4 is not");
    add(
        "p01 above 1",
        [](H5Surgery& f) {
            f.floats(kThreshold + "/p01", {1, 1, 0, 1.001, 1});
        },
        ": chip 1: cell 0: has p01 = 1.001");
}

void addTables(Files& files) {
    const auto energy = [&](const std::string& column, std::vector<double> values,
                            const std::string& expected) {
        files.push_back({"energy " + column, false,
                         [=](H5Surgery& f) { f.doubles("/energy/" + column, values); },
                         "/energy" + expected});
    };
    energy("voltage", {0.8, 0.5}, ": energy table: voltage 0.5 doesn't ascend");
    energy("voltage", {0.5, 0.5}, ": energy table: voltage 0.5 doesn't ascend");
    energy("voltage", {0.5, 0.7}, ": energy table: doesn't cover");
    energy("voltage", {0.5, 0.7, 0.8}, "/read_j: has 2 elements; expected 3");
    energy("read_j", {0, 0}, ": energy table: read energy is zero");
    energy("leakage_w", {1e-3}, "/leakage_w: has 1 elements; expected 2");
    energy("leakage_w", {1e-3, 0}, ": energy table: leakage");
    energy("leakage_w", {std::nan(""), 1e-3}, ": energy table: leakage");
    energy("write_j", std::vector<double>(5000, 1e-12), "/write_j: has 5000 elements; expected at");

    const auto recipe = [&](const std::string& name, std::function<void(H5Surgery&)> damage,
                            const std::string& expected) {
        files.push_back({"recipe " + name, true, std::move(damage), kRecipe + expected});
    };
    const auto curve = [](std::vector<double> voltages, std::vector<double> rates) {
        return [=](H5Surgery& f) {
            f.doubles(kRecipe + "/curve_voltage", voltages);
            f.doubles(kRecipe + "/curve_rate", rates);
        };
    };
    recipe("descends", curve({1, 0.75}, {0.1, 0}), ": calibration curve: voltage 0.75 of point 1");
    recipe("rate rises", curve({0.75, 0.8, 1}, {0.1, 0.2, 0}), ": calibration curve: rate 0.2");
    recipe("rate 1", curve({0.75, 1}, {1, 0}), ": calibration curve: rate 1 of point 0");
    recipe("never ends", curve({0.75, 1}, {0.1, 0.05}), ": calibration curve: rate 0.05");
    recipe("one point", curve({0.75}, {0.1}), ": calibration curve: has fewer than two");
    recipe("sizes", curve({0.75, 1}, {0.1, 0.05, 0}), "/curve_rate: has 3 elements; expected 2");
    recipe(
        "generator", [](H5Surgery& f) { f.text(kRecipe, "generator", "magic"); },
        ": recipe: generator 'magic' is unknown");
    recipe(
        "shares", [](H5Surgery& f) { f.number(kRecipe, "share_stuck_at_0", 0.5); },
        ": recipe: shares 1 flipping, 0.5 stuck at 0");
    recipe(
        "share missing", [](H5Surgery& f) { f.removeAttribute(kRecipe, "share_stuck_at_1"); },
        ": attribute 'share_stuck_at_1' is missing");
    recipe(
        "too many faults", [](H5Surgery& f) { f.integer("/device", "arrays", 1 << 20); },
        ": chip 0: about 4.4");
}

}  // namespace

std::vector<DamagedFile> damagedFiles() {
    Files files;
    addAttributes(files);
    addWrongValues(files);
    addObjects(files);
    addCells(files);
    addTables(files);
    for (DamagedFile& counts : damagedCounts()) files.push_back(std::move(counts));
    return files;
}

void makeSoundFile(const std::filesystem::path& path, const DamagedFile& damaged) {
    if (damaged.counts) return makeForeignCounts(path);
    if (!damaged.recipe) return makeForeignProfile(path);
    const RecipePreset preset = smallPreset();
    writeRecipeProfile(path, headerOf(preset), preset.recipe);
}

void readWhole(const Profile& profile) {
    for (std::uint32_t i = 0; i < profile.chipCount(); ++i) {
        if (!profile.counts()) {
            profile.chip(i);
            continue;
        }
        const CountsConditions& conditions = profile.counts()->conditions();
        for (const double voltage : conditions.voltages) {
            for (const double celsius : conditions.temperaturesC) {
                cellsAt(profile, i, {voltage, celsius});
            }
            if (conditions.temperaturesC.empty()) cellsAt(profile, i, {voltage});
        }
    }
}

}  // namespace brownout
