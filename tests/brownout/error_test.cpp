#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "base/atomic_file.h"
#include "tests/brownout/program.h"

namespace brownout::test {
namespace {

using testing::HasSubstr;

/// A wrong use of the program and what its one line must name.
struct WrongUse {
    const char* name;
    std::vector<std::string> arguments;  ///< $ is the test's folder, % the source tree
    int status;
    const char* named;
};

void PrintTo(const WrongUse& use, std::ostream* out) { *out << use.name; }

const std::vector<std::string> kSweep{"sweep", "-d", "fashion-mnist", "--images", "10", "--quiet"};

std::vector<std::string> sweep(const std::vector<std::string>& more) {
    auto all = kSweep;
    all.insert(all.end(), more.begin(), more.end());
    return all;
}

const char kModel[] = "%/inference/zoo/fashion-rquant.onnx";
const char kCounts[] = "%/tests/profiles/golden/counts-1.1.h5";
const char kProfile[] = "%/profiles/14nm.h5";

class Program : public testing::TestWithParam<WrongUse> {
 protected:
    Program() {
        // One good file of each kind, damaged in the ways that happen.
        const std::string model = readFile(zoo("rquant"));
        const std::string profile = readFile(source("profiles/14nm.h5"));
        writeAtomically(folder_ / "empty", "");
        writeAtomically(folder_ / "text", "this is no such file\n");
        writeAtomically(folder_ / "half.onnx", model.substr(0, model.size() / 2));
        writeAtomically(folder_ / "half.h5", profile.substr(0, profile.size() / 2));
        std::string flipped = profile;
        flipped[flipped.size() / 2] = static_cast<char>(flipped[flipped.size() / 2] ^ 0x40);
        writeAtomically(folder_ / "flipped.h5", flipped);
        if (GetParam().named == std::string("one array")) {
            run({"profile", "generate", "--chips", "1", "--arrays", "1", "-o", folder_ / "one.h5"});
        }
        std::filesystem::create_directory(folder_.path() / "folder");
        writeAtomically(folder_ / "images-idx3-ubyte", std::string("\0\0\x08\x03\0\0\0\x0a", 8));
    }

    TemporaryFolder folder_;
};

TEST_P(Program, SaysWhatIsWrongInOneLine) {
    const RunResult result = run(folder_.expand(GetParam().arguments));
    EXPECT_EQ(result.status, GetParam().status) << result.err;
    EXPECT_EQ(result.out, "");
    EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
    EXPECT_THAT(result.err, HasSubstr(GetParam().named));
    EXPECT_EQ(result.err.rfind("brownout: ", 0), 0U) << result.err;
    // Nothing half-written.
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_.path())) {
        EXPECT_NE(entry.path().extension(), ".part") << entry.path();
    }
    EXPECT_FALSE(std::filesystem::exists(folder_ / "out.h5"));
}

INSTANTIATE_TEST_SUITE_P(
    WrongUses, Program,
    testing::Values(
        WrongUse{"UnknownCommand", {"swep"}, 2, "swep"},
        WrongUse{"FaultsOfNoChip", {"faults", "-m", kModel, "-o", "$/out.h5"}, 2, "--ber"},
        WrongUse{"FaultsAtTwoSupplies",
                 {"faults", "-m", kModel, "-p", kProfile, "-v", "0.8,0.9", "-o", "$/out.h5"},
                 2,
                 "--voltages"},
        WrongUse{"FaultsOfALayoutThatIsNone",
                 {"faults", "-m", kModel, "--ber", "0.1", "--offset", "1", "-o", "$/out.h5"},
                 2,
                 "--offset"},
        WrongUse{"UnknownOption", sweep({"--voltage", "1"}), 2, "voltage"},
        WrongUse{"NoModel", sweep({"--ber", "0.1"}), 2, "--model"},
        WrongUse{"AccountNoAccelerator", {"account", "-m", kModel}, 2, "--accelerator is missing"},
        WrongUse{"AccountUnknownAccelerator",
                 {"account", "-m", kModel, "-a", "big"},
                 2,
                 "--accelerator: 'big' is no file; expected one, or one of edge-16x16"},
        WrongUse{"AccountNoYaml", {"account", "-m", kModel, "-a", "$/text"}, 1, "text:1: expected"},
        WrongUse{"AccountEmptyFile", {"account", "-m", kModel, "-a", "$/empty"}, 1, "is empty"},
        WrongUse{"AccountProfileOfNoMemory",
                 {"account", "-m", kModel, "-a", "edge-16x16", "-p", "sums=%/profiles/14nm.h5"},
                 2,
                 "--profile: 'sums' is no memory of"},
        WrongUse{"AccountProfileWithoutName",
                 {"account", "-m", kModel, "-a", "edge-16x16", "-p", "chip.h5"},
                 2,
                 "--profile: 'chip.h5'; expected MEMORY=FILE"},
        WrongUse{"AccountVoltageBelowTheTable",
                 {"account", "-m", kModel, "-a", "edge-16x16", "-v", "0.5"},
                 2,
                 "--voltages: 0.5 is outside the energy table of memory 'weights', 0.75 to 1"},
        WrongUse{"AccountVolts",
                 {"account", "-m", kModel, "-a", "edge-16x16", "-v", "0.5V"},
                 2,
                 "--voltages: memory 'weights' has its energies in Vmin"},
        WrongUse{"AccountSupplyOfNothing",
                 {"account", "-m", kModel, "-a", "edge-16x16", "--supply", "sums=1"},
                 2,
                 "--supply: 'sums' is no memory or domain"},
        WrongUse{"AccountArrayInVmin",
                 {"account", "-m", kModel, "-a", "edge-16x16", "--supply", "array=0.9"},
                 2,
                 "--supply: 'array=0.9'; expected volts"},
        WrongUse{"AccountNoImages",
                 {"account", "-m", kModel, "-a", "edge-16x16", "--batch", "0"},
                 2,
                 "--batch: '0'"},
        WrongUse{"NoData", {"sweep", "-m", kModel, "--ber", "0.1"}, 2, "--data"},
        WrongUse{"ProfileAndBer", sweep({"-m", kModel, "--ber", "0.1", "-p", kProfile}), 2,
                 "--ber"},
        WrongUse{"BadRate", sweep({"-m", kModel, "--ber", "2"}), 2, "2"},
        WrongUse{"BadVoltage", sweep({"-m", kModel, "-p", kProfile, "-v", "1,,2"}), 2,
                 "--voltages"},
        WrongUse{"VoltageNotANumber", sweep({"-m", kModel, "-p", kProfile, "-v", "1,x"}), 2, "x"},
        WrongUse{"VoltageTooLow", sweep({"-m", kModel, "-p", kProfile, "-v", "0.7"}), 1, "0.7"},
        WrongUse{"VoltsWithoutVmin", sweep({"-m", kModel, "-p", kProfile, "-v", "0.6V"}), 1,
                 "14nm.h5"},
        WrongUse{"TooManyChips", sweep({"-m", kModel, "-p", kProfile, "--chips", "999"}), 2, "999"},
        WrongUse{"BadPrecision", sweep({"-m", kModel, "--ber", "0.1", "--precision", "fine"}), 2,
                 "--precision: 'fine'"},
        WrongUse{"PrecisionOfTop5",
                 sweep({"-m", kModel, "--ber", "0.1", "--precision", "1", "--top", "5"}), 2,
                 "--precision: goes with the error of the first class"},
        WrongUse{"PrecisionOfOffsets",
                 sweep({"-m", kModel, "--ber", "0.1", "--precision", "1", "--offsets", "4"}), 2,
                 "--precision: goes with one layout offset"},
        WrongUse{"PrecisionOfMse",
                 sweep({"-m", kModel, "--ber", "0.1", "--precision", "1", "--task", "mse"}), 2,
                 "--precision: goes with the task top1"},
        WrongUse{"PrecisionOfAShard",
                 sweep({"-m", kModel, "--ber", "0.1", "--precision", "1", "--shard", "0/2", "--out",
                        "$/shard"}),
                 2, "--shard: doesn't go with --precision"},
        WrongUse{"NoChips", sweep({"-m", kModel, "--ber", "0.1", "--chips", "0"}), 2, "--chips"},
        WrongUse{"ChipsBeyondCounting",
                 sweep({"-m", kModel, "--ber", "0.1", "--chips", "4294967297"}), 2,
                 "--chips: 4294967297; expected at most "},
        WrongUse{"RowsBeyondCounting",
                 {"profile", "generate", "--rows", "4294967297", "-o", "$/out.h5"},
                 2,
                 "--rows: 4294967297; expected at most "},
        WrongUse{
            "TooManyImages",
            {"sweep", "-m", kModel, "-d", "fashion-mnist", "--ber", "0.1", "--images", "10001"},
            2,
            "10001"},
        WrongUse{"BadBits", sweep({"-m", kModel, "--ber", "0.1", "--bits", "17"}), 2, "17"},
        WrongUse{"BadQuantizer", sweep({"-m", kModel, "--ber", "0.1", "--quantizer", "best"}), 2,
                 "best"},
        WrongUse{"BadStore", sweep({"-m", kModel, "--ber", "0.1", "--store", "cupboard"}), 2,
                 "cupboard"},
        WrongUse{"BadCodec", sweep({"-m", kModel, "--ber", "0.1", "--codec", "crc"}), 2, "crc"},
        WrongUse{"BadProtection", sweep({"-m", kModel, "--ber", "0.1", "--protection", "crc"}), 2,
                 "--protection: 'crc'"},
        WrongUse{"ProtectionAndCodec",
                 sweep({"-m", kModel, "--ber", "0.1", "--protection", "parity", "--codec", "none"}),
                 2, "another name"},
        WrongUse{"CodecTwice", sweep({"-m", kModel, "--ber", "0.1", "--codec", "none,none"}), 2,
                 "twice"},
        WrongUse{"BadDetected",
                 sweep({"-m", kModel, "--ber", "0.1", "--codec", "parity", "--detected", "null"}),
                 2, "null"},
        WrongUse{"DetectedWithoutCodec",
                 sweep({"-m", kModel, "--ber", "0.1", "--detected", "zero-weight"}), 2,
                 "--detected"},
        WrongUse{"CodecOnAChipOfOneArray",
                 sweep({"-m", kModel, "-p", "$/one.h5", "--chips", "1", "--codec", "secded"}), 1,
                 "one array"},
        WrongUse{"BadInterleave", sweep({"-m", kModel, "--ber", "0.1", "--interleave", "no"}), 2,
                 "no"},
        WrongUse{"MissingModel", sweep({"-m", "$/none.onnx", "--ber", "0.1"}), 1, "none.onnx"},
        WrongUse{"ModelIsAFolder", sweep({"-m", "$/folder", "--ber", "0.1"}), 1, "folder"},
        WrongUse{"EmptyModel", sweep({"-m", "$/empty", "--ber", "0.1"}), 1, "empty"},
        WrongUse{"ModelIsText", sweep({"-m", "$/text", "--ber", "0.1"}), 1, "text"},
        WrongUse{"ModelIsAProfile", sweep({"-m", kProfile, "--ber", "0.1"}), 1, "14nm.h5"},
        WrongUse{"HalfAModel", sweep({"-m", "$/half.onnx", "--ber", "0.1"}), 1, "half.onnx"},
        WrongUse{"MissingProfile", sweep({"-m", kModel, "-p", "$/none.h5"}), 1, "none.h5"},
        WrongUse{"ProfileIsAFolder", sweep({"-m", kModel, "-p", "$/folder"}), 1, "folder"},
        WrongUse{"EmptyProfile", sweep({"-m", kModel, "-p", "$/empty"}), 1, "empty"},
        WrongUse{"ProfileIsText", sweep({"-m", kModel, "-p", "$/text"}), 1, "text"},
        WrongUse{"ProfileIsAModel", sweep({"-m", kModel, "-p", kModel}), 1, "rquant.onnx"},
        WrongUse{"HalfAProfile", sweep({"-m", kModel, "-p", "$/half.h5"}), 1, "half.h5"},
        WrongUse{"FlippedBitInProfile", sweep({"-m", kModel, "-p", "$/flipped.h5"}), 1,
                 "flipped.h5"},
        WrongUse{"SeveralTemperatures", sweep({"-m", kModel, "-p", kCounts}), 1,
                 "expected to be asked for one of 25, 85 degrees"},
        WrongUse{"TemperatureThatWasNotMeasured",
                 sweep({"-m", kModel, "-p", kCounts, "--temperature", "40"}), 1,
                 "nothing about 40 degrees Celsius, and not how to interpolate; there is 25, 85"},
        WrongUse{"VoltageThatWasNotMeasured",
                 sweep({"-m", kModel, "-p", kCounts, "--temperature", "25", "-v", "0.52V"}), 1,
                 "0.52 V was not measured; the profile has counts at 0.5, 0.55"},
        WrongUse{"TemperatureThatNobodyKnows",
                 sweep({"-m", kModel, "-p", kProfile, "--temperature", "25"}), 1,
                 "14nm.h5: doesn't say at which temperature"},
        WrongUse{"TemperatureIsAWord",
                 sweep({"-m", kModel, "-p", kProfile, "--temperature", "hot"}), 2, "hot"},
        WrongUse{"ResampleWhenever", sweep({"-m", kModel, "-p", kProfile, "--resample", "often"}),
                 2, "'often'; expected load or read-batch"},
        WrongUse{"ReadBatchWithoutResample",
                 sweep({"-m", kModel, "-p", kProfile, "--read-batch", "8"}), 2,
                 "--resample read-batch"},
        WrongUse{"ResampleUniformErrors",
                 sweep({"-m", kModel, "--ber", "0.1", "--resample", "read-batch"}), 2,
                 "uniform errors don't vary"},
        WrongUse{"ConvertToNothing",
                 {"profile", "convert", kProfile, "-o", "$/out.h5", "--to", "recipe"},
                 2,
                 "expected counts or threshold"},
        WrongUse{"ConvertWithoutTo", {"profile", "convert", kProfile, "-o", "$/out.h5"}, 2, "--to"},
        WrongUse{"ConvertCountsToCounts",
                 {"profile", "convert", kCounts, "-o", "$/out.h5", "--to", "counts"},
                 1,
                 "holds counts already"},
        WrongUse{"ConvertBelowTheProfile",
                 {"profile", "convert", kProfile, "-o", "$/out.h5", "--to", "counts", "-v", "0.5"},
                 1,
                 "outside the profile"},
        WrongUse{"MissingData", {"sweep", "-m", kModel, "-d", "$/none", "--ber", "0.1"}, 1, "none"},
        WrongUse{"EmptyFolderOfData",
                 {"sweep", "-m", kModel, "-d", "$/folder", "--ber", "0.1"},
                 1,
                 "folder"},
        WrongUse{
            "DataIsAProfile", {"sweep", "-m", kModel, "-d", kProfile, "--ber", "0.1"}, 1, "images"},
        WrongUse{"HalfTheData",
                 {"sweep", "-m", kModel, "-d", "$/images-idx3-ubyte", "--ber", "0.1"},
                 1,
                 "idx"},
        WrongUse{"OutIsAFile", sweep({"-m", kModel, "--ber", "0.1", "--out", "$/text"}), 1, "text"},
        WrongUse{"OutBelowAFile", sweep({"-m", kModel, "--ber", "0.1", "--out", "$/text/results"}),
                 1, "text"},
        WrongUse{"MissingConfig", {"sweep", "--config", "$/none.conf"}, 1, "none.conf"},
        WrongUse{"BadConfig", {"sweep", "--config", "$/text"}, 2, "text"},
        WrongUse{"ConfigIsAFolder", {"sweep", "--config", "$/folder"}, 1, "is a folder"},
        WrongUse{"ConfigIsADevice", {"sweep", "--config", "/dev/zero"}, 1, "is a device"},
        WrongUse{"NegativeSeed", sweep({"-m", kModel, "--ber", "0.1", "--seed", "-1"}), 2,
                 "--seed: '-1'; expected a whole number"},
        WrongUse{"SeedInHexadecimal", sweep({"-m", kModel, "--ber", "0.1", "--seed", "0x10"}), 2,
                 "--seed: '0x10'"},
        WrongUse{"SeedBeyondCounting",
                 sweep({"-m", kModel, "--ber", "0.1", "--seed", "18446744073709551616"}), 2,
                 "beyond 2^64"},
        WrongUse{"NegativeThreads", sweep({"-m", kModel, "--ber", "0.1", "--threads", "-4"}), 2,
                 "--threads: '-4'"},
        WrongUse{"ChipsWithASign", sweep({"-m", kModel, "--ber", "0.1", "--chips", "+4"}), 2,
                 "--chips: '+4'"},
        WrongUse{"RateIsNotANumber", sweep({"-m", kModel, "--ber", "nan"}), 2, "--ber: 'nan'"},
        WrongUse{"RateIsInfinite", sweep({"-m", kModel, "--ber", "inf"}), 2, "--ber: 'inf'"},
        WrongUse{"RateInHexadecimal", sweep({"-m", kModel, "--ber", "0x1p-3"}), 2,
                 "--ber: '0x1p-3'"},
        WrongUse{"NegativeRate", sweep({"-m", kModel, "--ber", "-0.1"}), 2, "-0.1"},
        WrongUse{"VoltageOfTwoNegatives", sweep({"-m", kModel, "-p", kProfile, "-v", "-22/-24"}), 2,
                 "'-22/-24' is no supply"},
        WrongUse{"VoltageIsZero", sweep({"-m", kModel, "-p", kProfile, "-v", "0"}), 2,
                 "'0' is no supply"},
        WrongUse{"VoltageBeyondNumbers", sweep({"-m", kModel, "-p", kProfile, "-v", "1e999"}), 2,
                 "1e999"},
        WrongUse{"RangeWithoutStep", sweep({"-m", kModel, "-p", kProfile, "-v", "1:0.8:nan"}), 2,
                 "nan"},
        WrongUse{"TemperatureWithoutProfile",
                 sweep({"-m", kModel, "--ber", "0.1", "--temperature", "25"}), 2,
                 "--temperature: needs --profile"},
        WrongUse{"EmptyOut", {"profile", "generate", "-o", ""}, 2, "out"},
        WrongUse{"EmptyModel2", sweep({"-m", "", "--ber", "0.1"}), 2, "model"},
        WrongUse{"OutIsADevice", {"profile", "generate", "-o", "/dev/null"}, 1, "it is a device"},
        WrongUse{"NetworkIsADevice", {"inspect", "/dev/zero"}, 1, "/dev/zero: is a device"},
        WrongUse{"DataAreADevice",
                 {"infer", "-m", kModel, "-d", "/dev/zero"},
                 1,
                 "/dev/zero: is a device or a pipe"},
        WrongUse{"ProfileIsADevice", {"profile", "info", "/dev/zero"}, 1, "/dev/zero"},
        WrongUse{"VminIsInfinite",
                 {"profile", "import", "-f", "csv", "-o", "$/out.h5", "--vmin", "inf", "$/text"},
                 2,
                 "--vmin"},
        WrongUse{"UnknownPreset",
                 {"profile", "generate", "--preset", "3nm", "-o", "$/out.h5"},
                 2,
                 "3nm"},
        WrongUse{"GenerateWithoutOut", {"profile", "generate"}, 2, "--out"},
        WrongUse{"GenerateIntoNowhere",
                 {"profile", "generate", "-o", "$/none/out.h5"},
                 1,
                 "none/out.h5"},
        WrongUse{
            "BadGeometry", {"profile", "generate", "--columns", "65", "-o", "$/out.h5"}, 1, "65"},
        WrongUse{"NoSubcommand", {"profile"}, 2, "generate"},
        WrongUse{"UnknownSubcommand", {"profile", "frob"}, 2, "frob"},
        WrongUse{"InfoOfText", {"profile", "info", "$/text"}, 1, "text"},
        WrongUse{"InspectText", {"inspect", "$/text"}, 1, "text"},
        WrongUse{"InferIntoNowhere",
                 {"infer", "-m", kModel, "-d", "fashion-mnist", "--images", "5", "--out",
                  "$/none/logits.h5"},
                 1,
                 "none/logits.h5"},
        WrongUse{"ReportOfNothing", {"report", "$/folder"}, 1, "folder"}),
    [](const auto& use) { return std::string(use.param.name); });

// HDF5 1.10 ends a program that met such a file with a complaint of its own, which runs to pages.
TEST(DamagedHdf5, LeavesTheLibraryNothingToSayWhenTheProgramEnds) {
    const TemporaryFolder folder;
    const std::string sound = readFile(source("profiles/14nm.h5"));
    for (const std::size_t byte : {565U, 620U, 700U, 850U, 1000U, 1200U}) {
        std::string content = sound;
        content[byte] = static_cast<char>(content[byte] ^ 4);
        writeAtomically(folder / "damaged.h5", content);
        const RunResult result = run({"infer", "-m", zoo("rquant"), "-d", folder / "damaged.h5",
                                      "-o", folder / "logits.h5", "--quiet"});
        EXPECT_EQ(result.status, 1);
        EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
    }
}

// /dev/full: the result can't be printed.
TEST(FullDisk, IsOneLineWhateverTheCommandPrints) {
    for (const std::string& command :
         {std::string("--help"), std::string("--version"), std::string("sweep --help"),
          std::string("profile --help"), std::string("profile generate --help"),
          std::string("infer --help"), "inspect " + zoo("rquant"),
          "profile validate " + source("profiles/14nm.h5"),
          "sweep -q --ber 0.1 --chips 1 --images 1 -d fashion-mnist -m " + zoo("rquant")}) {
        const RunResult result = shell("$BROWNOUT " + command + " > /dev/full");
        EXPECT_EQ(result.status, 1) << command;
        EXPECT_EQ(result.err, "brownout: standard output: cannot be written\n") << command;
    }
}

// The program is run by an ordinary user here, because root may read everything.
TEST(Unreadable, FilesAndFoldersAreCalledSo) {
    const TemporaryFolder folder;
    std::filesystem::permissions(folder.path(), std::filesystem::perms::all);
    std::filesystem::create_directory(folder.path() / "closed");
    writeAtomically(folder / "closed/a.onnx", readFile(zoo("rquant")));
    writeAtomically(folder / "a.onnx", readFile(zoo("rquant")));
    std::filesystem::permissions(folder / "closed", std::filesystem::perms::none);
    std::filesystem::permissions(folder / "a.onnx", std::filesystem::perms::none);
    const auto program = asOrdinaryUser();
    if (!program) GTEST_SKIP() << "only this user can run the program where it was built";
    for (const char* command :
         {"inspect $FOLDER/a.onnx", "inspect $FOLDER/closed/a.onnx", "infer -d $FOLDER/closed -m ",
          "infer -d $FOLDER/closed/images -m ", "profile info $FOLDER/a.onnx",
          "profile info $FOLDER/closed/a.onnx", "sweep --config $FOLDER/a.onnx",
          "profile generate -o $FOLDER/closed/out.h5"}) {
        const std::string last = command;
        const RunResult result = shell(
            *program + " " + command + (last.back() == ' ' ? zoo("rquant") : ""), folder.path());
        EXPECT_EQ(result.status, 1) << command;
        EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
        EXPECT_THAT(result.err, HasSubstr("Permission denied")) << command;
    }
    std::filesystem::permissions(folder / "closed", std::filesystem::perms::all);
}

// A limit on the size of files stands for a full disk: writing fails half way, with another reason.
TEST(FullDisk, InferenceLeavesNoLogits) {
    const TemporaryFolder folder;
    const std::string command = "trap '' XFSZ; ulimit -f 8; " + std::string(BROWNOUT_PROGRAM) +
                                " infer --quiet -m " + zoo("rquant") +
                                " -d fashion-mnist --images 1000 --out " + (folder / "logits.h5") +
                                " > /dev/null 2> " + (folder / "err");
    const int status = std::system(command.c_str());
    EXPECT_EQ(WEXITSTATUS(status), 1);
    const std::string line = readFile(folder / "err");
    EXPECT_THAT(line, HasSubstr("logits.h5"));
    EXPECT_THAT(line, HasSubstr("too large"));
    EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1) << line;
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
        EXPECT_EQ(entry.path().filename(), "err");
        ++files;
    }
    EXPECT_EQ(files, 1U);
}

}  // namespace
}  // namespace brownout::test
