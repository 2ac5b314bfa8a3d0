#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/temporary_files.h"
#include "inference/data/dataset.h"

// What tests of data sets share: files in a folder of their own, and refusals in one line.

namespace brownout::test {

class DataFolder : public testing::Test {
 protected:
    std::filesystem::path write(const std::string& name, const std::string& bytes) {
        std::filesystem::create_directories((folder_ / name).parent_path());
        std::ofstream(folder_ / name, std::ios::binary) << bytes;
        return folder_ / name;
    }
    std::string in(const std::string& name) const { return (folder_ / name).string(); }

    TemporaryFolder folder_;
};

/// Returns the folder that is shared with other checkouts: BROWNOUT_SHARED of the environment, or
/// "shared" beside the source tree. It may be absent.
inline std::filesystem::path sharedFolder() {
    const char* shared = std::getenv("BROWNOUT_SHARED");
    return shared != nullptr ? shared : BROWNOUT_SOURCE_DIR "/../shared";
}

/// Expects a data set to be refused in one line that names `place` and says `problem`.
inline void expectRefused(const std::string& spec, const std::string& place,
                          const std::string& problem) {
    try {
        openDataset(spec);
        ADD_FAILURE() << spec << " should have been refused: " << problem;
    } catch (const Error& error) {
        EXPECT_THAT(error.what(), testing::HasSubstr(place));
        EXPECT_THAT(error.what(), testing::HasSubstr(problem));
        EXPECT_THAT(error.what(), testing::Not(testing::HasSubstr("\n")));
    }
}

/// Returns the one line with which a data set is refused, or nothing.
inline std::string refusalOf(const std::string& spec, const DataRequest& request = {}) {
    try {
        openDataset(spec, request);
        return "";
    } catch (const Error& error) {
        EXPECT_THAT(error.what(), testing::Not(testing::HasSubstr("\n")));
        return error.what();
    }
}

inline std::vector<float> pixelsOf(const Dataset& data) {
    std::vector<float> pixels(data.size() * data.imageElements());
    data.read(0, data.size(), pixels.data());
    return pixels;
}

inline std::vector<int> labelsOf(const Dataset& data) {
    std::vector<int> labels;
    for (std::size_t i = 0; i < data.size(); ++i) labels.push_back(data.label(i));
    return labels;
}

/// Returns numbers as they lie in memory here, which is little-endian.
template <typename Number>
std::string bytesOf(const std::vector<Number>& numbers) {
    return {reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(Number)};
}

}  // namespace brownout::test
