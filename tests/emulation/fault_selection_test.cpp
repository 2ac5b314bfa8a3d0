#include "emulation/fault_selection.h"

#include <gtest/gtest.h>

#include <cstring>

#include "base/error.h"
#include "emulation/injection.h"
#include "inference/engines/float_engine.h"
#include "inference/onnx/onnx_import.h"

namespace brownout {
namespace {

const char* const kNetwork = BROWNOUT_SOURCE_DIR "/inference/zoo/fashion-rquant.onnx";

EncodedNetwork network(const char* format) {
    return {importOnnx(kNetwork), numberFormat(format), StoreScope::kWeights};
}

std::vector<float> outputs(FloatEngine& engine) {
    std::vector<float> image(engine.imageElements());
    for (std::size_t i = 0; i < image.size(); ++i) image[i] = static_cast<float>(i % 17) / 17;
    std::vector<float> given(engine.outputs());
    engine.run(image.data(), 1, given.data());
    return given;
}

struct Kind {
    const char* format;
    bool byLayer;
    bool byBit;
    LayoutSettings layout;
};

class Selection : public testing::TestWithParam<Kind> {};

// The oracle: every code of the network, its cells by hand, flipped where the chip fails and the
// selection says so.
TEST_P(Selection, LetsItsCellsFailAndNoOthers) {
    const Kind& kind = GetParam();
    const EncodedNetwork encoded = network(kind.format);
    const std::uint32_t bits = *encoded.codeBits();
    const SramGeometry chip{128, 512, 64, 1};
    const MemoryMap map = layOut(encoded, chip, kind.layout);
    const FaultOverlay faults = FaultOverlay::uniform(chip, {4, 0}, 0.02);
    const CodedOverlay coded(std::make_shared<const FaultOverlay>(faults));
    const std::vector<std::string> layers = storedLayers(encoded);
    ASSERT_GT(layers.size(), 2U);
    std::uint64_t allChanged = 0;
    for (const std::string& layer : layers) {
        for (std::uint32_t bit = 0; bit < (kind.byBit ? bits : 1); ++bit) {
            SelectionSpec part;
            if (kind.byLayer) part.layer = layer;
            if (kind.byBit) part.bit = bit;
            const StoredNetwork stored = storeNetwork(encoded, map, makeProtection("none", 64));
            const FaultSelection selection(part, encoded);
            FloatEngine fast(encoded), slow(encoded);
            std::uint64_t cells = 0, wrong = 0, changed = 0;
            for (std::uint64_t word = 0; word < map.imageWords(); ++word) {
                const WordCodes codes = map.codesOf(word);
                const StoredTensor& tensor = encoded.storedTensors()[codes.tensor];
                const Word flips = faults.read(map.physicalWord(word), 0);
                for (std::uint32_t slot = 0; slot < codes.count; ++slot) {
                    if (kind.byLayer && tensor.node != layer) continue;
                    Code code = tensor.codes[codes.first + slot];
                    for (std::uint32_t b = 0; b < bits; ++b) {
                        if (kind.byBit && b != bit) continue;
                        ++cells;
                        if ((flips >> (codes.shiftOf(slot) + b) & 1U) == 0) continue;
                        code ^= Code{1} << b;
                        ++wrong;
                    }
                    if (code == tensor.codes[codes.first + slot]) continue;
                    slow.patch(codes.tensor, codes.first + slot, code);
                    ++changed;
                }
            }
            const InjectionCounts counts = inject(coded, map, stored, fast, &selection);
            EXPECT_EQ(counts.bitsRead, cells);
            EXPECT_EQ(selection.cells(), cells);
            EXPECT_EQ(counts.bitsWrong, wrong);
            EXPECT_EQ(counts.failingCells, wrong);
            EXPECT_EQ(counts.codesChanged, changed);
            const std::vector<float> a = outputs(fast), b = outputs(slow);
            EXPECT_EQ(std::memcmp(a.data(), b.data(), a.size() * sizeof(float)), 0);
            allChanged += changed;
        }
        if (!kind.byLayer) break;
    }
    EXPECT_GT(allChanged, 1000U);
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, Selection,
    testing::Values(Kind{"rquant8", false, true, {}}, Kind{"int5", true, false, {}},
                    Kind{"int4", true, true, {BitOrder::kMsbFirst, Interleave::kBanks, 1000}},
                    Kind{"bf16", false, true, {BitOrder::kMsbFirst, Interleave::kLinear, 77}}));

// A block of four words of which one is selected still decodes as a block.
TEST(FaultSelection, KeepsBlocksWhole) {
    const EncodedNetwork encoded = network("int8");
    const auto protection = makeProtection("op-256", 64);
    const SramGeometry chip{128, 512, 64, 1};
    const MemoryMap map = layOut(encoded, chip, {}, 4);
    const StoredNetwork stored = storeNetwork(encoded, map, protection);
    const FaultSelection selection(SelectionSpec{{}, 7, 0}, encoded);
    const CodedOverlay coded(
        std::make_shared<const FaultOverlay>(FaultOverlay::uniform(chip, {4, 0}, 1e-4)),
        CheckPlacement(chip, *protection));
    FloatEngine engine(encoded);
    const InjectionCounts counts = inject(coded, map, stored, engine, &selection);
    ASSERT_GT(*counts.bitsWrong, 0U);
    EXPECT_EQ(counts.wordsDetected % 4, 0U);
    EXPECT_LE(*counts.bitsWrong, counts.wordsDetected / 4);
}

TEST(FaultSelection, RefusesWhatIsNotThere) {
    const EncodedNetwork encoded = network("int4");
    EXPECT_THROW(FaultSelection(SelectionSpec{"no such", {}, 0}, encoded), Error);
    EXPECT_THROW(FaultSelection(SelectionSpec{{}, 4, 0}, encoded), Error);
}

}  // namespace
}  // namespace brownout
