// Does every block of commands in a document give what stands under it?

#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>

#include "base/atomic_file.h"
#include "tests/brownout/program.h"

namespace brownout::test {
namespace {

/// A block of commands of a document and the output that stands under it.
struct ShownCommand {
    std::string commands;
    std::vector<std::string> lines;  ///< "..." for any number of lines
};

std::vector<ShownCommand> shownCommands(const std::string& document) {
    std::vector<ShownCommand> shown;
    std::istringstream lines(document);
    std::string text, fence;
    while (std::getline(lines, text)) {
        if (text.rfind("```", 0) == 0) {
            fence = fence.empty() ? text : "";
            if (fence == "```sh") shown.emplace_back();
        } else if (fence == "```sh") {
            shown.back().commands += text + "\n";
        } else if (fence == "```text") {
            shown.back().lines.push_back(text);
        }
    }
    return shown;
}

/// Returns whether `output` is the lines that are shown, with any between them where "..." stands.
bool isShown(const std::string& output, const std::vector<std::string>& shown) {
    std::istringstream lines(output);
    std::string text;
    bool gap = false;
    std::size_t next = 0;
    while (std::getline(lines, text)) {
        while (next < shown.size() && shown[next] == "...") {
            gap = true;
            ++next;
        }
        if (next < shown.size() && text == shown[next]) {
            ++next;
            gap = false;
        } else if (!gap) {
            return false;
        }
    }
    return next == shown.size() || (next + 1 == shown.size() && shown[next] == "...");
}

/// Runs the commands of a document, each block in a folder of its own with what is shipped.
void checkDocument(const std::string& document, std::size_t least) {
    if (kSanitized) GTEST_SKIP() << "figures of " << document << " are checked by other builds";
    const auto blocks = shownCommands(readFile(source(document)));
    ASSERT_GE(blocks.size(), least);
    const std::string bin = std::filesystem::path(BROWNOUT_PROGRAM).parent_path().string();
    for (const ShownCommand& block : blocks) {
        const TemporaryFolder folder;
        for (const char* part : {"docs", "inference", "profiles"}) {
            std::filesystem::create_symlink(source(part), folder.path() / part);
        }
        const RunResult result =
            shell("set -euo pipefail\ncd $FOLDER\nPATH=" + bin + ":$PATH\n" + block.commands,
                  folder.path());
        EXPECT_EQ(result.status, 0) << block.commands << result.err;
        EXPECT_TRUE(isShown(result.out, block.lines)) << block.commands << result.out;
    }
}

TEST(Documents, AcceleratorsGiveWhatStandsUnderThem) { checkDocument("docs/accelerators.md", 2); }

TEST(Documents, OptimizationsGiveWhatStandsUnderThem) { checkDocument("docs/optimize.md", 1); }

TEST(Documents, ScenariosGiveWhatStandsUnderThem) { checkDocument("docs/scenario.md", 1); }

}  // namespace
}  // namespace brownout::test
