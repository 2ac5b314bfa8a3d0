#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/atomic_file.h"
#include "tests/brownout/program.h"

// Does a sweep still give what it gave before the house was rebuilt? The recordings were made by
// version 0.1.0 at commit 68af978, with the instruction set that every processor has.

namespace brownout::test {
namespace {

using nlohmann::json;

struct Recording {
    std::string name;
    std::vector<std::string> options;
};

std::vector<Recording> recordings() {
    std::ifstream file(source("tests/brownout/recordings/commands.txt"));
    std::vector<Recording> all;
    for (std::string line; std::getline(file, line);) {
        if (line.empty() || line[0] == '#') continue;
        std::istringstream words(line);
        Recording recording;
        words >> recording.name;
        for (std::string word; words >> word;) recording.options.push_back(word);
        all.push_back(recording);
    }
    return all;
}

/// Expects every key of `before` in `now` with the same value; keys may have been added.
void expectKept(const json& before, const json& now, const std::string& place) {
    // The program's version, and names of inputs by which only campaigns are told apart.
    for (const char* identity : {"/campaign/version", "/campaign/fingerprint",
                                 "/campaign/data/fingerprint", "/campaign/profile/fingerprint"}) {
        if (place == identity) return;
    }
    if (before.is_object()) {
        ASSERT_TRUE(now.is_object()) << place;
        for (const auto& [key, value] : before.items()) {
            ASSERT_TRUE(now.contains(key)) << place << "/" << key;
            expectKept(value, now.at(key), place + "/" + key);
        }
    } else if (before.is_array()) {
        ASSERT_EQ(before.size(), now.size()) << place;
        for (std::size_t i = 0; i < before.size(); ++i) {
            expectKept(before[i], now[i], place + "/" + std::to_string(i));
        }
    } else if (place.size() > 13 && place.substr(place.size() - 13) == "/ber_expected") {
        // Computed by our own functions now, the same on every machine; the C library's round
        // otherwise.
        const double rate = before.get<double>();
        EXPECT_NEAR(now.get<double>(), rate, rate * 2e-15) << place;
    } else {
        EXPECT_EQ(before.dump(), now.dump()) << place;
    }
}

class Recordings : public testing::TestWithParam<Recording> {};

TEST_P(Recordings, ASweepGivesTheFiguresOfVersion010) {
    const TemporaryFolder out;
    std::vector<std::string> arguments{"sweep",     "--json", "--quiet", "--no-report",
                                       "--threads", "2",      "--out",   out.path().string()};
    for (const std::string& option : GetParam().options) arguments.push_back(option);
    const RunResult result = run(arguments, source("."), {"BROWNOUT_ISA=baseline"});
    ASSERT_EQ(result.status, 0) << result.err;
    const std::string recorded = source("tests/brownout/recordings/" + GetParam().name);
    EXPECT_EQ(readFile(out / "trials.csv"), readFile(recorded + ".csv"));
    expectKept(json::parse(readFile(recorded + ".json")), json::parse(result.out), "");
}

INSTANTIATE_TEST_SUITE_P(Sweep, Recordings, testing::ValuesIn(recordings()),
                         [](const auto& recording) { return recording.param.name; });

}  // namespace
}  // namespace brownout::test
