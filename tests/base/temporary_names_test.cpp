#include "base/temporary_names.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <vector>

#include "base/atomic_file.h"
#include "base/temporary_files.h"

namespace brownout {
namespace {

namespace fs = std::filesystem;

/// Runs `action` in a child process, as removing temporaries is for a process that ends.
int inChild(const std::function<bool()>& action) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(action() ? 0 : 1);
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(RemoveTemporaries, RemovesWhatIsHalfWrittenAndNamesWhatItWasToBe) {
    const TemporaryFolder folder;
    writeAtomically(folder / "old", "old");
    EXPECT_EQ(inChild([&] {
                  const AtomicFile done(folder / "committed");
                  AtomicFile file(folder / "ol\x1b[d");
                  const AtomicFile never(folder / "never");  // nothing made yet: nothing to remove
                  writeAtomically(file.temporary(), "half");
                  const char* target = removeTemporaries();
                  return target != nullptr && target == (folder / "ol").string() + "\\x1b[d" &&
                         !fs::exists(file.temporary());
              }),
              0);
    EXPECT_EQ(readFile(folder / "old"), "old");
    EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), {}), 1);
}

TEST(RemoveTemporaries, RemovesFoldersWithAllThatIsInThemAndFollowsNoLinks) {
    const TemporaryFolder outside;
    writeAtomically(outside / "kept", "x");
    const TemporaryFolder place;
    EXPECT_EQ(inChild([&] {
                  ::setenv("TMPDIR", place.path().c_str(), 1);
                  const TemporaryFolder folder;
                  fs::create_directories(folder / "a" / "b" / "c");
                  for (int i = 0; i < 300; ++i) {
                      writeAtomically(folder / "a" / "b" / ("file" + std::to_string(i)), "x");
                  }
                  fs::create_directory_symlink(outside.path(), folder / "a" / "link");
                  removeTemporaries();
                  return fs::is_empty(place.path());
              }),
              0);
    EXPECT_EQ(readFile(outside / "kept"), "x");
    EXPECT_TRUE(fs::is_empty(place.path()));
}

TEST(RemoveTemporaries, LeavesTheFilesOfAParentProcess) {
    const TemporaryFolder folder;
    AtomicFile file(folder / "a");
    writeAtomically(file.temporary(), "the parent's");
    EXPECT_EQ(inChild([] { return removeTemporaries() == nullptr; }), 0);
    EXPECT_EQ(readFile(file.temporary()), "the parent's");
    file.commit();
    EXPECT_EQ(readFile(folder / "a"), "the parent's");
}

TEST(RemoveTemporaries, KnowsNamesNoMoreOnceTheyHaveEnded) {
    const TemporaryFolder folder;
    EXPECT_EQ(inChild([&] {
                  for (int round = 0; round < 100; ++round) {
                      AtomicFile file(folder / "a");
                      writeAtomically(file.temporary(), "whole");
                      file.commit();
                  }
                  return removeTemporaries() == nullptr;
              }),
              0);
    EXPECT_EQ(readFile(folder / "a"), "whole");
}

}  // namespace
}  // namespace brownout
