#include "model/functional_memory.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "model/random.h"

namespace brownout {
namespace {

const SramGeometry kGeometry{2, 8, 64, 1};

std::shared_ptr<const Chip> chip() {
    return std::make_shared<Chip>(
        kGeometry,
        std::vector<FaultyCell>{{0, 0.9F, 1, 1}, {65, 0.8F, 1, 0}, {200, 0.85F, 0.5F, 0.5F}}, 0.7);
}

TEST(FunctionalMemory, ReadsWhatWasWrittenWhileTheSupplyIsHighEnough) {
    FunctionalMemory memory(chip());
    const std::vector<Word> words{1, 2, 3};
    memory.setSupply(1.0);
    memory.write(5, words);
    std::vector<Word> read(3);
    memory.read(5, read);
    EXPECT_EQ(read, words);
}

TEST(FunctionalMemory, ReadsComeThroughTheFaultsOfThePresentSupplyAndContentStays) {
    FunctionalMemory memory(chip());
    memory.write(0, std::vector<Word>{0, 0});
    std::vector<Word> read(2);
    memory.setSupply(0.85);
    memory.read(0, read);
    EXPECT_EQ(read, (std::vector<Word>{1, 0}));
    memory.setSupply(0.75);
    memory.read(0, read);
    EXPECT_EQ(read, (std::vector<Word>{1, 2}));
    memory.setSupply(1.0);
    memory.read(0, read);
    EXPECT_EQ(read, (std::vector<Word>{0, 0}));
}

TEST(FunctionalMemory, ReadingInPiecesGivesTheSameWords) {
    FunctionalMemory memory(chip(), {7, 0, 0});
    std::vector<Word> content(kGeometry.words());
    RandomStream random(1, RandomDomain::kTraffic, 0, 0);
    for (Word& word : content) word = random.next();
    memory.write(0, content);
    memory.setSupply(0.75);
    std::vector<Word> whole(kGeometry.words());
    memory.read(0, whole);
    for (std::uint64_t word = 0; word < kGeometry.words(); ++word) {
        std::vector<Word> one(1);
        memory.read(word, one);
        EXPECT_EQ(one[0], whole[word]);
    }
}

TEST(FunctionalMemory, RefusesAccessesBeyondItsEnd) {
    FunctionalMemory memory(chip());
    std::vector<Word> words(2);
    EXPECT_THROW(memory.read(15, words), Error);
    EXPECT_THROW(memory.write(~std::uint64_t{0}, words), Error);
    EXPECT_THROW(memory.setSupply(0.6), Error);
}

}  // namespace
}  // namespace brownout
