#include "tests/inference/mutations.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "base/error.h"

namespace brownout::test {

std::size_t below(Random& random, std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random);
}

std::size_t below(Random& random, int limit) {
    return below(random, static_cast<std::size_t>(limit));
}

Random seeded(unsigned seed) {
    const char* other = std::getenv("BROWNOUT_MUTATION_SEED");
    return Random(seed + (other != nullptr ? 1000U * static_cast<unsigned>(std::atoi(other)) : 0U));
}

void attempt(Tally& tally, const std::string& file, const std::function<void()>& use) {
    try {
        use();
        ++tally.loaded;
    } catch (const Error& error) {
        ++tally.refused;
        const std::string text = error.what();
        EXPECT_THAT(text, testing::HasSubstr(file));
        EXPECT_THAT(text, testing::Not(testing::HasSubstr("\n")));
        EXPECT_LT(text.size(), 1000U);
    } catch (const std::exception& error) {
        ADD_FAILURE() << "not an Error: " << error.what();
    }
}

void report(const char* what, const Tally& tally, int least) {
    std::printf("[ MUTATED  ] %s: %d files, %d refused in one line, %d loaded\n", what,
                tally.refused + tally.loaded, tally.refused, tally.loaded);
    EXPECT_GE(tally.refused + tally.loaded, least);
    EXPECT_GT(tally.refused, 0);
}

std::string damaged(const std::string& bytes, Random& random) {
    std::string result = bytes;
    const std::size_t at = below(random, bytes.size());
    const std::size_t length = 1 + below(random, std::min<std::size_t>(64, bytes.size() - at));
    switch (below(random, 5)) {
        case 0:
            result.resize(at);
            break;
        case 1:
            for (std::size_t i = 0; i <= below(random, 4); ++i) {
                char& c = result[below(random, result.size())];
                c = static_cast<char>(c ^ (1 << below(random, 8)));
            }
            break;
        case 2:
            for (std::size_t i = at; i < at + length; ++i) {
                result[i] = static_cast<char>(below(random, 256));
            }
            break;
        case 3:
            result.insert(at, bytes.substr(at, length));
            break;
        default:
            result.erase(at, length);
            break;
    }
    return result;
}

}  // namespace brownout::test
