#include "emulation/faulty_codes.h"

#include <gtest/gtest.h>

#include <map>

#include "model/random.h"

namespace brownout {
namespace {

/// Cells of which each third is stuck at 0, at 1, or flips.
std::vector<FaultyCell> someCells(const SramGeometry& chip, double rate) {
    std::vector<FaultyCell> cells;
    RandomStream random(5, RandomDomain::kTraffic, 7, 0);
    const std::pair<float, float> kinds[] = {{0.F, 1.F}, {1.F, 0.F}, {1.F, 1.F}};
    for (std::uint32_t cell = 0; cell < chip.cells(); ++cell) {
        if (random.uniform() >= rate) continue;
        const auto [p01, p10] = kinds[random.next() % 3];
        cells.push_back({cell, 1, p01, p10});
    }
    return cells;
}

/// Every word of the image is read as a whole, and its codes are taken out one by one.
TEST(FaultyCodes, SayWhatEveryStoredCodeIsReadAs) {
    const SramGeometry chip{2, 32, 64, 4};
    for (const LayoutSettings& layout :
         {LayoutSettings{}, LayoutSettings{BitOrder::kMsbFirst, Interleave::kBanks, 19}}) {
        // 3 bits leave a spare one in each word; the network is larger than the memory.
        const std::vector<CodeTensor> tensors = {{700, 8}, {333, 3}, {5, 4}};
        const MemoryMap map(chip, tensors, layout);
        ASSERT_GT(map.reuse(), 1U);
        const FaultOverlay faults(chip, someCells(chip, 0.03));
        std::map<std::pair<std::uint32_t, std::uint64_t>, FaultyCode> faulty;
        for (const FaultyCode& code : faultyCodes(faults, map)) {
            EXPECT_TRUE(faulty.insert({{code.tensor, code.element}, code}).second);
        }
        EXPECT_GT(faulty.size(), 20U);
        EXPECT_LT(faulty.size(), 500U);

        RandomStream random(6, RandomDomain::kTraffic, 7, 0);
        std::vector<std::vector<Code>> codes;
        for (const CodeTensor& tensor : tensors) {
            codes.emplace_back();
            for (std::uint64_t i = 0; i < tensor.codes; ++i) {
                codes.back().push_back(static_cast<Code>(random.next()) & codeMask(tensor.bits));
            }
        }
        const std::vector<Span<const Code>> spans(codes.begin(), codes.end());
        const std::vector<Word> image = map.pack(spans);
        for (std::uint64_t word = 0; word < map.imageWords(); ++word) {
            const Word read = faults.read(map.physicalWord(word), image[word]);
            const WordCodes held = map.codesOf(word);
            for (std::uint32_t slot = 0; slot < held.count; ++slot) {
                const std::uint64_t element = held.first + slot;
                const Code stored = codes[held.tensor][element];
                const auto known = faulty.find({held.tensor, element});
                EXPECT_EQ(known == faulty.end() ? stored : known->second.read(stored),
                          held.codeIn(read, slot));
            }
        }
    }
}

}  // namespace
}  // namespace brownout
