#include "profiles/import/npy_array.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>

#include "base/atomic_file.h"
#include "base/temporary_files.h"
#include "tests/base/npy_file.h"
#include "tests/import/collected.h"

namespace brownout::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

ImportOptions counts(std::uint32_t reads) {
    ImportOptions options;
    options.format = ImportFormat::kNpy;
    options.reads = reads;
    options.values = ArrayValues::kCounts;
    return options;
}

CountsPlace placeOf(std::uint32_t array, FailDirection direction) {
    CountsPlace place;
    place.array = array;
    place.direction = direction;
    return place;
}

// Somebody else's program writes the arrays: every type, order and shape means the same counts.
TEST(NpyArray, OfAnyTypeOrderAndShapeMeansWhatNumPyMeans) {
    const TemporaryFolder folder;
    writeAtomically(folder / "write.py", R"(
import numpy as np
cells = np.zeros((3, 4, 8), dtype=int)      # arrays, rows, columns
cells[0, 1, 2], cells[2, 3, 7], cells[1, 0, 0] = 5, 7, 1
for order in 'CF':
    for dtype in '|u1 <u2 >u2 <u4 >u4 <u8 |i1 <i2 >i4 <i8'.split():
        name = 'counts-%s-%s' % (order, dtype.strip('<|').replace('>', 'big'))
        np.save('3d-' + name, np.array(cells, dtype=dtype, order=order))
        np.save('2d-' + name, np.array(cells.reshape(12, 8), dtype=dtype, order=order))
    for dtype in '<f4 >f4 <f8 >f8'.split():
        name = 'p-%s-%s' % (order, dtype.strip('<').replace('>', 'big'))
        np.save('3d-' + name, np.array(cells / 10, dtype=dtype, order=order))
for version in (1, 2, 3):
    with open('3d-counts-v%d.npy' % version, 'wb') as file:
        np.lib.format.write_array(file, cells.astype('<u2'), version=(version, 0))
)");
    ASSERT_EQ(
        std::system(("cd " + folder.path().string() + " && /usr/bin/python3 write.py").c_str()), 0);
    int files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
        if (entry.path().extension() != ".npy") continue;
        const std::string name = entry.path().filename().string();
        ImportOptions options = counts(10);
        if (name.find("-p-") != std::string::npos) options.values.reset();
        if (name[0] == '2') options.map.rows = 4;
        std::vector<ImportFile> inputs;
        inputs.push_back({openInput(entry.path().string()), 0.58, FailDirection::k01});
        ImportNotes notes;
        Collected got;
        readMeasurement(inputs, options, folder.path(), notes)->deliver(got);
        EXPECT_EQ(got.geometry, (SramGeometry{3, 4, 8, 1})) << name;
        EXPECT_EQ(got.failing(0, FailDirection::k01), 3U) << name;
        EXPECT_EQ(got.at(placeOf(0, FailDirection::k01), 1, 2), 5U) << name;
        EXPECT_EQ(got.at(placeOf(2, FailDirection::k01), 3, 7), 7U) << name;
        EXPECT_EQ(got.at(placeOf(1, FailDirection::k01), 0, 0), 1U) << name;
        ++files;
    }
    EXPECT_EQ(files, 2 * (2 * 10 + 4) + 3);
}

TEST(NpyArray, FlagsAreBooleans) {
    ImportOptions options;
    options.format = ImportFormat::kNpy;
    const std::string p01("\0\1\0\0", 4), p10("\0\1\1\0", 4);
    const Collected got = importTexts({{"p01-0.5V.npy", npyFile("|b1", "(2, 2)", p01)},
                                       {"p10-0.5V.npy", npyFile("|b1", "(2, 2)", p10)}},
                                      options);
    EXPECT_EQ(got.at(placeOf(0, FailDirection::k01), 0, 1), 1U);
    EXPECT_EQ(got.at(placeOf(0, FailDirection::k10), 1, 0), 1U);
    EXPECT_EQ(got.failing(0, FailDirection::k10), 2U);
    EXPECT_EQ(got.mostTrials, 1U);
}

TEST(NpyArray, WordsAreComparedWithTheBackground) {
    ImportOptions options;
    options.format = ImportFormat::kNpy;
    options.wordsPerBlock = 2;
    const std::string words("\xFF\xFF\xFF\xFF\xFF\xFE\xFF\xFF", 8);
    const Collected got = importTexts({{"0.5V.npy", npyFile(">u2", "(4,)", words)}}, options);
    EXPECT_EQ(got.geometry, (SramGeometry{2, 2, 16, 1}));
    EXPECT_EQ(got.at(placeOf(1, FailDirection::k10), 0, 0), 1U);
    EXPECT_EQ(got.failing(0, FailDirection::k10), 1U);
    EXPECT_EQ(importTexts({{"0.5V.npy", npyFile("<u2", "(2, 2)", words)}},
                          [&] {
                              options.values = ArrayValues::kWords;
                              return options;
                          }())
                  .at(placeOf(1, FailDirection::k10), 0, 8),
              1U);
}

std::string npyError(const std::string& content, ImportOptions options = counts(10)) {
    return errorOf({{"p01-0.5V.npy", content}}, options);
}

TEST(NpyArrayErrors, NameWhatIsWrong) {
    const std::string four(4, '\0');
    EXPECT_THAT(npyError(""), HasSubstr("p01-0.5V.npy: doesn't begin as a NumPy file"));
    EXPECT_THAT(npyError("\x93NUMPY"), HasSubstr("doesn't begin"));
    EXPECT_THAT(npyError(std::string("\x93NUMPY\x04\0", 8)), HasSubstr("version 4"));
    EXPECT_THAT(npyError(std::string("\x93NUMPY\x01\0", 8)), HasSubstr("ends in the header"));
    EXPECT_THAT(npyError(std::string("\x93NUMPY\x01\0\x50\0{'descr'", 18)),
                HasSubstr("ends in the header"));
    EXPECT_THAT(npyError(std::string("\x93NUMPY\x02\0\xFF\xFF\xFF\xFF", 12)),
                HasSubstr("4294967295 bytes"));
    EXPECT_THAT(npyError(npyFile("<c8", "(2, 2)", four)), HasSubstr("type '<c8'"));
    EXPECT_THAT(npyError(npyFile("<u3", "(2, 2)", four)), HasSubstr("type '<u3'"));
    EXPECT_THAT(npyError(npyFile("|O", "(2, 2)", four)), HasSubstr("type '|O'"));
    EXPECT_THAT(npyError(npyFile("=u2", "(2, 2)", four)), HasSubstr("type '=u2'"));
    EXPECT_THAT(npyError(npyFile("<c8", "(2, 2)", four)), HasSubstr("type '<c8'"));
    EXPECT_THAT(npyError(npyFile("|u1", "(2, -2)", four)), HasSubstr("no list of numbers"));
    EXPECT_THAT(npyError(npyFile("|u1", "(2 2)", four)), HasSubstr("the header has"));
    EXPECT_THAT(npyError(npyFile("|u1", "()", four)), HasSubstr("the shape ()"));
    EXPECT_THAT(npyError(npyFile("|u1", "(4,)", four)), HasSubstr("the shape (4)"));
    EXPECT_THAT(npyError(npyFile("|u1", "(0, 4)", "")), HasSubstr("the shape (0, 4)"));
    EXPECT_THAT(npyError(npyFile("|u1", "(1, 1, 2, 2)", four)), HasSubstr("the shape"));
    EXPECT_THAT(npyError(npyFile("|u1", "(99999999999, 99999999999)", four)),
                HasSubstr("2^36 elements"));
    EXPECT_THAT(npyError(npyFile("|u1", "(3, 2)", four)),
                HasSubstr("ends after 4 elements; expected 6"));
    EXPECT_THAT(npyError(npyFile("|u1", "(1, 2)", four)), HasSubstr("goes on after its 2"));
    EXPECT_THAT(npyError(npyFile("|u1", "(2, 2)", std::string("\0\0\x0B\0", 4))),
                HasSubstr("element 2 is 11; expected a whole number from 0 to 10"));
    EXPECT_THAT(npyError(npyFile("|i1", "(2, 2)", std::string("\0\0\xFF\0", 4))),
                HasSubstr("element 2 is -1"));
    EXPECT_THAT(npyError(std::string("\x93NUMPY\x01\0\x10\0{'shape': (2,2)}", 26)),
                HasSubstr("not all of descr"));
}

TEST(NpyArrayErrors, NanAndOtherNumbersThatAreNoProbability) {
    ImportOptions options = counts(10);
    options.values.reset();
    for (const double value : {std::nan(""), -0.1, 1.1, 0.55, 1e300, -1e300}) {
        std::string data(8, '\0');
        std::memcpy(data.data(), &value, 8);
        EXPECT_THAT(npyError(npyFile("<f8", "(1, 1)", data), options),
                    AllOf(HasSubstr("element 0 is "), HasSubstr("expected a multiple of 1/10")));
    }
}

TEST(NpyArrayErrors, OptionsThatAreMissingAreNamed) {
    ImportOptions options = counts(10);
    options.values.reset();
    const std::string good = npyFile("|u1", "(2, 2)", std::string(4, '\0'));
    EXPECT_THAT(npyError(good, options), HasSubstr("--values"));
    options = counts(10);
    options.reads.reset();
    EXPECT_THAT(npyError(good, options), HasSubstr("--reads"));
    EXPECT_THAT(errorOf({{"0.5V.npy", good}}, counts(10)), HasSubstr("--direction"));
    EXPECT_THAT(errorOf({{"p01-0.5V.npy", good}, {"p01-500mV.npy", good}}, counts(10)),
                HasSubstr("p01-500mV.npy: a second file of 0.5 V and direction 01"));
    EXPECT_THAT(errorOf({{"p01-0.5V.npy", good},
                         {"p01-0.6V.npy", npyFile("|u1", "(3, 2)", std::string(6, '\0'))}},
                        counts(10)),
                HasSubstr("p01-0.6V.npy: has 3 rows; expected"));
}

}  // namespace
}  // namespace brownout::test
