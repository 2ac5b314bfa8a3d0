// Images as people have them, through the program: options, metadata, and what it says of them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/atomic_file.h"
#include "tests/brownout/program.h"

namespace brownout::test {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;

/// A field of a protobuf message; short ones only.
std::string field(int number, const std::string& content) {
    return std::string{static_cast<char>(number << 3 | 2), static_cast<char>(content.size())} +
           content;
}

/// A network of the zoo whose metadata (field 14 of an ONNX file) asks for these steps.
std::string networkAsking(const std::vector<std::pair<std::string, std::string>>& steps) {
    std::string network = readFile(zoo("rquant"));
    for (const auto& [key, value] : steps) {
        network += field(14, field(1, "brownout." + key) + field(2, value));
    }
    return network;
}

class Images : public testing::Test {
 protected:
    Images() {
        for (const char* name : {"rgb.png", "ycc.jpg"}) {
            writeAtomically(folder_ / name,
                            readFile(source(std::string("tests/inference/data/pictures/") + name)));
        }
        writeAtomically(folder_ / "list.csv", "file,label\nrgb.png,3\nycc.jpg,4\n");
    }
    TemporaryFolder folder_;
};

TEST_F(Images, OfAListAreResizedAndCroppedForInferAndSweep) {
    const std::vector<std::string> steps = {"--resize",        "28", "--crop", "28",
                                            "--labels-offset", "-1"};
    std::vector<std::string> infer = {"infer", "-m", zoo("rquant"), "-d", folder_ / "list.csv",
                                      "--json"};
    infer.insert(infer.end(), steps.begin(), steps.end());
    const RunResult inferred = run(infer);
    ASSERT_EQ(inferred.status, 0) << inferred.err;
    EXPECT_EQ(json::parse(inferred.out)["images"], 2);
    std::vector<std::string> sweep = {"sweep", "-m",   zoo("rquant"), "-d", folder_ / "list.csv",
                                      "--ber", "0.01", "--chips",     "2",  "--json"};
    sweep.insert(sweep.end(), steps.begin(), steps.end());
    const RunResult swept = run(sweep);
    ASSERT_EQ(swept.status, 0) << swept.err;
    const json plain = json::parse(swept.out)["campaign"]["data"];
    EXPECT_EQ(plain["name"], "list.csv");
    // Other values are other data.
    sweep.insert(sweep.end(), {"--mean", "0.5"});
    const json other = json::parse(run(sweep).out)["campaign"]["data"];
    EXPECT_NE(plain["fingerprint"], other["fingerprint"]);

    const RunResult unsized = run({"infer", "-m", zoo("rquant"), "-d", folder_ / "list.csv"});
    EXPECT_EQ(unsized.status, 1);
    EXPECT_THAT(unsized.err, AllOf(HasSubstr("list.csv:3: "), HasSubstr("ycc.jpg: has 13 x 19")));
}

TEST_F(Images, AreMadeAsTheNetworksMetadataSays) {
    writeAtomically(folder_ / "asks.onnx",
                    networkAsking({{"resize", "28"}, {"crop", "28"}, {"mean", "0.25"}}));
    const auto inferred = [&](const std::vector<std::string>& more) {
        std::vector<std::string> arguments = {"infer", "-m", folder_ / "asks.onnx", "-d",
                                              folder_ / "list.csv"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return run(arguments);
    };
    const RunResult result = inferred({});
    ASSERT_EQ(result.status, 0) << result.err;
    EXPECT_THAT(result.err, HasSubstr("asks.onnx says: resize 28, crop 28, mean 0.25\n"));
    EXPECT_THAT(inferred({"--mean", "0"}).err, HasSubstr("says: resize 28, crop 28\n"));
    writeAtomically(folder_ / "asks.onnx", networkAsking({{"resize", "big"}}));
    const RunResult wrong = inferred({});
    EXPECT_EQ(wrong.status, 1);
    EXPECT_THAT(wrong.err, HasSubstr("asks.onnx: metadata brownout.resize: 'big'; expected"));
}

TEST_F(Images, ThatNoNetworkCouldTellApartAreWarnedOf) {
    for (const std::string command : {"infer", "sweep", "tolerance"}) {
        SCOPED_TRACE(command);
        std::vector<std::string> arguments = {command,
                                              "-m",
                                              zoo(command == "tolerance" ? "bnn-plain" : "rquant"),
                                              "-d",
                                              "fashion-mnist",
                                              "--images",
                                              "100"};
        if (command != "infer") {
            arguments.insert(arguments.end(), {"--ber", "0.001,0.01", "--chips", "1"});
        }
        if (command == "tolerance") arguments.emplace_back("--no-importance");
        EXPECT_THAT(run(arguments).err, testing::Not(HasSubstr("guessing")));
        arguments.insert(arguments.end(), {"--mean", "9"});
        const RunResult blind = run(arguments);
        EXPECT_EQ(blind.status, 0);
        EXPECT_THAT(blind.err, AllOf(HasSubstr("warning: "), HasSubstr("as by guessing among 10"),
                                     HasSubstr("(--scale, --mean, --std)")));
        EXPECT_EQ(blind.err.find("guessing"), blind.err.rfind("guessing"));
    }
}

TEST_F(Images, WrongStepsAreWrongUse) {
    for (const auto& [option, value] : {std::pair<std::string, std::string>{"--resize", "0"},
                                        {"--crop", "axb"},
                                        {"--scale", "0"},
                                        {"--mean", "1,"},
                                        {"--std", "0"},
                                        {"--labels-offset", "x"}}) {
        const RunResult result =
            run({"infer", "-m", zoo("rquant"), "-d", folder_ / "list.csv", option, value});
        EXPECT_EQ(result.status, 2) << option;
        EXPECT_THAT(result.err, HasSubstr(option + ": '" + value + "'; expected"));
    }
    const RunResult bgr =
        run({"infer", "-m", zoo("rquant"), "-d", "fashion-mnist", "--images", "1", "--bgr"});
    EXPECT_EQ(bgr.status, 1);
    EXPECT_THAT(bgr.err, HasSubstr("[1, 28, 28]"));
}

}  // namespace
}  // namespace brownout::test
