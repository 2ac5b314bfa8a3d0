#include "model/functional_memory.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "model/random.h"
#include "model/threshold_chips.h"
#include "tests/model/even_blocks.h"

namespace brownout {
namespace {

const SramGeometry kGeometry{2, 8, 64, 1};

std::shared_ptr<ChipSource> chips() {
    return std::make_shared<ThresholdChips>(Chip(
        kGeometry,
        std::vector<FaultyCell>{{0, 0.9F, 1, 1}, {65, 0.8F, 1, 0}, {200, 0.85F, 0.5F, 0.5F}}, 0.7));
}

FunctionalMemory unprotected() { return FunctionalMemory(chips(), makeProtection("none", 64)); }

std::shared_ptr<ChipSource> faultless(const SramGeometry& geometry) {
    return std::make_shared<ThresholdChips>(Chip(geometry, {}, 0));
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
    EXPECT_THROW(FunctionalMemory(chips(), makeProtection("parity", 32)), Error);
    EXPECT_THROW(FunctionalMemory(faultless({1, 8, 64, 1}), makeProtection("secded", 64)), Error);
}

struct Kind {
    std::shared_ptr<const Protection> protection;
    SramGeometry chip;
};

void PrintTo(const Kind& kind, std::ostream* out) { *out << kind.protection->name(); }

Kind kind(const char* name, const SramGeometry& chip) {
    return {makeProtection(name, chip.wordBits()), chip};
}

Kind evenBlocks(const SramGeometry& chip, std::uint32_t blockWords) {
    return {std::make_shared<const test::EvenBlocks>(chip.wordBits(), blockWords), chip};
}

class FunctionalMemoryOfEveryKind : public testing::TestWithParam<Kind> {};

/// The oracle: the physical words of a chip, written and read one after the other, bit by bit where
/// check bits share a word.
class PhysicalMemory {
 public:
    PhysicalMemory(const SramGeometry& chip, std::shared_ptr<const Protection> protection)
        : protection_(std::move(protection)),
          placement_(chip, *protection_),
          stored_(chip.words(), 0) {}

    /// Writes the block from `word` on.
    void write(std::uint64_t word, std::vector<Word> block) {
        const std::uint8_t check = protection_->encode(block);
        std::copy(block.begin(), block.end(), stored_.begin() + static_cast<std::ptrdiff_t>(word));
        if (protection_->checkBits() == 0) return;
        const auto place = placement_.placeOf(word);
        const Word bits = ((Word{1} << protection_->checkBits()) - 1) << place.shift;
        stored_[place.word] &= ~bits;
        stored_[place.word] |= Word{check} << place.shift;
    }
    DecodedWord read(std::uint64_t word, const FaultOverlay& faults) const {
        const std::uint64_t size = protection_->blockWords();
        const std::uint64_t first = word / size * size;
        std::vector<Word> block;
        for (std::uint64_t i = 0; i < size; ++i) {
            block.push_back(faults.read(first + i, stored_[first + i]));
        }
        std::uint8_t check = 0;
        if (protection_->checkBits() > 0) {
            const auto place = placement_.placeOf(word);
            check = static_cast<std::uint8_t>(faults.read(place.word, stored_[place.word]) >>
                                                  place.shift &
                                              ((Word{1} << protection_->checkBits()) - 1));
        }
        const WordStatus status = protection_->decode(block, check);
        return {block[word - first], status};
    }

 private:
    std::shared_ptr<const Protection> protection_;
    CheckPlacement placement_;
    std::vector<Word> stored_;
};

TEST_P(FunctionalMemoryOfEveryKind, ReadsWhatThePhysicalWordsGiveInWholeAndInPieces) {
    const auto& [protection, geometry] = GetParam();
    RandomStream random(1, RandomDomain::kTraffic, 0, 0);
    std::vector<FaultyCell> cells;
    const float levels[] = {0.F, 1.F, 0.5F};
    for (std::uint32_t cell = 0; cell < geometry.cells(); ++cell) {
        if (random.uniform() > 0.03) continue;
        cells.push_back({cell, static_cast<float>(0.7 + 0.2 * random.uniform()),
                         levels[random.next() % 3], levels[random.next() % 3]});
    }
    const LoadId load{7, 0, 2};
    const auto source = std::make_shared<ThresholdChips>(Chip(geometry, cells, 0.6));
    FunctionalMemory memory(source, protection);
    memory.insert(load);
    PhysicalMemory physical(geometry, protection);

    std::vector<Word> content(memory.words());
    for (Word& word : content) word = random.next() & protection->dataMask();
    memory.write(0, content);
    // Part of a block once more.
    const std::uint64_t again = content.size() / 2 + 1;
    content[again] = random.next() & protection->dataMask();
    memory.write(again, {&content[again], 1});
    const std::uint64_t size = protection->blockWords();
    for (std::uint64_t word = 0; word < content.size(); word += size) {
        const auto first = content.begin() + static_cast<std::ptrdiff_t>(word);
        physical.write(word, {first, first + static_cast<std::ptrdiff_t>(size)});
    }
    std::vector<Word> whole(memory.words());
    std::vector<WordStatus> statuses(memory.words());
    for (const double supply : {1.0, 0.85, 0.75, 0.65}) {
        memory.setSupply(supply);
        memory.read(0, whole, statuses);
        const FaultOverlay faults = source->faults(0, {supply})->resolved(load);
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
    testing::Values(kind("none", {3, 8, 64, 1}), kind("none", {2, 8, 20, 2}),
                    kind("parity", {5, 16, 64, 1}), kind("parity", {3, 16, 64, 8}),
                    kind("parity", {3, 16, 20, 1}), kind("parity-128", {5, 16, 64, 1}),
                    kind("parity-128", {40, 8, 16, 2}), kind("parity-byte", {11, 8, 64, 1}),
                    kind("parity-byte", {6, 8, 64, 2}), kind("secded", {11, 16, 64, 1}),
                    kind("secded", {20, 8, 64, 1}), kind("secded", {4, 8, 64, 2}),
                    kind("secded", {4, 8, 20, 1}), evenBlocks({2, 8, 64, 1}, 1),
                    evenBlocks({2, 8, 20, 1}, 2), evenBlocks({3, 16, 64, 1}, 8)));

TEST(FunctionalMemory, DropsBitsThatHaveNoCells) {
    FunctionalMemory memory(faultless({2, 8, 20, 1}), makeProtection("parity", 20));
    memory.write(0, std::vector<Word>{~Word{0}});
    std::vector<Word> read(1);
    memory.read(0, read);
    EXPECT_EQ(read[0], 0xFFFFFU);
}

TEST(FunctionalMemory, TakesAChipOutOfItsSocketAtTheNextSupply) {
    const auto cell = [](std::uint32_t number) { return FaultyCell{number, 0.9F, 1, 1}; };
    std::vector<std::shared_ptr<const Chip>> two;
    for (const std::uint32_t number : {3U, 4U}) {
        two.push_back(std::make_shared<const Chip>(kGeometry, std::vector{cell(number)}, 0.7));
    }
    FunctionalMemory memory(std::make_shared<ThresholdChips>(two), makeProtection("none", 64));
    std::vector<Word> read(1);
    memory.read(0, read);
    EXPECT_EQ(read[0], 0U);
    memory.setSupply(0.8);
    memory.insert({1, 1, 0});
    memory.read(0, read);
    EXPECT_EQ(read[0], 8U);
    EXPECT_EQ(memory.faults()->read(0, 0), 8U);
    memory.setSupply(0.8);
    memory.read(0, read);
    EXPECT_EQ(read[0], 16U);
    EXPECT_EQ(memory.faults()->read(0, 0), 16U);
}

// Check arrays at a supply of their own: data fail at the low one, check bits at theirs.
TEST(FunctionalMemory, HasDomainsWhoseArraysFailAtTheirOwnSupply) {
    const SramGeometry geometry{9, 8, 64, 1};
    std::vector<FaultyCell> cells;
    RandomStream random(5, RandomDomain::kTraffic, 0, 3);
    for (std::uint32_t cell = 0; cell < geometry.cells(); ++cell) {
        if (random.uniform() > 0.1) continue;
        cells.push_back({cell, static_cast<float>(0.7 + 0.2 * random.uniform()), 1, 0.5F});
    }
    const auto source = std::make_shared<ThresholdChips>(Chip(geometry, cells, 0.6));
    const LoadId load{2, 0, 1};
    FunctionalMemory memory(source, makeProtection("secded", 64), {{"check", 8, 1}});
    memory.insert(load);
    memory.setSupply(OperatingPoint{0.75, {}, {{"check", 0.85}}});
    const FaultOverlay low = source->faults(0, {0.75})->resolved(load);
    const FaultOverlay high = source->faults(0, {0.85})->resolved(load);
    bool differ = false;
    for (std::uint64_t word = 0; word < geometry.words(); ++word) {
        for (const Word stored : {Word{0}, ~Word{0}}) {
            const FaultOverlay& expected = word < 8 * 8 ? low : high;
            EXPECT_EQ(memory.faults()->read(word, stored), expected.read(word, stored));
            differ |= low.read(word, stored) != high.read(word, stored);
        }
    }
    EXPECT_TRUE(differ);
    // One supply for all is the common case, with a domain or without.
    memory.setSupply(0.75);
    for (std::uint64_t word = 0; word < geometry.words(); ++word) {
        EXPECT_EQ(memory.faults()->read(word, 0), low.read(word, 0));
    }
    const auto protection = makeProtection("secded", 64);
    EXPECT_THROW(FunctionalMemory(source, protection, {{"check", 8, 2}}), Error);
    EXPECT_THROW(FunctionalMemory(source, protection, {{"a", 0, 3}, {"b", 2, 1}}), Error);
}

}  // namespace
}  // namespace brownout
