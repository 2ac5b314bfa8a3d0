#include "emulation/trial.h"

#include <gtest/gtest.h>

#include <limits>

#include "inference/engines/float_engine.h"
#include "inference/onnx/onnx_import.h"

// What a trial counts, against the sets of images that its words describe.

namespace brownout {
namespace {

constexpr std::size_t kImages = 300;

const char* const kNetwork = BROWNOUT_SOURCE_DIR "/inference/zoo/fashion-rquant.onnx";

TEST(Trial, CountsTheImagesThatAreWrongCleanPerturbedOrEither) {
    const Dataset data = openDataset("fashion-mnist").take(kImages);
    const EncodedNetwork quantized(importOnnx(kNetwork), numberFormat("rquant8"),
                                   StoreScope::kParameters);
    const SramGeometry chip{32, 512, 64, 1};
    const MemoryMap map = layOut(quantized, chip, {});
    FloatEngine engine(quantized);
    NetworkUnderTest network{std::make_shared<const StoredNetwork>(
                                 storeNetwork(quantized, map, makeProtection("none", 64))),
                             scoresOf(engine, *classification(), data, {0, kImages})};
    const CodedOverlay faults(
        std::make_shared<const FaultOverlay>(FaultOverlay::uniform(chip, {1, 0}, 0.01)));

    inject(faults, map, *network.stored, engine);
    const auto perturbed = scoresOf(engine, *classification(), data, {0, kImages});
    engine.restore();
    const ImageRange range{100, 150};
    std::uint64_t clean = 0, wrong = 0, either = 0, mended = 0;
    for (std::size_t i = range.first; i < range.first + range.count; ++i) {
        const bool wrongClean = network.clean[i] != 0;
        const bool wrongPerturbed = perturbed[i] != 0;
        if (wrongClean) ++clean;
        if (wrongPerturbed) ++wrong;
        if (wrongClean || wrongPerturbed) ++either;
        if (wrongClean && !wrongPerturbed) ++mended;
    }
    // The faults make some images wrong and some right, so no two of the counts are the same.
    ASSERT_GT(wrong, clean);
    ASSERT_GT(mended, 0U);

    const LoadResult load = runLoad(network, *classification(), faults, map, data, range, engine);
    TrialCounts counts = load.counts;
    classification()->count(
        {Span<const double>(network.clean.data() + range.first, range.count), load.scores}, data,
        range.first, counts);
    EXPECT_EQ(counts.images, range.count);
    EXPECT_EQ(counts.wrongClean, clean);
    EXPECT_EQ(counts.wrongPerturbed, wrong);
    EXPECT_EQ(counts.wrongEither, either);
    EXPECT_EQ(scoresOf(engine, *classification(), data, {0, kImages}), network.clean)
        << "not restored";
}

TEST(Trial, KeptActivationsChangeNothing) {
    const Dataset data = openDataset("fashion-mnist").take(kImages);
    const EncodedNetwork quantized(importOnnx(kNetwork), numberFormat("rquant8"),
                                   StoreScope::kParameters);
    const SramGeometry chip{32, 512, 64, 1};
    const MemoryMap map = layOut(quantized, chip, {});
    const auto engine = makeEngine(quantized);
    std::vector<double> margins;
    NetworkUnderTest kept{std::make_shared<const StoredNetwork>(
                              storeNetwork(quantized, map, makeProtection("none", 64))),
                          {}};
    kept.prefixes = engine->makePrefixes(kImages, std::size_t{64} << 20);
    ASSERT_NE(kept.prefixes, nullptr);
    kept.clean =
        cleanScoresOf(*engine, *classification(), data, {0, kImages}, kept.prefixes.get(), margins);
    EXPECT_EQ(margins.size(), kImages);
    NetworkUnderTest whole = kept;
    whole.prefixes = nullptr;
    const std::vector<std::uint32_t> chosen = {7, 3, 250, 3, 299};
    std::size_t changed = 0;
    for (std::uint32_t c = 0; c < 30; ++c) {
        // About one fault, and about ten.
        const double rate = c % 2 == 0 ? 1e-6 : 1e-5;
        const CodedOverlay faults(
            std::make_shared<const FaultOverlay>(FaultOverlay::uniform(chip, {1, c}, rate)));
        for (const ImageRange& range : {ImageRange{0, kImages}, ImageRange(chosen)}) {
            const auto a = runLoad(kept, *classification(), faults, map, data, range, *engine);
            const auto b = runLoad(whole, *classification(), faults, map, data, range, *engine);
            EXPECT_EQ(a.scores, b.scores) << c;
            if (range.chosen.empty()) changed += a.scores != kept.clean;
        }
    }
    EXPECT_GT(changed, 3U);
}

TEST(Trial, AnImageWithAnOutputThatIsNoNumberIsWrong) {
    const Dataset data = openDataset("fashion-mnist").take(1);
    Network network = importOnnx(kNetwork);
    // The bias of the last layer: as many values as there are classes.
    const Node& last = network.nodes.back();
    FloatTensor& bias = network.parameters.at(last.inputs.back());
    ASSERT_EQ(bias.values.size(), 10U);
    bias.values[7] = std::numeric_limits<float>::quiet_NaN();
    FloatEngine engine(network);
    EXPECT_GT(scoresOf(engine, *classification(), data, {0, 1})[0], 0);
}

}  // namespace
}  // namespace brownout
