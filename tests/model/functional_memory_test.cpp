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

FunctionalMemory unprotected(const LoadId& load = {}) {
    return FunctionalMemory(kGeometry, makeProtection("none", 64), faultsOf(chip(), load));
}

TEST(FunctionalMemory, ReadsWhatWasWrittenWhileTheSupplyIsHighEnough) {
    FunctionalMemory memory = unprotected();
    const std::vector<Word> words{1, 2, 3};
    memory.setSupply(1.0);
    memory.write(5, words);
    std::vector<Word> read(3);
    memory.read(5, read);
    EXPECT_EQ(read, words);
}

TEST(FunctionalMemory, ReadsComeThroughTheFaultsOfThePresentSupplyAndContentStays) {
    FunctionalMemory memory = unprotected();
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

TEST(FunctionalMemory, RefusesAccessesBeyondItsEnd) {
    FunctionalMemory memory = unprotected();
    std::vector<Word> words(2);
    std::vector<WordStatus> statuses(3);
    EXPECT_THROW(memory.read(15, words), Error);
    EXPECT_THROW(memory.write(~std::uint64_t{0}, words), Error);
    EXPECT_THROW(memory.setSupply(0.6), Error);
    EXPECT_THROW(memory.read(0, words, statuses), Error);
}

TEST(FunctionalMemory, RefusesACodecThatDoesNotFitTheChip) {
    EXPECT_THROW(FunctionalMemory(kGeometry, makeProtection("parity", 32), faultsOf(chip())), Error);
    EXPECT_THROW(FunctionalMemory({1, 8, 64, 1}, makeProtection("secded", 64), faultsOf(chip())), Error);
}

struct Kind {
    std::string codec;
    SramGeometry chip;
};

class FunctionalMemoryOfEveryKind : public testing::TestWithParam<Kind> {};

/// The oracle: the physical words of a chip, written and read one after the other, bit by bit where
/// check bits share a word.
class PhysicalMemory {
 public:
    PhysicalMemory(const SramGeometry& chip, std::shared_ptr<const Protection> codec)
        : codec_(std::move(codec)), placement_(chip, *codec_), stored_(chip.words(), 0) {}

    void write(std::uint64_t word, Word data) {
        stored_[word] = data;
        if (codec_->checkBits() == 0) return;
        const auto place = placement_.placeOf(word);
        const Word bits = ((Word{1} << codec_->checkBits()) - 1) << place.shift;
        stored_[place.word] &= ~bits;
        stored_[place.word] |= Word{codec_->encode(data)} << place.shift;
    }
    DecodedWord read(std::uint64_t word, const FaultOverlay& faults) const {
        CodedWord read{faults.read(word, stored_[word]), 0};
        if (codec_->checkBits() > 0) {
            const auto place = placement_.placeOf(word);
            read.check = static_cast<std::uint8_t>(faults.read(place.word, stored_[place.word]) >>
                                                       place.shift &
                                                   ((Word{1} << codec_->checkBits()) - 1));
        }
        return codec_->decode(read);
    }

 private:
    std::shared_ptr<const Protection> codec_;
    CheckPlacement placement_;
    std::vector<Word> stored_;
};

TEST_P(FunctionalMemoryOfEveryKind, ReadsWhatThePhysicalWordsGiveInWholeAndInPieces) {
    const auto& [name, geometry] = GetParam();
    const auto codec = makeProtection(name, geometry.wordBits());
    RandomStream random(1, RandomDomain::kTraffic, 0, 0);
    std::vector<FaultyCell> cells;
    const float levels[] = {0.F, 1.F, 0.5F};
    for (std::uint32_t cell = 0; cell < geometry.cells(); ++cell) {
        if (random.uniform() > 0.03) continue;
        cells.push_back({cell, static_cast<float>(0.7 + 0.2 * random.uniform()),
                         levels[random.next() % 3], levels[random.next() % 3]});
    }
    const FaultsAtSupply faultsAt =
        faultsOf(std::make_shared<const Chip>(geometry, cells, 0.6), {7, 1, 2});
    FunctionalMemory memory(geometry, codec, faultsAt);
    PhysicalMemory physical(geometry, codec);

    std::vector<Word> content(memory.words());
    for (std::uint64_t word = 0; word < content.size(); ++word) {
        content[word] = random.next() & codec->dataMask();
        physical.write(word, content[word]);
    }
    memory.write(0, content);
    std::vector<Word> whole(memory.words());
    std::vector<WordStatus> statuses(memory.words());
    for (const double supply : {1.0, 0.85, 0.75, 0.65}) {
        memory.setSupply(supply);
        memory.read(0, whole, statuses);
        const FaultOverlay faults = faultsAt(supply);
        for (std::uint64_t word = 0; word < memory.words(); ++word) {
            const DecodedWord expected = physical.read(word, faults);
            ASSERT_EQ((DecodedWord{whole[word], statuses[word]}), expected) << word;
            Word one = 0;
            WordStatus status{};
            memory.read(word, {&one, 1}, {&status, 1});
            ASSERT_EQ((DecodedWord{one, status}), expected) << word;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, FunctionalMemoryOfEveryKind,
    testing::Values(Kind{"none", {3, 8, 64, 1}}, Kind{"none", {2, 8, 20, 2}},
                    Kind{"parity", {5, 16, 64, 1}}, Kind{"parity", {3, 16, 64, 8}},
                    Kind{"parity", {3, 16, 20, 1}}, Kind{"parity-byte", {11, 8, 64, 1}},
                    Kind{"parity-byte", {6, 8, 64, 2}}, Kind{"secded", {11, 16, 64, 1}},
                    Kind{"secded", {20, 8, 64, 1}}, Kind{"secded", {4, 8, 64, 2}},
                    Kind{"secded", {4, 8, 20, 1}}));

TEST(FunctionalMemory, DropsBitsThatHaveNoCells) {
    FunctionalMemory memory({2, 8, 20, 1}, makeProtection("parity", 20),
                            [](double) { return FaultOverlay(); });
    memory.write(0, std::vector<Word>{~Word{0}});
    std::vector<Word> read(1);
    memory.read(0, read);
    EXPECT_EQ(read[0], 0xFFFFFU);
}

}  // namespace
}  // namespace brownout
