#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "base/atomic_file.h"
#include "base/temporary_files.h"
#include "damaged_files.h"
#include "profiles/profile.h"
#include "profiles/validate.h"
#include "test_profiles.h"

// Which files are refused, and with which words. mutations_test.cpp asks whether anything crashes.

namespace brownout {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

TEST(BadFile, EveryDamageGivesOneLineThatNamesTheFileAndThePlace) {
    const TemporaryFolder folder;
    std::set<std::string> messages;
    for (const DamagedFile& damaged : damagedFiles()) {
        const auto path = folder / "bad.h5";
        makeSoundFile(path, damaged);
        {
            H5Surgery file(path);
            damaged.damage(file);
        }
        if (damaged.expected.empty()) continue;  // may be odd without being wrong
        const std::string error = errorOf([&] { readWhole(Profile::open(path)); });
        EXPECT_THAT(error, StartsWith(path.string() + ":")) << damaged.name;
        EXPECT_THAT(error, HasSubstr(damaged.expected)) << damaged.name;
        EXPECT_EQ(error.find('\n'), std::string::npos) << damaged.name;
        EXPECT_LT(error.size(), path.string().size() + 250) << damaged.name;
    }
}

TEST(BadFile, SaysWhyAFileIsNoProfileAtAll) {
    const TemporaryFolder folder;
    const auto error = [&](const std::filesystem::path& path) {
        return errorOf([&] { Profile::open(path); });
    };
    EXPECT_EQ(error(folder / "none.h5"), (folder / "none.h5").string() + ": there is no such file");
    EXPECT_THAT(error(folder.path()), HasSubstr("is no regular file"));
    EXPECT_THAT(error("/dev/zero"), HasSubstr("is no regular file"));
    EXPECT_THAT(error(folder / "none.h5" / "chip.h5"), HasSubstr("no such file"));
    writeAtomically(folder / "empty.h5", "");
    EXPECT_THAT(error(folder / "empty.h5"), HasSubstr("is no HDF5 file or is damaged: "));
    writeAtomically(folder / "text.h5", "voltage,rate\n0.9,0.1\n");
    EXPECT_THAT(error(folder / "text.h5"), HasSubstr("is no HDF5 file or is damaged: "));
    H5Surgery::create(folder / "other.h5");
    EXPECT_THAT(error(folder / "other.h5"), HasSubstr("is an HDF5 file but no Brownout profile"));
}

TEST(BadFile, EveryChangeOfASealedFileIsNoticed) {
    const TemporaryFolder folder;
    const std::string sound = readFile(shippedProfile());
    const auto error = [&](const std::string& content) {
        writeAtomically(folder / "sealed.h5", content);
        return errorOf([&] { Profile::open(folder / "sealed.h5"); });
    };
    EXPECT_THAT(error(sound.substr(0, sound.size() - 1)), HasSubstr("bytes where its seal says"));
    EXPECT_THAT(error(sound + "x"), HasSubstr("bytes where its seal says"));
    for (std::size_t i = 512; i < sound.size(); i += 61) {
        std::string content = sound;
        content[i] = static_cast<char>(content[i] ^ 0x10);
        EXPECT_THAT(error(content), HasSubstr("doesn't match the SHA-1 of its seal")) << i;
    }
}

TEST(BadFile, ASealThatWasTakenOffLeavesASoundFile) {
    const TemporaryFolder folder;
    const auto path = folder / "unsealed.h5";
    std::filesystem::copy_file(shippedProfile(), path);
    removeSeal(path);
    const Profile profile = Profile::open(path);
    EXPECT_FALSE(profile.sealed());
    EXPECT_EQ(bytesOf(profile.chip(3, 0.875)),
              bytesOf(Profile::open(shippedProfile()).chip(3, 0.875)));
}

TEST(Validate, FindsNothingWrongWithTheShippedProfile) {
    EXPECT_THAT(validateProfile(shippedProfile()), testing::IsEmpty());
}

TEST(Validate, ListsTheErrorsOfEveryChipAndWhatIsOdd) {
    const TemporaryFolder folder;
    const auto path = folder / "bad.h5";
    makeForeignProfile(path);
    {
        H5Surgery file(path);
        file.floats("/cells/threshold/p01", {1, 2, 0, 3, 1});
        file.integers("/", "version", {1, 3});
        file.text("/", "created", "yesterday");
        file.group("/Energy");
        file.number("/device", "vmin", 0.8);
        file.group("/cells/recipe");
    }
    const std::vector<Finding> findings = validateProfile(path);
    EXPECT_TRUE(hasError(findings));
    std::string all;
    for (const Finding& one : findings) {
        all += std::string(nameOf(one.severity)) + " " + one.place.substr(path.string().size()) +
               " " + one.message + "\n";
        EXPECT_THAT(one.place, StartsWith(path.string()));
    }
    EXPECT_THAT(all, HasSubstr("error :/cells/threshold chip 0: cell 100: has p01 = 2"));
    EXPECT_THAT(all, HasSubstr("error :/cells/threshold chip 1: cell 0: has p01 = 3"));
    EXPECT_THAT(all, HasSubstr("note  is of version 1.3, newer than this program"));
    EXPECT_THAT(all, HasSubstr("note  has no seal"));
    EXPECT_THAT(all, HasSubstr("warning :/ attribute 'created' is 'yesterday'"));
    EXPECT_THAT(all, HasSubstr("note :/ object 'Energy' is unknown and ignored"));
    EXPECT_THAT(all, HasSubstr("note :/device attribute 'vmin' is unknown and ignored"));
    EXPECT_THAT(all, HasSubstr("warning :/cells/recipe is not used"));
}

TEST(Validate, AFileThatIsNoProfileIsAFindingAndNoException) {
    const std::vector<Finding> findings = validateProfile("/nowhere/chip.h5");
    ASSERT_EQ(findings.size(), 1U);
    EXPECT_EQ(findings[0].place, "/nowhere/chip.h5");
    EXPECT_EQ(findings[0].message, "there is no such file");
    EXPECT_TRUE(hasError(findings));
}

}  // namespace
}  // namespace brownout
