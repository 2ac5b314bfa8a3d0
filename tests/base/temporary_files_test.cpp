#include "base/temporary_files.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "base/error.h"

namespace brownout {
namespace {

TEST(TemporaryFolder, IsItsOwnAndGoneAtTheEndWithItsContent) {
    std::filesystem::path path;
    {
        const TemporaryFolder one, two;
        path = one.path();
        EXPECT_NE(one.path(), two.path());
        EXPECT_TRUE(std::filesystem::is_directory(path));
        std::filesystem::create_directory(one / "inner");
        std::ofstream(one / "inner/file") << "content";
    }
    EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(NamelessFile, CanBeWrittenAndReadAndIsNotSeen) {
    const TemporaryFolder folder;
    const int file = openNamelessFile(folder.path());
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
    char read[3] = {};
    EXPECT_EQ(::pwrite(file, "abc", 3, 5), 3);
    EXPECT_EQ(::pread(file, read, 3, 5), 3);
    EXPECT_EQ(std::string(read, 3), "abc");
    ::close(file);
    EXPECT_THROW(openNamelessFile(folder / "nowhere"), Error);
}

}  // namespace
}  // namespace brownout
