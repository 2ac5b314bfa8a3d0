#include "emulation/anomaly_ranks.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "emulation/squared_error.h"
#include "inference/data/layout.h"

namespace brownout {
namespace {

std::optional<Amount> shareOfPairs(const std::optional<std::uint64_t>& ordered,
                                   const std::optional<std::uint64_t>& pairs) {
    if (!ordered || !pairs) return std::nullopt;
    return Amount{*ordered, *pairs};
}

Measure auc() {
    Measure measure;
    measure.faulty = [](const TrialCounts& c) { return shareOfPairs(c.aucOrdered, c.aucPairs); };
    measure.clean = [](const TrialCounts& c) {
        return shareOfPairs(c.aucOrderedClean, c.aucPairs);
    };
    measure.key = "auc";
    measure.cleanKey = "clean_auc";
    measure.name = "AUC";
    measure.plural = "AUCs";
    measure.heading = "AUC";
    measure.cleanHeading = "clean AUC";
    measure.note =
        "AUC: area under the ROC curve, the share of pairs of an anomaly and a normal image in "
        "which the anomaly has the larger score; 1 is perfect, 0.5 is guessing.";
    measure.higherIsBetter = true;
    measure.worthless = 0.5;
    measure.possible = {0, 1};
    measure.bounds = "within 0 and 1";
    measure.tolerableLoss = 0.01;
    measure.tolerable =
        "the AUC, at the lower end of its 95 % interval, is at most 0.01 below the AUC without "
        "faults";
    return measure;
}

class Anomalies final : public Task {
 public:
    std::string name() const override { return "auc"; }
    EngineOutputs outputs() const override { return EngineOutputs::kOwn; }

    void check(const Network& network, const Dataset& data) const override {
        fitTo(network, data);
        const std::size_t values = interfaceOf(network).classes;
        if (values != 1 && values != data.imageElements()) {
            throw Error(network.file, "gives " + std::to_string(values) +
                                          " values an image; expected one, the anomaly score, or " +
                                          std::to_string(data.imageElements()) +
                                          ", as many as an image has (an autoencoder)");
        }
        bool seen[2] = {false, false};
        for (std::size_t i = 0; i < data.size(); ++i) {
            const int label = data.label(i);
            if (label != 0 && label != 1) {
                throw Error(data.place(), "image " + std::to_string(i) + " has " +
                                              (label < 0 ? std::string("no label")
                                                         : "the label " + std::to_string(label)) +
                                              "; expected 0 for normal images and 1 for anomalies");
            }
            seen[label] = true;
        }
        if (seen[0] && seen[1]) return;
        throw Error(data.place(), std::string("none of the ") + std::to_string(data.size()) +
                                      " images has the label " + (seen[0] ? "1" : "0") +
                                      "; expected normal images and anomalies");
    }

    double score(Span<const float> outputs, const Truth& truth) const override {
        if (outputs.size() == 1) return static_cast<double>(outputs[0]);
        return meanSquaredError(outputs, truth.image);
    }

    void count(const TrialScores& scores, const Dataset& data, std::size_t first,
               TrialCounts& counts) const override {
        std::vector<double> clean[2];
        std::vector<double> faulty[2];
        for (std::size_t i = 0; i < scores.clean.size(); ++i) {
            const auto label = static_cast<std::size_t>(data.label(first + i));
            clean[label].push_back(scores.clean[i]);
            faulty[label].push_back(scores.faulty[i]);
        }
        counts.aucPairs = 2 * std::uint64_t{clean[0].size()} * clean[1].size();
        counts.aucOrderedClean = doubledU(std::move(clean[1]), std::move(clean[0]));
        counts.aucOrdered = doubledU(std::move(faulty[1]), std::move(faulty[0]));
        counts.notFiniteClean = countNotFinite(scores.clean);
        counts.notFinite = countNotFinite(scores.faulty);
    }

    std::vector<Measure> measures() const override {
        return {auc(), shareNotFinite("on the wrong side of every pair where they aren't numbers")};
    }
};

}  // namespace

std::uint64_t doubledU(std::vector<double> anomalies, std::vector<double> normals) {
    const auto isNan = [](double score) { return std::isnan(score); };
    anomalies.erase(std::remove_if(anomalies.begin(), anomalies.end(), isNan), anomalies.end());
    normals.erase(std::remove_if(normals.begin(), normals.end(), isNan), normals.end());
    std::sort(normals.begin(), normals.end());
    std::uint64_t doubled = 0;
    for (const double score : anomalies) {
        const auto [low, high] = std::equal_range(normals.begin(), normals.end(), score);
        // Normal images below the score count 2, those at it 1.
        doubled += static_cast<std::uint64_t>((low - normals.begin()) + (high - normals.begin()));
    }
    return doubled;
}

std::shared_ptr<const Task> anomalyTask() { return std::make_shared<const Anomalies>(); }

}  // namespace brownout
