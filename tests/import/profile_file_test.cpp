#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

#include "base/atomic_file.h"
#include "base/temporary_files.h"
#include "profiles/import/export_profile.h"
#include "profiles/import/write_measurement.h"
#include "profiles/profile_chips.h"
#include "profiles/validate.h"
#include "tests/import/collected.h"
#include "tests/import/synthetic_dump.h"

// From the files of a lab to a profile and back.

namespace brownout::test {
namespace {

using testing::HasSubstr;

ProfileHeader header() {
    ProfileHeader header;
    header.info = infoForNewProfile(Provenance::kMeasured, "imported");
    header.device.unit = VoltageUnit::kVolt;
    return header;
}

Profile importTo(const std::filesystem::path& path, const Texts& texts,
                 const ImportOptions& options) {
    const auto measurement = readTexts(texts, options);
    writeMeasurement(path, header(), *measurement);
    return Profile::open(path);
}

/// Every number of a counts profile.
std::map<Collected::Place, std::vector<std::uint32_t>> countsOf(const Profile& profile) {
    std::map<Collected::Place, std::vector<std::uint32_t>> all;
    const CountsConditions& conditions = profile.counts()->conditions();
    CountsPlace place;
    for (place.chip = 0; place.chip < profile.chipCount(); ++place.chip) {
        for (place.voltage = 0; place.voltage < conditions.voltages.size(); ++place.voltage) {
            for (place.array = 0; place.array < profile.device().geometry.arrays; ++place.array) {
                for (const auto direction :
                     {FailDirection::k01, FailDirection::k10, FailDirection::kUnknown}) {
                    place.direction = direction;
                    ArrayCounts counts = profile.counts()->array(place);
                    auto& to = all[{place.chip, place.array, place.voltage, 0, int(direction)}];
                    to = std::move(counts.fails);
                    to.insert(to.end(), counts.trials.begin(), counts.trials.end());
                }
            }
        }
    }
    return all;
}

const std::map<double, std::uint32_t> kPlanted{{0.53, 900}, {0.55, 252}, {0.59, 2}};

TEST(ImportedProfile, HoldsThePlantedFaultsAndIsValid) {
    const TemporaryFolder folder;
    SyntheticDump dump(20);
    dump.plantColumns(kPlanted, 0.9, 3);
    Texts texts;
    for (const auto& [voltage, count] : kPlanted) {
        texts.emplace_back("0." + std::to_string(int(voltage * 100 + 0.5)) + "V",
                           dump.text(voltage));
    }
    const Profile profile = importTo(folder / "chip.h5", texts, {});
    EXPECT_FALSE(hasError(validateProfile(folder / "chip.h5")));
    EXPECT_EQ(profile.device().geometry, (SramGeometry{20, 1024, 16, 1}));
    EXPECT_EQ(profile.header().info.provenance, Provenance::kMeasured);
    for (const auto& [voltage, count] : kPlanted) {
        EXPECT_EQ(ProfileChips(profile).faults(0, {voltage})->failingCells(), count);
    }
}

TEST(ImportedProfile, ExportedAsADumpHasTheBytesItCameFrom) {
    const TemporaryFolder folder;
    for (const bool mirrored : {false, true}) {
        SyntheticDump dump(6, mirrored);
        dump.plantColumns(kPlanted, 0.9, 4);
        ImportOptions options;
        options.dedupBytes = mirrored;
        const Profile profile = importTo(
            folder / "chip.h5", {{"0.53V", dump.text(0.53)}, {"0.59V", dump.text(0.59)}}, options);
        const ExportResult result = exportHexDumps(profile, 0, options, (folder / "out").string());
        ASSERT_EQ(result.files.size(), 2U);
        EXPECT_EQ(result.hidden, 0U);
        EXPECT_TRUE(readFile(folder / "out-0.53V.hex") == dump.text(0.53));
        EXPECT_TRUE(readFile(folder / "out-0.59V.hex") == dump.text(0.59));
    }
}

TEST(ImportedProfile, ExportUndoesTheMapOfTheImport) {
    const TemporaryFolder folder;
    SyntheticDump dump(4);
    dump.plantColumns(kPlanted, 0.5, 5);
    ImportOptions options;
    options.map.selectBits = {{1, false}, {0x200, false}};
    options.map.rowBits = {{2, false},    {4, false},    {0x8 | 0x100, false}, {0x10, true},
                           {0x20, false}, {0x40, false}, {0x80, false}};
    options.map.arrayBits = {{0x100, false}};
    options.map.arrayOrder = {7, 6, 5, 4, 0, 1, 2, 3};
    options.map.msbFirst = true;
    options.map.complementColumns.odd = true;
    options.map.complementRows.listed = {3, 4};
    const Profile profile = importTo(folder / "chip.h5", {{"0.53V", dump.text(0.53)}}, options);
    EXPECT_EQ(profile.device().geometry, (SramGeometry{8, 128, 64, 4}));
    exportHexDumps(profile, 0, options, (folder / "out").string());
    EXPECT_TRUE(readFile(folder / "out-0.53V.hex") == dump.text(0.53));
}

TEST(ImportedProfile, ExportedAsALogAndImportedAgainHasTheSameCounts) {
    const TemporaryFolder folder;
    ImportOptions options;
    options.format = ImportFormat::kCsv;
    options.map.arrays = 3;
    options.map.rows = 8;
    options.map.columns = 16;
    options.map.columnMux = 2;
    std::mt19937 random(9);
    std::string log = "chip,array,voltage,row,column,expected,fails,reads\n";
    for (int i = 0; i < 300; ++i) {
        log += std::string(random() % 2 == 0 ? "A" : "B") + "," + std::to_string(random() % 3) +
               "," + (random() % 2 == 0 ? "0.58" : "0.6") + "," + std::to_string(random() % 8) +
               "," + std::to_string(random() % 16) + "," + std::to_string(random() % 2) + "," +
               std::to_string(random() % 9) + ",1000\n";
    }
    const Profile first = importTo(folder / "first.h5", {{"log.csv", log}}, options);
    exportCsv(first, folder / "again.csv");
    const Profile second =
        importTo(folder / "second.h5", {{"again.csv", readFile(folder / "again.csv")}}, options);
    EXPECT_EQ(first.device().geometry, second.device().geometry);
    EXPECT_EQ(first.counts()->conditions().voltages, second.counts()->conditions().voltages);
    EXPECT_TRUE(countsOf(first) == countsOf(second));
    exportCsv(second, folder / "third.csv");
    EXPECT_EQ(readFile(folder / "again.csv"), readFile(folder / "third.csv"));
}

TEST(ImportedProfile, OfALogHasWhatH5pyReads) {
    const TemporaryFolder folder;
    ImportOptions options;
    options.format = ImportFormat::kCsv;
    options.reads = 100;
    options.map.rows = 4;
    options.map.columns = 8;
    importTo(folder / "chip.h5", {{"0.58V.csv", "row,column,expected,fails\n2,3,1,42\n"}}, options);
    writeAtomically(folder / "read.py",
                    "import h5py\n"
                    "c = h5py.File('chip.h5')['cells/counts']\n"
                    "assert c['fails10'][0, 0, 0, 0, 2, 3] == 42\n"
                    "assert c['fails10'][0, 0, 0, 0].sum() == 42\n"
                    "assert 'fails01' not in c\n"
                    "assert c['voltage'][0] == 0.58\n");
    EXPECT_EQ(
        std::system(("cd " + folder.path().string() + " && /usr/bin/python3 read.py").c_str()), 0);
}

TEST(ImportedProfile, WithAMixedBackgroundKeepsTheUnmeasuredHalfUnmeasured) {
    const TemporaryFolder folder;
    ImportOptions options;
    options.background = 0xAAAA;
    options.wordsPerBlock = 2;
    const Profile profile = importTo(folder / "chip.h5", {{"0.5V", "AAABAAAA"}}, options);
    CountsPlace place;
    EXPECT_EQ(profile.counts()->array(place).fails[0], 1U);
    EXPECT_EQ(profile.counts()->array(place).fails[1], kNotMeasured);
    place.direction = FailDirection::k10;
    EXPECT_EQ(profile.counts()->array(place).fails[0], kNotMeasured);
    EXPECT_EQ(profile.counts()->array(place).fails[1], 0U);
}

TEST(ImportedProfile, IsNotThereWhenWritingItFails) {
    const TemporaryFolder folder;
    const auto measurement = readTexts({{"0.5V", std::string(4096, 'F')}}, {});
    int calls = 0;
    EXPECT_THROW(writeMeasurement(folder / "chip.h5", header(), *measurement,
                                  [&](double) {
                                      ++calls;
                                      throw Error("test", "interrupted");
                                  }),
                 Error);
    EXPECT_EQ(calls, 1);
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(ExportErrors, SayWhatAFormatCantHold) {
    const TemporaryFolder folder;
    ImportOptions options;
    options.wordsPerBlock = 4;
    const Profile profile = importTo(folder / "chip.h5", {{"0.5V", "FFFFFFFEFFFFFFFF"}}, options);
    const auto error = [&](const ImportOptions& with, std::uint32_t chip = 0) -> std::string {
        try {
            exportHexDumps(profile, chip, with, (folder / "out").string());
        } catch (const Error& problem) {
            return problem.what();
        }
        return "";
    };
    EXPECT_THAT(error(options, 1), HasSubstr("has no chip 1"));
    ImportOptions other = options;
    other.background = 0;
    EXPECT_THAT(error(other), HasSubstr("was not measured in the direction"));
    other = options;
    other.wordsPerBlock = 8;
    EXPECT_THAT(error(other), HasSubstr("the dump's words make 8 x 16"));
    for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
        EXPECT_EQ(entry.path().filename(), "chip.h5");
    }
}

}  // namespace
}  // namespace brownout::test
