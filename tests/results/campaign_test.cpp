#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/error.h"
#include "emulation/campaign_spec.h"
#include "tests/results/sample_campaign.h"
#include "tools/results/campaign_identity.h"

namespace brownout {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Campaign, ComesBackFromItsJsonUnchanged) {
    const auto campaign = sampleCampaign();
    const auto json = toJson(campaign);
    EXPECT_EQ(toJson(campaignFromJson(json, "store")), json);
    EXPECT_THAT(json, HasSubstr("\"seed\":18446744073709551615"));
    EXPECT_THAT(json, HasSubstr("\"ber_expected\":7.2e-05"));
}

TEST(Campaign, WithoutProfileAndEnergyComesBackFromItsJsonUnchanged) {
    auto campaign = sampleCampaign();
    campaign.profile.reset();
    campaign.points = {{"ber=0.01", {}, 0.01, 0.01, {}}};
    const auto back = campaignFromJson(toJson(campaign), "store");
    EXPECT_FALSE(back.profile);
    EXPECT_FALSE(back.points[0].voltage);
    EXPECT_FALSE(back.points[0].energy.readJ);
    EXPECT_EQ(back.points[0].ber, 0.01);
    EXPECT_EQ(toJson(back), toJson(campaign));
}

/// The sample with its first network under SECDED and zero-weight substitution.
CampaignSpec protectedCampaign() {
    auto campaign = sampleCampaign();
    campaign.protection = "secded,none";
    campaign.detected = "zero-weight";
    campaign.networks[0].protection = ProtectionSpec{"secded", 64, 8, 28, 4};
    return campaign;
}

TEST(Campaign, UnderACodecComesBackFromItsJsonUnchanged) {
    const auto json = toJson(protectedCampaign());
    const auto back = campaignFromJson(json, "store");
    EXPECT_EQ(toJson(back), json);
    ASSERT_TRUE(back.networks[0].protection);
    EXPECT_EQ(back.networks[0].protection->name, "secded");
    EXPECT_EQ(back.networks[0].protection->dataArrays, 28U);
    EXPECT_FALSE(back.networks[1].protection);
    EXPECT_EQ(back.detected, "zero-weight");
    EXPECT_DOUBLE_EQ(accessCost(back.networks[0]), 72.0 / 64);
    EXPECT_DOUBLE_EQ(accessCost(back.networks[1]), 1);
}

TEST(Campaign, WithReadBatchesAndATemperatureComesBackFromItsJsonUnchanged) {
    auto campaign = sampleCampaign();
    EXPECT_THAT(toJson(campaign), Not(HasSubstr("read_batch")));
    EXPECT_THAT(toJson(campaign), Not(HasSubstr("temperature_c")));
    EXPECT_EQ(loadsPerTrial(campaign), 1U);
    campaign.readBatch = 32;
    campaign.profile->temperatureC = 85;
    const auto back = campaignFromJson(toJson(campaign), "store");
    EXPECT_EQ(toJson(back), toJson(campaign));
    EXPECT_EQ(back.readBatch, 32U);
    EXPECT_EQ(back.profile->temperatureC, 85);
    EXPECT_EQ(loadsPerTrial(back), 4U);  // 100 images
    EXPECT_NE(fingerprint(back), fingerprint(sampleCampaign()));
    campaign.images = std::uint64_t{1} << 36;
    EXPECT_THROW(validate(campaign), Error);
}

// Stores hold the fingerprint of their campaign: one from before there were protections must go on.
TEST(Campaign, WithoutACodecHasTheIdentityThatOlderVersionsGaveIt) {
    const auto json = toJson(sampleCampaign());
    EXPECT_THAT(json, Not(HasSubstr("protection")));
    EXPECT_THAT(json, Not(HasSubstr("detected")));
    EXPECT_EQ(fingerprint(sampleCampaign()), "0ad688d6547d3d11cdf83435eea7de84d626dfe5");
}

TEST(Campaign, UnderAnotherCodecIsAnotherOne) {
    auto other = protectedCampaign();
    EXPECT_EQ(firstDifference(sampleCampaign(), other),
              "codec is \"none\" there and \"secded,none\" in this run");
    other.protection = "none";
    EXPECT_THAT(firstDifference(sampleCampaign(), other).value(),
                HasSubstr("networks[0].protection is absent there"));
    other.networks[0].protection.reset();
    EXPECT_EQ(firstDifference(sampleCampaign(), other),
              "detected is absent there and \"zero-weight\" in this run");
    EXPECT_EQ(firstDifference(other, sampleCampaign()),
              "detected is \"zero-weight\" there and absent in this run");
}

// Memories should return the same words; whether they did is what a campaign through one shows.
TEST(Campaign, ThroughAnotherMemoryIsAnotherOne) {
    auto other = sampleCampaign();
    other.memory = "functional";
    EXPECT_EQ(fingerprint(other), fingerprint(sampleCampaign()));
    other.memory = "rtl";
    EXPECT_NE(fingerprint(other), fingerprint(sampleCampaign()));
    EXPECT_EQ(firstDifference(sampleCampaign(), other),
              "memory is absent there and \"rtl\" in this run");
    auto silicon = other;
    silicon.memory = "silicon";
    EXPECT_EQ(firstDifference(other, silicon),
              "memory is \"rtl\" there and \"silicon\" in this run");
}

TEST(Campaign, KeepsItsIdentityWhenItsFilesMove) {
    auto moved = sampleCampaign();
    moved.networks[0].path = "elsewhere/robust8.onnx";
    moved.data.path = "elsewhere/cifar10.h5";
    moved.profile->path = "elsewhere/14nm.h5";
    EXPECT_EQ(fingerprint(moved), fingerprint(sampleCampaign()));
    EXPECT_EQ(firstDifference(sampleCampaign(), moved), std::nullopt);
}

TEST(Campaign, IsAnotherOneWithAnotherSeed) {
    auto other = sampleCampaign();
    other.seed = 7;
    EXPECT_NE(fingerprint(other), fingerprint(sampleCampaign()));
    EXPECT_EQ(firstDifference(sampleCampaign(), other),
              "seed is 18446744073709551615 there and 7 in this run");
}

TEST(Campaign, NamesTheFirstDifferenceWithBothValues) {
    auto other = sampleCampaign();
    other.networks[1].bits = 4;
    EXPECT_EQ(firstDifference(sampleCampaign(), other),
              "networks[1].bits is 8 there and 4 in this run");
    other = sampleCampaign();
    other.points.pop_back();
    EXPECT_EQ(firstDifference(sampleCampaign(), other),
              "points has 2 entries there and 1 in this run");
    other = sampleCampaign();
    other.profile.reset();
    EXPECT_THAT(firstDifference(sampleCampaign(), other).value(),
                HasSubstr("and null in this run"));
    other = sampleCampaign();
    other.points[0].energy.writeJ.reset();
    EXPECT_EQ(firstDifference(sampleCampaign(), other),
              "points[0].energy.write_j is 9.1e-13 there and null in this run");
}

TEST(Campaign, WithANameThatIsNotUtf8KeepsItsIdentityThroughJson) {
    auto campaign = sampleCampaign();
    campaign.networks[0].name = "caf\xe9";
    const auto back = campaignFromJson(toJson(campaign), "store");
    EXPECT_EQ(firstDifference(back, campaign), std::nullopt);
    EXPECT_EQ(fingerprint(back), fingerprint(campaign));
}

TEST(Campaign, CountsItsTrials) { EXPECT_EQ(trialCount(sampleCampaign()), 24U); }

TEST(Campaign, KnowsVoltsOnlyWhereTheProfileDoes) {
    auto campaign = sampleCampaign();
    EXPECT_DOUBLE_EQ(supplyInVolts(campaign, campaign.points[0]).value(), 0.917 * 0.6);
    campaign.profile->vminV.reset();
    EXPECT_FALSE(supplyInVolts(campaign, campaign.points[0]));
    campaign.profile->unit = "V";
    EXPECT_EQ(supplyInVolts(campaign, campaign.points[0]), 0.917);
    campaign.profile.reset();
    EXPECT_FALSE(supplyInVolts(campaign, campaign.points[0]));
}

TEST(Campaign, WithNothingToRunIsRefused) {
    auto campaign = sampleCampaign();
    campaign.points.clear();
    EXPECT_THAT(errorOf([&] { validate(campaign); }), HasSubstr("no voltage or bit error rate"));
    campaign = sampleCampaign();
    campaign.images = 0;
    EXPECT_THAT(errorOf([&] { validate(campaign); }), HasSubstr("no image"));
}

TEST(Campaign, WithARepeatedNameOrLabelIsRefused) {
    auto campaign = sampleCampaign();
    campaign.networks[1].name = campaign.networks[0].name;
    EXPECT_THAT(errorOf([&] { validate(campaign); }), HasSubstr("'robust8'"));
    campaign = sampleCampaign();
    campaign.points[1].label = campaign.points[0].label;
    EXPECT_THAT(errorOf([&] { validate(campaign); }), HasSubstr("0.917 appears twice"));
}

TEST(Campaign, WithANumberThatIsNotFiniteIsRefused) {
    auto campaign = sampleCampaign();
    campaign.points[1].voltage = std::numeric_limits<double>::quiet_NaN();
    EXPECT_THAT(errorOf([&] { validate(campaign); }), HasSubstr("not finite"));
}

TEST(Campaign, FromDamagedJsonIsAnErrorThatNamesThePlace) {
    const auto json = toJson(sampleCampaign());
    for (std::size_t size = 0; size < json.size(); size += 7) {
        EXPECT_THAT(errorOf([&] { campaignFromJson(json.substr(0, size), "results.sqlite"); }),
                    testing::StartsWith("results.sqlite: "));
    }
    for (const char* text : {"null", "[]", "{}", "{\"networks\":7}"}) {
        EXPECT_NE(errorOf([&] { campaignFromJson(text, "results.sqlite"); }), "") << text;
    }
}

}  // namespace
}  // namespace brownout
