// Do the tasks mse and auc say what plain loops over the same outputs say, exactly and for any
// division of the work?

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <random>

#include "base/error.h"
#include "emulation/anomaly_ranks.h"
#include "emulation/campaign.h"
#include "emulation/squared_error.h"
#include "emulation/tolerable_point.h"
#include "inference/engines/engine.h"
#include "inference/onnx/onnx_import.h"
#include "tests/results/sample_campaign.h"
#include "tools/report/campaign_text.h"
#include "tools/report/summary_columns.h"
#include "tools/results/summary_output.h"

namespace brownout {
namespace {

using testing::HasSubstr;

__extension__ using Wide = unsigned __int128;

const double kNan = std::numeric_limits<double>::quiet_NaN();
const double kInfinity = std::numeric_limits<double>::infinity();

std::string made(const std::string& name) {
    return BROWNOUT_SOURCE_DIR "/tests/inference/data/" + name;
}

/// Reads the figures that numpy gives for the networks without faults.
std::map<std::string, double> expectations() {
    std::ifstream file(made("tasks.txt"));
    std::map<std::string, double> all;
    std::string name;
    for (double value = 0; file >> name >> value;) all[name] = value;
    return all;
}

CampaignRequest requestOf(const std::string& network, const std::string& task) {
    CampaignRequest request;
    request.networks.push_back(requestFor(importOnnx(made(network + ".onnx"))));
    request.networks[0].formats = {numberFormat("fp32")};
    request.data = openDataset(made("tasks.h5"));
    request.rates = {{1e-3}, {1e-2}};
    request.chips = 4;
    request.task = task;
    return request;
}

/// Images of one pixel, with labels and, if there are any, targets.
Dataset dataOf(const std::vector<std::int32_t>& labels, const std::vector<float>& targets = {}) {
    Dataset::Content content;
    content.place = "made.h5";
    content.shape = {1, 1, 1};
    content.floats.assign(labels.size(), 0.5F);
    content.labels = labels;
    content.targets = targets;
    return Dataset(std::move(content));
}

TrialCounts countsOf(const Task& task, const Dataset& data, const std::vector<double>& clean,
                     const std::vector<double>& faulty) {
    TrialCounts counts;
    counts.images = clean.size();
    task.count({clean, faulty}, data, 0, counts);
    EXPECT_EQ(problemWith(counts), std::nullopt);
    return counts;
}

TEST(DoubledU, IsTheCountOfPairsThatAreInOrder) {
    std::mt19937 random(1);
    for (int round = 0; round < 500; ++round) {
        std::vector<double> scores[2];
        for (auto& some : scores) {
            some.resize(1 + random() % 20);
            for (double& score : some) {
                const auto kind = random() % 12;
                score = kind == 0   ? kNan
                        : kind == 1 ? kInfinity
                        : kind == 2 ? -kInfinity
                                    : static_cast<double>(random() % 6);
            }
        }
        std::uint64_t expected = 0;
        for (const double anomaly : scores[1]) {
            for (const double normal : scores[0]) {
                expected += anomaly > normal ? 2 : anomaly == normal ? 1 : 0;  // NaN: neither
            }
        }
        EXPECT_EQ(doubledU(scores[1], scores[0]), expected);
    }
}

TEST(Anomalies, AreCountedBySideOfTheirLabel) {
    const auto task = anomalyTask();
    const Dataset data = dataOf({0, 1, 0, 1, 0});
    const TrialCounts counts =
        countsOf(*task, data, {1, 2, 1, 3, 0}, {1, kNan, kNan, 1, kInfinity});
    EXPECT_EQ(counts.aucPairs, 12U);
    EXPECT_EQ(counts.aucOrderedClean, 12U);
    // Of six pairs only (anomaly 3, normal 0) is a tie; all others are lost.
    EXPECT_EQ(counts.aucOrdered, 1U);
    EXPECT_EQ(counts.notFinite, 3U);
    EXPECT_EQ(counts.wrongClean, std::nullopt);
}

TEST(SquaredError, IsSummedExactlyInMultiplesOfItsUnit) {
    const auto task = squaredErrorTask();
    std::mt19937_64 random(2);
    const double unit = std::ldexp(1.0, -40);
    std::vector<double> scores(5000);
    Wide expected = 0;
    std::uint64_t finite = 0;
    for (double& score : scores) {
        const auto kind = random() % 10;
        // Multiples of the unit that a double can hold, from 2^-40 to 2^40.
        const auto multiple = random() >> (11 + random() % 53);
        const int shift = kind == 1 ? 27 : 0;
        score = kind == 0 ? (random() % 2 == 0 ? kNan : kInfinity)
                          : std::ldexp(static_cast<double>(multiple), shift - 40);
        if (kind == 0) continue;
        expected += Wide{multiple} << shift;
        ++finite;
    }
    const Dataset data = dataOf(std::vector<std::int32_t>(scores.size(), 0));
    const TrialCounts counts = countsOf(*task, data, scores, scores);
    EXPECT_EQ(counts.notFinite, scores.size() - finite);
    EXPECT_EQ(counts.squaredError, static_cast<std::uint64_t>(expected >> 40));
    EXPECT_EQ(counts.squaredErrorFraction,
              static_cast<std::uint64_t>(expected & ((std::uint64_t{1} << 40) - 1)));
    EXPECT_EQ(counts.squaredErrorClean, counts.squaredError);
    // Rounded to the nearest multiple, and carried.
    const TrialCounts rounded =
        countsOf(*task, dataOf({0, 0}), {1 - 0.3 * unit, 0.2 * unit}, {0.75, 0.75});
    EXPECT_EQ(rounded.squaredErrorClean, 1U);
    EXPECT_EQ(rounded.squaredErrorCleanFraction, 0U);
    EXPECT_EQ(rounded.squaredError, 1U);
    EXPECT_EQ(rounded.squaredErrorFraction, std::uint64_t{1} << 39);
}

TEST(SquaredError, IsAgainstTargetsOrTheImageOrTheLabel) {
    const auto task = squaredErrorTask();
    const std::vector<float> image{1, 2, 3};
    const std::vector<float> targets{4, 4};
    EXPECT_EQ(task->score(std::vector<float>{4, 2}, {7, image, targets}), 2);
    EXPECT_EQ(task->score(std::vector<float>{1, 2, 0}, {7, image, targets}), 3);
    EXPECT_EQ(task->score(std::vector<float>{4.5F}, {7, image, {}}), 6.25);
    for (const float wild :
         {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(), 2e6F}) {
        EXPECT_FALSE(std::isfinite(task->score(std::vector<float>{wild}, {7, image, {}}))) << wild;
    }
    EXPECT_TRUE(std::isfinite(task->score(std::vector<float>{1e6F}, {7, image, {}})));
}

TEST(SquaredErrorAndAuc, WithoutFaultsAreWhatNumpySays) {
    const auto expected = expectations();
    for (const auto& [network, task] : {std::pair{"autoencoder", "mse"},
                                        {"autoencoder", "auc"},
                                        {"regressor", "mse"},
                                        {"scorer", "auc"}}) {
        const std::string name = std::string(network) + "_" + task;
        const Summary summary = Campaign(requestOf(network, task)).run(1);
        ASSERT_EQ(summary.measures[0].key, task);
        EXPECT_NEAR(summary.rows[0].main().clean.value(), expected.at(name),
                    2e-6 * expected.at(name))
            << name;
        EXPECT_EQ(summary.rows[0].values[1].clean, 0.0) << name;
    }
}

/// Trials of a campaign by their key.
std::map<TrialKey, TrialCounts> trialsOf(const CampaignRequest& request, unsigned threads) {
    std::mutex mutex;
    std::map<TrialKey, TrialCounts> trials;
    Campaign(request).run(
        threads, [](const TrialKey&) { return false; },
        [&](const TrialResult& trial) {
            const std::lock_guard<std::mutex> lock(mutex);
            trials[trial.key] = trial.counts;
        });
    return trials;
}

TEST(SquaredErrorAndAuc, CountWhatPlainLoopsOverTheOutputsSay) {
    for (const auto& [name, task] : {std::pair{"autoencoder", "mse"}, {"autoencoder", "auc"}}) {
        CampaignRequest request = requestOf(name, task);
        request.rates = {{0}};
        request.chips = 1;
        const TrialCounts counts = trialsOf(request, 1).begin()->second;
        const Dataset& data = *request.data;
        const auto engine = makeEngine(request.networks[0].network, {EngineOutputs::kOwn});
        const std::size_t pixels = data.imageElements();
        std::vector<float> images(data.size() * pixels);
        std::vector<float> outputs(images.size());
        data.read(0, data.size(), images.data());
        engine->run(images.data(), data.size(), outputs.data());
        std::vector<double> errors(data.size());
        double sum = 0;
        for (std::size_t i = 0; i < images.size(); ++i) {
            const double difference = double{outputs[i]} - double{images[i]};
            errors[i / pixels] += difference * difference / static_cast<double>(pixels);
            sum += difference * difference / static_cast<double>(pixels);
        }
        if (counts.squaredError) {
            const double counted =
                static_cast<double>(*counts.squaredError) +
                std::ldexp(static_cast<double>(*counts.squaredErrorFraction), -40);
            EXPECT_NEAR(counted, sum,
                        static_cast<double>(data.size()) * std::ldexp(1.0, -41) + 1e-14);
            continue;
        }
        std::uint64_t doubled = 0;
        for (std::size_t a = 0; a < data.size(); ++a) {
            for (std::size_t n = 0; n < data.size(); ++n) {
                if (data.label(a) != 1 || data.label(n) != 0) continue;
                doubled += errors[a] > errors[n] ? 2 : errors[a] == errors[n] ? 1 : 0;
            }
        }
        EXPECT_EQ(counts.aucOrdered, doubled);
    }
}

TEST(SquaredErrorAndAuc, AreTheSameOnAnyNumberOfThreads) {
    for (const auto& [network, task] : {std::pair{"autoencoder", "auc"}, {"regressor", "mse"}}) {
        const CampaignRequest request = requestOf(network, task);
        const auto one = trialsOf(request, 1);
        EXPECT_EQ(one.size(), 8U);
        for (const unsigned threads : {2U, 5U}) EXPECT_EQ(trialsOf(request, threads), one);
    }
}

// The images of a trial are scored in several loads; ranks are over all of them.
TEST(SquaredErrorAndAuc, AreOverAllLoadsOfATrial) {
    CampaignRequest request = requestOf("autoencoder", "auc");
    request.rates.clear();
    request.memory.profile = Profile::open(BROWNOUT_SOURCE_DIR "/profiles/14nm.h5");
    request.supplies = {{{1}, "1"}};
    request.chips = 1;
    const TrialCounts whole = trialsOf(request, 1).begin()->second;
    request.readBatch = 10;
    const TrialCounts parts = trialsOf(request, 1).begin()->second;
    EXPECT_EQ(parts.images, 96U);
    EXPECT_EQ(parts.aucPairs, 2U * 24 * 72);
    EXPECT_EQ(parts.aucOrdered, whole.aucOrdered);
}

/// A campaign of the sample whose trials have these counts at its two points.
Summary summaryOf(const std::string& task, const TrialCounts& mild, const TrialCounts& harsh) {
    CampaignSpec campaign = sampleCampaign();
    campaign.task = task;
    auto trials = sampleTrials(campaign);
    for (TrialResult& trial : trials) {
        TrialCounts counts = trial.key.point == 0 ? mild : harsh;
        counts.images = campaign.images;
        if (counts.squaredError) *counts.squaredError += trial.key.chip;
        if (counts.aucOrdered) *counts.aucOrdered -= trial.key.chip;
        trial.counts = counts;
    }
    return summarize(campaign, trials);
}

TEST(SquaredErrorSummary, IsOverFiniteImagesAndSaysHowManyAreNot) {
    TrialCounts mild;
    mild.squaredErrorClean = mild.squaredError = 50;
    mild.squaredErrorCleanFraction = mild.squaredErrorFraction = std::uint64_t{1} << 39;
    mild.notFiniteClean = mild.notFinite = 0;
    TrialCounts harsh = mild;
    harsh.squaredError = 20;
    harsh.notFinite = 60;
    const Summary summary = summaryOf("mse", mild, harsh);
    // (50.5 + chip) / 100 and (20.5 + chip) / 40 of chips 0, 1 and 2, the same at both offsets.
    EXPECT_DOUBLE_EQ(summary.row(0, 0).main().faulty->mean, 0.515);
    EXPECT_DOUBLE_EQ(summary.row(0, 0).main().faulty->std.value(), 0.01);
    EXPECT_DOUBLE_EQ(summary.row(0, 0).main().clean.value(), 0.505);
    EXPECT_DOUBLE_EQ(summary.row(0, 1).main().faulty->mean, 21.5 / 40);
    EXPECT_DOUBLE_EQ(summary.row(0, 1).values[1].faulty->mean, 0.6);
    const auto point = nlohmann::json::parse(summaryJson(summary))["points"][1];
    EXPECT_EQ(point["mse"]["mean"], 21.5 / 40);
    EXPECT_EQ(point["clean_mse"], 0.505);
    EXPECT_EQ(point["not_finite"]["mean"], 0.6);
    EXPECT_EQ(point["clean_not_finite"], 0);
    EXPECT_FALSE(point.contains("error"));
    EXPECT_FALSE(point.contains("robust_error"));
    EXPECT_THAT(summaryCsv(summary),
                HasSubstr(",images,clean_mse,mse_mean,mse_std,mse_ci95_low,mse_ci95_high,"
                          "clean_not_finite,not_finite_mean,"));
    EXPECT_THAT(describeUncertainty(summary), HasSubstr("MSEs: mean ± standard deviation"));
    // A loss that is tolerable, but images without a finite output.
    EXPECT_EQ(harshestTolerable(summary, 0, 9), 0U);
}

TEST(SquaredErrorSummary, LeavesOutChipsWithoutAnyFiniteImage) {
    CampaignSpec campaign = sampleCampaign();
    campaign.task = "mse";
    auto trials = sampleTrials(campaign);
    for (TrialResult& trial : trials) {
        TrialCounts counts;
        counts.images = campaign.images;
        counts.notFiniteClean = 0;
        counts.squaredErrorClean = counts.squaredError = 100;
        counts.squaredErrorCleanFraction = counts.squaredErrorFraction = 0;
        counts.notFinite = trial.key.chip == 1 ? 100 : 0;
        if (trial.key.chip == 1) counts.squaredError = 0;
        trial.counts = counts;
    }
    const Summary summary = summarize(campaign, trials);
    EXPECT_EQ(summary.row(0, 0).units, 3U);
    EXPECT_EQ(summary.row(0, 0).main().units, 2U);
    EXPECT_EQ(summary.row(0, 0).main().faulty->mean, 1);
    const auto point = nlohmann::json::parse(summaryJson(summary))["points"][0];
    EXPECT_EQ(point["n"], 3);
    EXPECT_EQ(point["mse"]["n"], 2);
    EXPECT_FALSE(point["not_finite"].contains("n"));
    EXPECT_EQ(summary.comparisons.at(0).units, 2U);
}

TEST(AucSummary, IsBetterWhereItIsHigher) {
    TrialCounts mild;
    mild.aucPairs = 1000;
    mild.aucOrderedClean = 990;
    mild.aucOrdered = 989;
    mild.notFiniteClean = mild.notFinite = 0;
    TrialCounts harsh = mild;
    harsh.aucOrdered = 900;
    const Summary summary = summaryOf("auc", mild, harsh);
    EXPECT_DOUBLE_EQ(summary.row(0, 0).main().faulty->mean, 0.988);
    EXPECT_DOUBLE_EQ(summary.row(0, 1).main().clean.value(), 0.99);
    EXPECT_EQ(harshestTolerable(summary, 0, 0.05), 0U);
    EXPECT_EQ(harshestTolerable(summary, 0, 0.2), 1U);
    EXPECT_EQ(harshestTolerable(summary, 0, 0.03), std::nullopt);
    EXPECT_EQ(nlohmann::json::parse(summaryJson(summary))["campaign"]["task"], "auc");
}

std::string problemOf(const CampaignRequest& request) {
    return errorOf([&] { Campaign campaign(request); });
}

TEST(TaskErrors, SayWhatTheTaskNeeds) {
    CampaignRequest request = requestOf("regressor", "auc");
    EXPECT_THAT(problemOf(request),
                HasSubstr("regressor.onnx: gives 3 values an image; expected one, the anomaly "
                          "score, or 64"));
    request = requestOf("scorer", "mse");
    EXPECT_THAT(problemOf(request), HasSubstr("tasks.h5: has 3 targets an image; "));
    request = requestOf("regressor", "mse");
    request.data = openDataset("fashion-mnist", 10);
    EXPECT_THAT(problemOf(request), HasSubstr("takes images of the shape [1, 8, 8]"));
    request = requestOf("scorer", "auc");
    request.data = request.data->take(3);
    EXPECT_THAT(problemOf(request), HasSubstr("none of the 3 images has the label 1"));
    request = requestOf("scorer", "accuracy");
    EXPECT_EQ(problemOf(request), "task: 'accuracy'; expected top1, mse or auc");
    request = requestOf("scorer", "auc");
    request.top = 5;
    EXPECT_EQ(problemOf(request), "top: goes with the task top1, not with auc");

    Dataset::Content content;
    content.place = "made.h5";
    content.shape = {1, 8, 8};
    content.bytes.resize(64 * 3);
    content.labels = {0, 1, 2};
    request = requestOf("scorer", "auc");
    request.data = Dataset(content);
    EXPECT_EQ(problemOf(request),
              "made.h5: image 2 has the label 2; expected 0 for normal images and 1 for anomalies");
    request = requestOf("regressor", "mse");
    request.data = Dataset(content);
    EXPECT_THAT(problemOf(request),
                HasSubstr("regressor.onnx: gives 3 values an image; expected 64, as many as an "
                          "image has (an autoencoder), or `targets` in the data set"));
    content.labels.assign(3, kNoLabel);
    for (const char* task : {"top1", "auc", "mse"}) {
        request = requestOf("scorer", task);
        request.data = Dataset(content);
        EXPECT_NE(problemOf(request), "") << task;
    }
    request = requestOf("scorer", "mse");
    content.labels = {5, 6, 7};
    request.data = Dataset(content);
    EXPECT_EQ(problemOf(request), "");  // one output: the labels are its targets
}

}  // namespace
}  // namespace brownout
