#include <gtest/gtest.h>

#include <map>
#include <random>

#include "../inference/residual_network.h"
#include "emulation/campaign.h"
#include "emulation/faulty_codes.h"
#include "emulation/fixed_supplies.h"
#include "inference/layer_shapes.h"
#include "model/accelerator/account.h"

// Do the cells of a memory that is smaller than the network hit the weights that lie in them, one
// after the other, as an accelerator's dataflow lays them out?

namespace brownout {
namespace {

/// A convolution of `groups` groups, then a matrix product, of random sizes.
Network convolutionAndProduct(Random& random, std::int64_t groups, std::int64_t channels,
                              std::int64_t filters, std::int64_t outputs) {
    Network network;
    network.file = "stream";
    network.opset = 13;
    network.inputs = {{"x", {1, groups * channels, 4, 4}}};
    network.outputs = {{"out", {}}};
    Node conv{"conv", "Conv", {"x", "w"}, {"c"}, {{"group", groups}}};
    conv.attributes["pads"] = std::vector<std::int64_t>{1, 1, 1, 1};
    const auto size = [](std::int64_t a) { return static_cast<std::size_t>(a); };
    network.parameters["w"] = {{groups * filters, channels, 3, 3},
                               randomFloats(random, size(9 * groups * filters * channels))};
    const std::int64_t features = groups * filters * 16;
    network.parameters["m"] = {{features, outputs}, randomFloats(random, size(features * outputs))};
    network.nodes = {
        conv, {"flat", "Flatten", {"c"}, {"f"}, {}}, {"fc", "MatMul", {"f", "m"}, {"out"}, {}}};
    return network;
}

struct At {
    std::uint32_t tensor;
    std::uint64_t element;
};

/// Lays every tile of a weight-stationary array of R x C out by hand: what word of the stream holds
/// what. One tile a layer is as large as the accelerator's own choice, `tile` blocks of filters.
std::vector<std::vector<At>> stream(const Account& account, std::uint64_t rows,
                                    std::uint64_t columns, std::int64_t groups,
                                    std::int64_t channels, std::int64_t filters,
                                    std::int64_t outputs) {
    std::vector<std::vector<At>> words;
    for (const std::uint32_t tensor : {0U, 1U}) {
        const auto depth =
            static_cast<std::uint64_t>(tensor == 0 ? 9 * channels : groups * filters * 16);
        const auto count = static_cast<std::uint64_t>(tensor == 0 ? filters : outputs);
        const LayerUse& layer = account.layers.at(tensor == 0 ? 0 : 2);
        std::size_t inWord = 8;
        const auto fold = [&](std::uint64_t group, std::uint64_t n0, std::uint64_t k0) {
            for (std::uint64_t n = n0; n < std::min(n0 + columns, count); ++n) {
                for (std::uint64_t k = k0; k < std::min(k0 + rows, depth); ++k) {
                    if (inWord == 8) {
                        words.emplace_back();
                        inWord = 0;
                    }
                    const std::uint64_t element =
                        tensor == 0 ? (group * count + n) * depth + k : k * count + n;
                    words.back().push_back({tensor, element});
                    ++inWord;
                }
            }
        };
        for (std::uint64_t g = 0; g < static_cast<std::uint64_t>(tensor == 0 ? groups : 1); ++g) {
            const std::uint64_t step = layer.blocks.tile;
            if (layer.blocks.filtersOutside) {
                for (std::uint64_t n = 0; n < count; n += step * columns) {
                    for (std::uint64_t k = 0; k < depth; k += rows) {
                        for (std::uint64_t t = 0; t < step && n + t * columns < count; ++t) {
                            fold(g, n + t * columns, k);
                        }
                    }
                }
            } else {
                for (std::uint64_t k = 0; k < depth; k += step * rows) {
                    for (std::uint64_t n = 0; n < count; n += columns) {
                        for (std::uint64_t t = 0; t < step && k + t * rows < depth; ++t) {
                            fold(g, n, k + t * rows);
                        }
                    }
                }
            }
        }
    }
    return words;
}

TEST(WeightStream, CellsHitTheWeightsThatLieInThemOneAfterTheOther) {
    Random random(21);
    std::size_t reused = 0;
    for (int run = 0; run < 30; ++run) {
        const std::int64_t groups = between(random, 1, 2), channels = between(random, 1, 5);
        const std::int64_t filters = between(random, 3, 9), outputs = between(random, 40, 70);
        CampaignRequest request;
        NetworkRequest network{convolutionAndProduct(random, groups, channels, filters, outputs),
                               {},
                               {numberFormat("int8")},
                               StoreScope::kWeights};
        request.networks = {network};
        AcceleratorRequest asked;
        Accelerator& accelerator = asked.accelerator;
        accelerator.array.rows = static_cast<std::uint32_t>(between(random, 2, 12));
        accelerator.array.columns = static_cast<std::uint32_t>(between(random, 2, 12));
        accelerator.array.clock = {{1, 1e9}};
        AcceleratorMemory weights, activations, sums, dram;
        weights.name = "weights";
        weights.holds = {DataKind::kWeights};
        weights.bytes = 4096;
        activations.name = "activations";
        activations.holds = {DataKind::kActivations};
        activations.bytes = 1024;
        sums.name = "accumulators";
        sums.holds = {DataKind::kAccumulators};
        sums.bytes = 512;
        dram.name = "dram";
        dram.isDram = true;
        accelerator.memories = {weights, activations, sums, dram};
        request.accelerator = asked;

        CampaignRows rows;
        rows.networks.emplace_back(network.network, network.formats[0], network.store);
        rows.protections.push_back(makeProtection("none", 64, 8));
        rows.placements.emplace_back();
        CampaignSpec spec;
        spec.networks.emplace_back();
        const SramGeometry chip{8, 512, 64, 1};
        placeRows(request, chip, rows, spec);
        const CheckPlacement placement(chip, *rows.protections[0]);
        const MemoryMap map = layOut(rows.networks[0], placement, {}, rows.placements[0]);
        const bool streams = rows.networks[0].codeCount() > 4096;
        ASSERT_EQ(map.geometry().arrays, streams ? 1U : 8U);
        if (!streams) continue;
        reused += map.reuse() > 1 ? 1 : 0;

        const NetworkShape shapes =
            layerShapesOf(network.network, {network.formats[0], network.store});
        const auto words = stream(accountOf(accelerator, shapes), accelerator.array.rows,
                                  accelerator.array.columns, groups, channels, filters, outputs);
        std::vector<FaultyCell> cells;
        std::map<std::pair<std::uint32_t, std::uint64_t>, Code> expected;  // bits that flip
        for (std::uint32_t cell = 0; cell < 8 * 512 * 64; ++cell) {
            if (between(random, 0, 99) > 0) continue;
            cells.push_back({cell, 1, 1, 1});
            if (cell >= 512 * 64) continue;  // arrays of the chip beyond the memory
            for (std::size_t word = cell / 64; word < words.size(); word += 512) {
                const std::size_t slot = cell % 64 / 8;
                if (slot >= words[word].size()) continue;
                const At& at = words[word][slot];
                expected[{at.tensor, at.element}] |= Code{1} << cell % 8;
            }
        }
        std::map<std::pair<std::uint32_t, std::uint64_t>, Code> found;
        for (const FaultyCode& code : faultyCodes(FaultOverlay(chip, cells), map)) {
            found[{code.tensor, code.element}] = code.zeros;
        }
        ASSERT_EQ(found, expected) << run;
    }
    EXPECT_GT(reused, 10U);
}

}  // namespace
}  // namespace brownout
