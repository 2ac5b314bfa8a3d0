#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

namespace brownout::rtl_test {

/// One access of a March test.
struct MarchAccess {
    std::uint32_t word;
    bool write;
    bool value;  ///< written or expected value: 0 is the background, 1 its complement
};

inline bool operator==(const MarchAccess& a, const MarchAccess& b) {
    return a.word == b.word && a.write == b.write && a.value == b.value;
}

/// Returns the algorithms as textbooks write them, by the number that the RTL gives them.
inline const std::vector<std::string>& marchTexts() {
    static const std::vector<std::string> texts = {
        "any w0; up r0,w1; down r1,w0",
        "any w0; up r0,w1; up r1,w0; down r0,w1; down r1,w0; any r0",
        "any w0; up r0,r0,w0,r0,w1; up r1,r1,w1,r1,w0; down r0,r0,w0,r0,w1; down r1,r1,w1,r1,w0; "
        "any r0",
    };
    return texts;
}

/// Returns the accesses that a text means for words 0 to `last`, read from the text and from
/// nothing else.
inline std::vector<MarchAccess> marchAccesses(const std::string& text, std::uint32_t last) {
    std::vector<MarchAccess> accesses;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find(';', begin), text.size());
        const std::string element = text.substr(begin, end - begin);
        const bool down = element.find("down") != std::string::npos;
        for (std::uint32_t i = 0; i <= last; ++i) {
            for (std::size_t at = 0; at + 1 < element.size(); ++at) {
                const bool digit = element[at + 1] == '0' || element[at + 1] == '1';
                if (!digit || (element[at] != 'r' && element[at] != 'w')) continue;
                accesses.push_back(
                    {down ? last - i : i, element[at] == 'w', element[at + 1] == '1'});
            }
        }
        begin = end + 1;
    }
    return accesses;
}

/// Names the instances of a parametrised test.
inline std::string marchName(const ::testing::TestParamInfo<std::uint8_t>& algorithm) {
    static const char* const names[] = {"matsPlus", "marchCMinus", "marchSs"};
    return names[algorithm.param];
}

}  // namespace brownout::rtl_test
