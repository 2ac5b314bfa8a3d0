#include <gtest/gtest.h>

#include <cmath>

#include "base/input.h"
#include "emulation/accelerator_energy.h"
#include "emulation/campaign.h"
#include "emulation/fault_selection.h"
#include "emulation/partial_sums.h"
#include "emulation/value_memories.h"
#include "inference/onnx/onnx_import.h"
#include "profiles/accelerators/accelerator_yaml.h"
#include "profiles/profile_chips.h"
#include "tests/sanitized.h"

// Do campaigns let the memories fail that they name, each at its supply, and cost what they should?

namespace brownout {
namespace {

CampaignRequest zooRequest(const std::string& name, std::vector<FailingMemories> failing) {
    CampaignRequest request;
    request.networks = {
        requestFor(importOnnx(BROWNOUT_SOURCE_DIR "/inference/zoo/fashion-rquant.onnx"))};
    request.data = openDataset("fashion-mnist").take(256);
    request.rates = {{1e-4}, {1e-3}};
    request.chips = test::kSanitized ? 4 : 12;
    AcceleratorRequest accelerator;
    const std::string path = BROWNOUT_SOURCE_DIR "/profiles/accelerators/" + name + ".yaml";
    accelerator.accelerator = readAccelerator(*openInput(path)).accelerator;
    accelerator.path = path;
    accelerator.failing = std::move(failing);
    accelerator.calibration.images = 16;
    request.accelerator = accelerator;
    return request;
}

/// The same on chips of the shipped profile, at one supply.
CampaignRequest chipsRequest(const std::string& name, std::vector<FailingMemories> failing,
                             double supply, std::uint32_t chips, std::size_t images) {
    CampaignRequest request = zooRequest(name, std::move(failing));
    request.rates.clear();
    request.memory.profile = Profile::open(BROWNOUT_SOURCE_DIR "/profiles/14nm.h5");
    request.supplies = {{{supply}}};
    request.chips = chips;
    request.data = request.data->take(images);
    return request;
}

TEST(ActivationCampaign, GivesTheSameForAnyNumberOfThreadsAndTheAskedRate) {
    const std::vector<FailingMemories> sites = {{true, false}, {false, true}, {true, true}};
    const Campaign campaign(zooRequest("edge-16x16", sites));
    const Summary one = campaign.run(1), three = campaign.run(3);
    ASSERT_EQ(one.rows.size(), 6U);
    double sum = 0, variance = 0;
    for (std::size_t r = 0; r < one.rows.size(); ++r) {
        const TrialCounts& counts = one.rows[r].sum;
        EXPECT_EQ(counts, three.rows[r].sum) << r;
        EXPECT_EQ(counts.wrongClean, one.rows[0].sum.wrongClean) << "one clean run for all rows";
        EXPECT_EQ(counts.activationBitsRead.has_value(), r >= 2) << r;
        if (r < 2) continue;
        // Flips at a rate per cell: each word is read once an image, but a cell may hold several
        // words. Cells are independent; each counts at most `most` times an image.
        const double rate = r % 2 == 0 ? 1e-4 : 1e-3;
        const double bits = static_cast<double>(*counts.activationBitsRead) / 256;
        constexpr double kMost = 4;
        sum = static_cast<double>(*counts.activationBitsWrong) / 256 - rate * bits;
        variance = rate * bits * kMost;
        // Two rows share their faults, two rates don't: three tests of 5 sigma or more, at most
        // 1 in 500,000 false alarms.
        EXPECT_LT(std::abs(sum), 5 * std::sqrt(variance)) << r;
    }
    // Memories that fail together do no less harm than one of them alone.
    const auto wrong = [&](std::size_t row) { return *one.rows[row].sum.wrongPerturbed; };
    EXPECT_GT(wrong(3), wrong(1));
    EXPECT_GT(wrong(5), wrong(1));
}

TEST(ActivationCampaign, WithoutFaultsOfActivationsItsTrialsAreThoseOfWeightsAlone) {
    CampaignRequest request =
        chipsRequest("systolic-32x32", {{true, false}, {true, true}}, 0.8333, 4, 256);
    request.supplies.push_back({{0.85}});
    request.fixedSupplies = {{"activations", {1.0}}};
    const Campaign campaign(request);
    const Summary summary = campaign.run(2);
    for (std::size_t point = 0; point < 2; ++point) {
        TrialCounts weights = summary.rows[point].sum;
        TrialCounts both = summary.rows[2 + point].sum;
        EXPECT_EQ(both.activationBitsWrong, 0U);
        EXPECT_EQ(both.wrongPerturbed, weights.wrongPerturbed);
        EXPECT_EQ(both.wrongEither, weights.wrongEither);
        EXPECT_GT(*weights.wrongPerturbed, *weights.wrongClean);
        EXPECT_EQ(both.bitsWrong, weights.bitsWrong);
    }
    // Without failing activations the campaign is the plain one, trial by trial.
    // The memory of weights holds the network.
    request.accelerator->failing.clear();
    request.fixedSupplies.clear();
    const Summary accelerated = Campaign(request).run(2);
    request.accelerator.reset();
    const Summary plain = Campaign(request).run(2);
    for (std::size_t point = 0; point < 2; ++point) {
        EXPECT_EQ(accelerated.rows[point].sum, plain.rows[point].sum);
    }
}

TEST(ActivationCampaign, ActivationsLieInAnotherChipThanWeights) {
    CampaignRequest request = chipsRequest("systolic-32x32", {{false, true}}, 0.875, 2, 32);
    const TrialCounts other = Campaign(request).run(1).rows.at(0).sum;
    request.accelerator->activationProfile = request.memory.profile;
    const TrialCounts same = Campaign(request).run(1).rows.at(0).sum;
    EXPECT_GT(*other.activationFailingCells, 0U);
    EXPECT_NE(other.activationFailingCells, same.activationFailingCells);
}

TEST(ValueMemories, AreOtherChipsThanThoseOfWeightsAndThanEachOther) {
    const std::vector<FailingMemories> all = {{true, true, true}};
    const CampaignRequest uniform = zooRequest("systolic-32x32", all);
    for (const CampaignRequest& request :
         {uniform, chipsRequest("systolic-32x32", all, 0.875, 4, 8)}) {
        CampaignSpec spec;
        spec.chips = 4;
        const OperatingPoint at{request.memory.profile ? 0.875 : 1e-3, {}, {}};
        CampaignRows rows = encodeNetworks(request, {request.data->take(8)}, spec);
        std::vector<std::string> notes;
        const ValueChips chips = addFailingMemories(request, rows, spec, notes);
        for (std::uint32_t chip = 0; chip < 4; ++chip) {
            const auto wordsOf = [&](ChipSource& source) {
                std::vector<std::uint64_t> words;
                source.faults(chip, at)->forEachWord(
                    0, 4096, [&](const WordFault& fault) { words.push_back(fault.word); });
                return words;
            };
            const auto activations = wordsOf(*chips.activations);
            const auto sums = wordsOf(*chips.accumulators);
            EXPECT_GT(activations.size(), 50U);
            EXPECT_NE(activations, sums) << chip;
            if (!request.memory.profile) continue;
            ProfileChips weights(*request.memory.profile);
            EXPECT_NE(wordsOf(weights), activations) << chip;
            EXPECT_NE(wordsOf(weights), sums) << chip;
        }
    }
}

/// Returns the most times that an image reads a cell of the accumulators.
double mostUses(const CampaignRequest& request, std::uint64_t words) {
    const NetworkRequest& asked = request.networks.at(0);
    const EncodedNetwork network(asked.network, asked.formats.at(0), asked.store);
    StoredActivations activations = activationsToStore(network.graph(), {"Relu"});
    for (StoredActivation& tensor : activations.tensors) tensor.hasCodes = true;
    std::vector<std::string> others;
    const ValuePlacement placement(
        sumsToStore(request.accelerator->accelerator, network, activations, others), words, 64);
    std::uint64_t uses = 0;
    for (const ValuePlacement::Place& place : placement.places()) {
        uses += (place.words + words - 1) / words * place.uses;
    }
    return static_cast<double>(uses);
}

TEST(PartialSumCampaign, GivesTheSameForAnyNumberOfThreadsAndTheAskedRate) {
    CampaignRequest request =
        zooRequest("edge-16x16", {{true, false, false}, {false, false, true}, {true, true, true}});
    request.rates = {{1e-5}, {1e-4}};
    request.data = request.data->take(64);
    const Campaign campaign(request);
    const Summary one = campaign.run(1), three = campaign.run(3);
    const double most = mostUses(request, campaign.spec().accumulators->words);
    ASSERT_EQ(one.rows.size(), 6U);
    for (std::size_t r = 0; r < one.rows.size(); ++r) {
        const TrialCounts& counts = one.rows[r].sum;
        EXPECT_EQ(counts, three.rows[r].sum) << r;
        EXPECT_EQ(counts.wrongClean, one.rows[0].sum.wrongClean) << "one clean run for all rows";
        EXPECT_EQ(counts.sumBitsRead.has_value(), r >= 2) << r;
        EXPECT_EQ(counts.activationBitsRead.has_value(), r >= 4) << r;
        if (r < 2) continue;
        // A cell that flips does so at each of the folds of each of the tiles that use it. Two
        // tests of 5 sigma or more: at most 1 in 800,000 false alarms.
        const double rate = r % 2 == 0 ? 1e-5 : 1e-4;
        const double bits = static_cast<double>(*counts.sumBitsRead) / 64;
        const double sum = static_cast<double>(*counts.sumBitsWrong) / 64 - rate * bits;
        EXPECT_LT(std::abs(sum), 5 * std::sqrt(rate * bits * most)) << r;
        EXPECT_GT(*counts.sumBitsWrong, 0U);
    }
    const auto wrong = [&](std::size_t row) { return *one.rows[row].sum.wrongPerturbed; };
    EXPECT_GT(wrong(3), wrong(1)) << "high bits of sums do more harm than those of weights";
    EXPECT_GT(wrong(5), wrong(1));
}

TEST(PartialSumCampaign, AtNominalSupplyItsTrialsAreThoseOfWeightsAlone) {
    CampaignRequest request =
        chipsRequest("systolic-32x32", {{true, false, false}, {true, false, true}}, 0.8333, 3, 64);
    request.fixedSupplies = {{"accumulators", {1.0}}};
    const Summary summary = Campaign(request).run(2);
    const TrialCounts &weights = summary.rows[0].sum, &both = summary.rows[1].sum;
    EXPECT_EQ(both.sumBitsWrong, 0U);
    EXPECT_EQ(both.wrongPerturbed, weights.wrongPerturbed);
    EXPECT_GT(*weights.wrongPerturbed, *weights.wrongClean);
    // The accumulators' energy follows the points unless their supply is fixed.
    const double fixed = *summary.rows[1].energyPerInferenceJ;
    request.fixedSupplies.clear();
    EXPECT_LT(*Campaign(request).run(2).rows[1].energyPerInferenceJ, fixed);
}

/// A sweep of the zoo's network at one supply, with layers at others.
Summary layered(double rest, std::vector<FixedSupplyRequest> fixed, bool accelerated = false) {
    CampaignRequest request = chipsRequest("systolic-32x32", {}, rest, 2, 32);
    if (!accelerated) request.accelerator.reset();
    // Five layers: with their biases and scales there would be more than arrays.
    request.networks[0].store = StoreScope::kWeights;
    if (accelerated) {
        takeEnergy(request.accelerator->accelerator.memories.at(0), *request.memory.profile);
    }
    request.fixedSupplies = std::move(fixed);
    return Campaign(std::move(request)).run(1);
}

std::vector<FixedSupplyRequest> allLayersAt(double supply) {
    const EncodedNetwork network(
        importOnnx(BROWNOUT_SOURCE_DIR "/inference/zoo/fashion-rquant.onnx"),
        numberFormat("rquant8"), StoreScope::kWeights);
    std::vector<FixedSupplyRequest> fixed;
    for (const std::string& layer : storedLayers(network)) fixed.push_back({layer, {supply}});
    return fixed;
}

TEST(LayerSupplies, ALayerFailsAtItsOwnSupplyAndTheRestAtTheirs) {
    EXPECT_EQ(layered(0.8333, allLayersAt(1)).rows.at(0).sum.bitsWrong, 0U);
    const auto wrong = [](const Summary& summary) { return *summary.rows.at(0).sum.bitsWrong; };
    const std::uint64_t all = wrong(layered(0.8333, {}));
    const std::uint64_t last = wrong(layered(1, {{"conv4", {0.8333}}}));
    const std::uint64_t others = wrong(layered(0.8333, {{"conv4", {1}}}));
    // conv4 has 55,296 of 87,546 codes; 1.1 % of the cells fail. Spare words of arrays count, too.
    EXPECT_NEAR(static_cast<double>(last), 2 * 8 * 55'296 * 0.01115, 500);
    EXPECT_NEAR(static_cast<double>(last + others), static_cast<double>(all), 0.25 * all);
    // The weights' own supply fixed is that of the point.
    const Summary fixed = layered(1, {{"weights", {0.8333}}});
    EXPECT_EQ(wrong(fixed), all);
    EXPECT_EQ(fixed.campaign.points.at(0).berExpected,
              layered(0.8333, {}).campaign.points.at(0).berExpected);
}

TEST(LayerSupplies, EnergiesOfAllLayersAtASupplyAreThoseOfTheMemoryThere) {
    const auto weightsOf = [](const Summary& summary) {
        return summary.campaign.networks.at(0).energies.at(0).at(0).joules;
    };
    const double there = weightsOf(layered(0.875, {}, true));
    EXPECT_NEAR(weightsOf(layered(1, allLayersAt(0.875), true)), there, 1e-12 * there);
    EXPECT_GT(weightsOf(layered(1, {}, true)), 1.2 * there);
    // Without an accelerator every word of the arrays counts, spare ones of layers included.
    const auto total = [](const Summary& summary) {
        return *summary.rows.at(0).energyPerInferenceJ;
    };
    const double nominal = total(layered(1, allLayersAt(1)));
    EXPECT_NEAR(total(layered(1, allLayersAt(0.875))), nominal * 0.875 * 0.875, 1e-9 * nominal);
    EXPECT_GT(nominal, total(layered(1, {})));
}

TEST(LayerSupplies, EachNetworkHasItsOwnArrays) {
    CampaignRequest request = chipsRequest("systolic-32x32", {}, 0.8333, 2, 32);
    request.accelerator.reset();
    request.networks[0].store = StoreScope::kWeights;
    request.fixedSupplies = {{"conv4", {1}}};
    const std::shared_ptr<const NumberFormat> formats[] = {numberFormat("rquant8"),
                                                           numberFormat("rquant4")};
    request.networks[0].formats = {formats[0], formats[1]};
    const Summary both = Campaign(request).run(1);
    for (std::size_t i = 0; i < 2; ++i) {
        request.networks[0].formats = {formats[i]};
        EXPECT_EQ(both.rows.at(i).sum, Campaign(request).run(1).rows.at(0).sum) << i;
    }
}

// Activations without faults are kept where weights have few faults, and runs begin behind them:
// not where activations fail.
TEST(ActivationCampaign, FaultsOfActivationsBeforeTheFirstFaultOfWeightsCountToo) {
    CampaignRequest request =
        chipsRequest("systolic-32x32", {{false, true}, {true, true}}, 1, 3, 64);
    request.fixedSupplies = {{"activations", {0.875}}};
    const Summary few = Campaign(request).run(1);
    request.supplies = {{{0.8333}}};
    const Summary many = Campaign(request).run(1);
    EXPECT_EQ(few.rows.at(0).sum.wrongPerturbed, many.rows.at(0).sum.wrongPerturbed);
    EXPECT_EQ(few.rows.at(1).sum.wrongPerturbed, few.rows.at(0).sum.wrongPerturbed);
    EXPECT_GT(*few.rows.at(0).sum.wrongPerturbed, *few.rows.at(0).sum.wrongClean + 10);
}

}  // namespace
}  // namespace brownout
