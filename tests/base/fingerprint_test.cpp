#include "base/fingerprint.h"

#include <gtest/gtest.h>

#include "base/atomic_file.h"
#include "base/error.h"

namespace brownout {
namespace {

// FIPS 180 test vectors.
TEST(Fingerprint, IsSha1) {
    EXPECT_EQ(fingerprint(""), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
    EXPECT_EQ(fingerprint("abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
}

TEST(Fingerprint, OfAFileIsThatOfItsContent) {
    const std::string path = testing::TempDir() + "brownout-fingerprint";
    const std::string content(200000, 'q');
    writeAtomically(path, content);
    EXPECT_EQ(fingerprintOfFile(path), fingerprint(content));
    std::filesystem::remove(path);
    EXPECT_THROW(fingerprintOfFile(path), Error);
}

}  // namespace
}  // namespace brownout
