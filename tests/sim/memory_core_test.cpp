#include "sim/memory_core.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "model/functional_memory.h"
#include "model/random.h"
#include "tests/sim/sample_chip.h"

namespace brownout {
namespace {

TEST(MemoryCore, AgreesWithTheFunctionalMemoryForEveryCodecGeometryAndSupply) {
    const SramGeometry geometries[] = {{12, 16, 64, 1}, {9, 8, 64, 2}, {5, 32, 32, 1}};
    for (const SramGeometry& geometry : geometries) {
        for (const std::string& name : protectionNames()) {
            std::shared_ptr<const Protection> codec;
            try {
                codec = makeProtection(name, geometry.wordBits(), 8);
            } catch (const Error&) {
                EXPECT_LT(geometry.wordBits(), 64U);  // all serve the usual word
                continue;
            }
            const auto chips = test::sampleChips(geometry, 0.03);
            const LoadId load{3, 0, 2};
            if (codec->blockWords() > 1) {
                EXPECT_THROW(MemoryCore(chips, codec), Error);
                continue;
            }
            FunctionalMemory golden(chips, codec);
            MemoryCore core(chips, codec);
            golden.insert(load);
            core.insert(load);
            ASSERT_EQ(core.words(), golden.words());
            std::vector<Word> content(golden.words());
            RandomStream random(5, RandomDomain::kTraffic, 0, 0);
            for (Word& word : content) word = random.next();
            golden.write(0, content);
            core.write(0, content);
            for (const double supply : {1.0, 0.9, 0.8, 0.85}) {
                golden.setSupply(supply);
                core.setSupply(supply);
                std::vector<Word> expected(content.size());
                std::vector<Word> got(content.size());
                std::vector<WordStatus> expectedStatus(content.size());
                std::vector<WordStatus> gotStatus(content.size());
                golden.read(0, expected, expectedStatus);
                core.read(0, got, gotStatus);
                EXPECT_EQ(got, expected) << name << " " << supply;
                EXPECT_EQ(gotStatus, expectedStatus) << name << " " << supply;
            }
        }
    }
}

TEST(MemoryCore, RemembersWhatWasWrittenWhateverFails) {
    const SramGeometry geometry{4, 8, 64, 1};
    for (const char* protection : {"none", "in-place-ecc"}) {
        MemoryCore core(test::sampleChips(geometry, 0.1), makeProtection(protection, 64));
        core.setSupply(0.75);
        // In every byte bit 6 repeats bit 7, so that in-place ECC may store it.
        const std::vector<Word> content(32, 0x01233B39C7D5E3EF);
        core.write(0, content);
        std::vector<Word> words(32);
        core.stored(0, words);
        EXPECT_EQ(words, content) << protection;
        core.read(0, words, {});
        EXPECT_NE(words, content) << protection;
    }
}

}  // namespace
}  // namespace brownout
