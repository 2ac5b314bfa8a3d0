// Text that files bring along, and their names, must not act on a terminal or break what reads the
// output.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/atomic_file.h"
#include "base/text.h"
#include "tests/brownout/program.h"

namespace brownout::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

const char kHostile[] =
    "\x1b[2J\x07\x9b"
    "31m\u009b\u202e\x7f";

/// Bytes other than printable UTF-8, newlines and tabs in what the program wrote.
void expectHarmless(const RunResult& result) {
    for (const std::string& text : {result.out, result.err}) {
        EXPECT_EQ(validUtf8(text), text);
        EXPECT_EQ(printable(text), text);
    }
}

/// A field of a protobuf message; short ones only.
std::string field(int number, const std::string& content) {
    return std::string{static_cast<char>(number << 3 | 2), static_cast<char>(content.size())} +
           content;
}

/// A network of the zoo that names its maker, and has metadata, in hostile text.
std::string hostileNetwork() {
    // Later fields of an ONNX file (producer_name is 2, metadata_props 14) replace or add to
    // earlier ones.
    return readFile(zoo("rquant")) + field(2, kHostile) +
           field(14, field(1, kHostile) + field(2, kHostile));
}

TEST(HostileText, OfANetworkIsShownAndDoesNothing) {
    const TemporaryFolder folder;
    writeAtomically(folder / "a.onnx", hostileNetwork());
    const RunResult table = run({"inspect", folder / "a.onnx"});
    ASSERT_EQ(table.status, 0) << table.err;
    expectHarmless(table);
    EXPECT_THAT(table.out, HasSubstr("\\x1b[2J\\x07\\x9b31m\\u009b\\u202e\\u007f"));
    const RunResult object = run({"inspect", folder / "a.onnx", "--json"});
    ASSERT_EQ(object.status, 0) << object.err;
    expectHarmless(object);
    // JSON's own escapes: what is UTF-8 comes back as it was.
    EXPECT_EQ(json::parse(object.out)["producer"].get<std::string>().rfind("\x1b[2J\x07\ufffd", 0),
              0U)
        << object.out.substr(0, 300);
}

TEST(HostileText, OfFileNamesIsShownAndDoesNothing) {
    const TemporaryFolder folder;
    const std::string name = folder / ("a" + std::string(kHostile) + ".onnx");
    writeAtomically(name, readFile(zoo("rquant")));
    const std::string results = folder / (std::string(kHostile) + "results");
    const std::vector<std::string> sweep{"sweep", "-m",    name,      "-d",         "fashion-mnist",
                                         "--ber", "0.01",  "--chips", "2",          "--images",
                                         "5",     "--out", results,   "--no-report"};
    const RunResult table = run(sweep);
    ASSERT_EQ(table.status, 0) << table.err;
    expectHarmless(table);
    EXPECT_THAT(table.out, HasSubstr("a\\x1b[2J"));
    for (const char* file : {"/sweep.json", "/trials.csv", "/summary.csv"}) {
        const std::string content = readFile(results + file);
        EXPECT_EQ(validUtf8(content), content) << file;
        EXPECT_EQ(content.find('\x1b'), std::string::npos) << file;
    }
    ASSERT_EQ(run({"report", results}).status, 0);
    const std::string page = readFile(results + "/report.html");
    EXPECT_EQ(printable(page), page);
    EXPECT_THAT(page, HasSubstr("a\\x1b[2J"));
    const RunResult missing = run({"inspect", name + "\nbrownout: all is well"});
    EXPECT_EQ(missing.status, 1);
    EXPECT_EQ(std::count(missing.err.begin(), missing.err.end(), '\n'), 1);
    expectHarmless(missing);
}

TEST(HostileText, OfNamesThatAreNoUtf8LeavesJsonReadable) {
    const TemporaryFolder folder;
    const std::string name = folder / "caf\xe9.onnx";
    writeAtomically(name, readFile(zoo("rquant")));
    for (const std::vector<std::string>& arguments :
         {std::vector<std::string>{"sweep", "-m", name, "-d", "fashion-mnist", "--ber", "0.01",
                                   "--chips", "2", "--images", "5", "--json", "--quiet"},
          {"infer", "-m", name, "-d", "fashion-mnist", "--images", "5", "--json", "--quiet"},
          {"inspect", name, "--json"}}) {
        const RunResult result = run(arguments);
        ASSERT_EQ(result.status, 0) << result.err;
        EXPECT_TRUE(json::accept(result.out)) << arguments[0];
        EXPECT_THAT(result.out, HasSubstr("caf\ufffd"));
    }
}

TEST(HostileText, OfOptionsAndTheirFileIsShownAndCut) {
    const TemporaryFolder folder;
    const std::string longWord(100000, 'x');
    writeAtomically(folder / "key.conf", std::string(kHostile) + " = 1\n");
    writeAtomically(folder / "long.conf", longWord + " = 1\n");
    for (const std::vector<std::string>& arguments :
         {std::vector<std::string>{"sweep", "--config", folder / "key.conf"},
          {"sweep", "--config", folder / "long.conf"},
          {"sweep", "--" + longWord},
          {"sweep", "--seed", kHostile},
          {"sweep", "-m", "a.onnx", "-d", "b", "--ber", longWord},
          {kHostile},
          {longWord},
          {"profile", longWord},
          {"inspect", longWord}}) {
        const RunResult result = run(arguments);
        EXPECT_NE(result.status, 0);
        EXPECT_LT(result.err.size(), 1000U);
        EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
        expectHarmless(result);
    }
}

}  // namespace
}  // namespace brownout::test
