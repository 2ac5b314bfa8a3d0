#pragma once

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

namespace brownout::test {

/// The published dumps of undervolted block RAMs (Salami et al., MICRO 2018) of a board, one file a
/// voltage, in order. They carry no licence, so they are no part of this repository: whoever has
/// them names the folder that BOARD/...bin lie in by BROWNOUT_FPGA_DUMPS. Empty without them; tests
/// are skipped then.
inline std::vector<std::string> publishedDumps(const std::string& board) {
    std::vector<std::string> paths;
    const char* root = std::getenv("BROWNOUT_FPGA_DUMPS");
    if (root == nullptr) return paths;
    const std::filesystem::path folder = std::filesystem::path(root) / board;
    if (!std::filesystem::is_directory(folder)) return paths;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        if (entry.path().extension() == ".bin") paths.push_back(entry.path().string());
    }
    std::sort(paths.begin(), paths.end());
    return paths;
}

/// What to say of a test that is skipped.
inline std::string missingDumps(const std::string& board) {
    return "BROWNOUT_FPGA_DUMPS names no folder with " + board + "/*.bin of the published study";
}

}  // namespace brownout::test
