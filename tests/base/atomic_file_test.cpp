#include "base/atomic_file.h"

#include <gmock/gmock.h>

#include <fstream>

#include "base/error.h"
#include "base/temporary_files.h"

namespace brownout {
namespace {

using testing::HasSubstr;
using testing::Not;

class AtomicFile : public testing::Test {
 protected:
    std::size_t filesInFolder() const {
        return static_cast<std::size_t>(
            std::distance(std::filesystem::directory_iterator(folder_.path()), {}));
    }

    TemporaryFolder folder_;
};

std::string messageOf(const std::function<void()>& action) {
    try {
        action();
    } catch (const Error& error) {
        return error.what();
    }
    return "no error";
}

TEST_F(AtomicFile, WritesTheWholeContent) {
    const std::string content(1 << 20, 'x');
    writeAtomically(folder_ / "a.txt", content);
    EXPECT_EQ(readFile(folder_ / "a.txt"), content);
    EXPECT_EQ(filesInFolder(), 1U);
}

TEST_F(AtomicFile, KeepsTheOldFileAndLeavesNoPartWhenWritingFails) {
    writeAtomically(folder_ / "a.txt", "old");
    EXPECT_THROW(writeAtomically(folder_ / "a.txt",
                                 [](const std::filesystem::path& temporary) {
                                     std::ofstream(temporary) << "half";
                                     throw Error("test", "fails half way");
                                 }),
                 Error);
    EXPECT_EQ(readFile(folder_ / "a.txt"), "old");
    EXPECT_EQ(filesInFolder(), 1U);
}

TEST_F(AtomicFile, NamesTheFileAskedForWhenTheFolderIsMissing) {
    const std::string message =
        messageOf([&] { writeAtomically(folder_ / "none" / "a.txt", "x"); });
    EXPECT_THAT(message, HasSubstr("none/a.txt"));
    EXPECT_THAT(message, Not(HasSubstr(".part")));
}

TEST_F(AtomicFile, RefusesToReplaceAFolder) {
    EXPECT_THAT(messageOf([&] { writeAtomically(folder_.path(), "x"); }), HasSubstr("is a folder"));
}

// It would get its name by taking the place of the device.
TEST_F(AtomicFile, RefusesToReplaceADeviceOrAPipe) {
    const std::filesystem::path pipe = folder_ / "pipe";
    ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
    for (const std::filesystem::path& path : {pipe, std::filesystem::path("/dev/null")}) {
        EXPECT_THAT(messageOf([&] { writeAtomically(path, "x"); }),
                    HasSubstr(path.string() + ": cannot be written: it is a device or a pipe"));
        EXPECT_FALSE(std::filesystem::is_regular_file(path));
    }
}

TEST_F(AtomicFile, ReadingADeviceOrTooLargeAFileIsAnError) {
    EXPECT_THAT(messageOf([] { readFile("/dev/zero"); }), HasSubstr("/dev/zero: is a device"));
    writeAtomically(folder_ / "a", std::string(100001, 'x'));
    EXPECT_EQ(readFile(folder_ / "a", 100001).size(), 100001U);
    EXPECT_THAT(messageOf([&] { readFile(folder_ / "a", 100000); }),
                HasSubstr("has more than 100000 bytes"));
}

TEST_F(AtomicFile, AFullDiskIsAnErrorThatNamesTheFile) {
    if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "needs /dev/full";
    // The temporary file is ours to choose in this form: writing through a link to /dev/full fails
    // as a full disk does.
    const auto path = folder_ / "a.txt";
    const std::string message = messageOf([&] {
        writeAtomically(path, [](const std::filesystem::path& temporary) {
            std::filesystem::create_symlink("/dev/full", temporary);
            std::ofstream out(temporary);
            out << std::string(1 << 16, 'x') << std::flush;
            if (!out) throw ioError("a.txt", "cannot be written", ENOSPC);
        });
    });
    EXPECT_THAT(message, HasSubstr("No space left"));
    EXPECT_EQ(filesInFolder(), 0U);
}

TEST_F(AtomicFile, AFileInTheWayOfAFolderIsAnError) {
    writeAtomically(folder_ / "a", "x");
    EXPECT_THROW(makeWritableFolder(folder_ / "a" / "b"), Error);
    EXPECT_THROW(makeWritableFolder(folder_ / "a"), Error);
}

TEST_F(AtomicFile, ReadingAFolderOrAMissingFileIsAnError) {
    EXPECT_THAT(messageOf([&] { readFile(folder_.path()); }), HasSubstr("is a folder"));
    EXPECT_THAT(messageOf([&] { readFile(folder_ / "none"); }), HasSubstr("No such file"));
}

TEST(Error, IsAlwaysOneLine) { EXPECT_STREQ(Error("a\nb", "c\r\nd\n").what(), "a b: c  d"); }

}  // namespace
}  // namespace brownout
