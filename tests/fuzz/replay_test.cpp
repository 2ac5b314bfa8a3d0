#include <gtest/gtest.h>

#include <filesystem>
#include <ostream>
#include <random>

#include "base/atomic_file.h"
#include "tests/fuzz/fuzz_targets.h"

// What the fuzzers found worth keeping, through the same ways in, without a fuzzer: a crash of
// yesterday stays found.

namespace brownout::fuzz {

void PrintTo(const FuzzTarget& target, std::ostream* out) { *out << target.name; }

namespace {

class Corpus : public testing::TestWithParam<FuzzTarget> {
 protected:
    std::vector<std::string> inputs() const {
        std::vector<std::string> all;
        const std::filesystem::path folder =
            std::filesystem::path(BROWNOUT_SOURCE_DIR "/tests/fuzz/corpus") / GetParam().name;
        for (const auto& entry : std::filesystem::directory_iterator(folder)) {
            all.push_back(readFile(entry.path()));
        }
        return all;
    }
    static void run(const std::string& input) {
        GetParam().run(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
    }
};

TEST_P(Corpus, IsReadWithoutACrash) {
    const auto all = inputs();
    EXPECT_GT(all.size(), 5U);
    for (const std::string& input : all) run(input);
}

TEST_P(Corpus, DamagedAtRandomIsReadWithoutACrash) {
    std::mt19937_64 random(17);
    for (const std::string& input : inputs()) {
        for (int round = 0; round < 5 && !input.empty(); ++round) {
            std::string damaged = input;
            damaged[random() % damaged.size()] = static_cast<char>(random());
            if (round == 0) damaged.resize(random() % damaged.size());
            run(damaged);
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Targets, Corpus, testing::ValuesIn(fuzzTargets()), [](const auto& target) {
    std::string name = target.param.name;
    for (char& c : name) c = c == '-' ? '_' : c;
    return name;
});

}  // namespace
}  // namespace brownout::fuzz
