#include "tests/results/sample_campaign.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace brownout {

CampaignSpec sampleCampaign() {
    CampaignSpec campaign;
    NetworkSpec network;
    network.name = "robust8";
    network.path = "zoo/robust8.onnx";
    network.fingerprint = "0123456789abcdef0123456789abcdef01234567";
    network.bits = 8;
    network.quantizer = "robust";
    network.store = "int8";
    network.storedBits = 44000000;
    network.parameters = 5500000;
    network.macsPerImage = 650000000;
    network.readsPerInference = 687500;
    network.writesPerInference = 0;
    campaign.networks.push_back(network);
    network.name = "normal8";
    network.path = "zoo/normal8.onnx";
    network.fingerprint = "89abcdef0123456789abcdef0123456789abcdef";
    network.quantizer = "symmetric";
    campaign.networks.push_back(network);
    campaign.points = {{"0.917", 0.917, {}, 7.2e-5, {8.4e-13, 9.1e-13, 0.8403}},
                       {"0.833", 0.833, {}, 0.0112, {6.9e-13, 7.5e-13, 0.6944}}};
    campaign.chips = 3;
    campaign.offsets = {0, 4096};
    campaign.images = 100;
    campaign.data = {"cifar10-test", "data/cifar10.h5", "ffff456789abcdef0123456789abcdef01234567"};
    campaign.profile = {"14nm-iid", "profiles/14nm.h5", "eeee456789abcdef0123456789abcdef01234567",
                        "Vmin", 0.6};
    campaign.energySource = "measured, 14 nm";
    campaign.seed = 18446744073709551615U;
    campaign.layout = {"linear", "lsb-first"};
    campaign.instructionSet = "avx2";
    campaign.version = "0.1.0";
    return campaign;
}

TrialCounts sampleCounts(const CampaignSpec& campaign, const TrialKey& key) {
    TrialCounts counts;
    counts.images = campaign.images;
    counts.wrongClean = 4 + key.network;
    counts.wrongPerturbed = 6 + 10 * key.point + 3 * (key.chip % 20) + key.offset + 2 * key.network;
    counts.wrongEither = *counts.wrongPerturbed + 1;
    counts.bitsRead = campaign.networks[key.network].storedBits;
    counts.bitsWrong = 3000 * (key.point + 1) + key.chip;
    counts.failingCells = 2 * *counts.bitsWrong;
    counts.wordsRead = counts.bitsRead / 64;
    return counts;
}

std::vector<TrialResult> sampleTrials(const CampaignSpec& campaign) {
    std::vector<TrialResult> trials;
    for (std::uint32_t network = 0; network < campaign.networks.size(); ++network) {
        for (std::uint32_t point = 0; point < campaign.points.size(); ++point) {
            for (std::uint32_t chip = 0; chip < campaign.chips; ++chip) {
                for (std::uint32_t offset = 0; offset < campaign.offsets.size(); ++offset) {
                    const TrialKey key{network, point, chip, offset};
                    trials.push_back({key, sampleCounts(campaign, key)});
                }
            }
        }
    }
    return trials;
}

std::string errorOf(const std::function<void()>& function) {
    try {
        function();
    } catch (const Error& error) {
        const std::string message = error.what();
        EXPECT_EQ(message.find('\n'), std::string::npos) << message;
        return message;
    }
    return "";
}

}  // namespace brownout
