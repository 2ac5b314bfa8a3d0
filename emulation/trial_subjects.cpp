#include "emulation/trial_subjects.h"

#include <algorithm>
#include <atomic>
#include <map>

#include "base/threads.h"
#include "inference/engines/prefixes.h"

namespace brownout {
namespace {

/// Images of one piece of the clean run.
constexpr std::size_t kCleanPiece = 256;

/// Tells whether enough trials of a network have so few faults that the first layers are often
/// spared: keeping activations costs about as much as one of them saves.
bool hasFewFaults(const CampaignSpec& spec, std::size_t network) {
    constexpr double kFew = 64;
    constexpr std::uint64_t kEnough = 4;
    const auto bits = static_cast<double>(spec.networks[network].storedBits);
    const auto points =
        std::count_if(spec.points.begin(), spec.points.end(), [&](const PointSpec& point) {
            return point.berExpected && *point.berExpected * bits < kFew;
        });
    return static_cast<std::uint64_t>(points) * spec.chips * spec.offsets.size() >= kEnough;
}

}  // namespace

std::vector<TrialSubject> storeNetworks(const CampaignInputs& inputs) {
    const SramGeometry& chip = inputs.chips->geometry();
    std::vector<TrialSubject> subjects;
    std::map<std::string, std::size_t> known;
    for (std::size_t i = 0; i < inputs.rows.networks.size(); ++i) {
        const auto& protection = inputs.rows.protections[i];
        const CheckPlacement placement(chip, *protection);
        const NetworkPlacement& where = inputs.rows.placements[i];
        const MemoryMap map = layOut(inputs.rows.networks[i], placement, inputs.layout, where);
        // The parts of a network are rows one after the other.
        std::shared_ptr<const StoredNetwork> stored;
        const std::string content = inputs.rows.networks[i].fingerprint();
        const bool isPart =
            inputs.rows.selections[i] != nullptr || inputs.rows.values[i].areStored();
        if (i > 0 && isPart && protection == inputs.rows.protections[i - 1] &&
            content == inputs.rows.networks[i - 1].fingerprint()) {
            stored = subjects.back().network.stored;
        } else {
            stored = std::make_shared<const StoredNetwork>(
                storeNetwork(inputs.rows.networks[i], map, protection, inputs.detected));
        }
        std::string weights =
            stored->prepared.empty() ? content : content + " " + protection->name();
        if (inputs.rows.values[i].areStored()) weights += " with stored values";
        subjects.push_back({placement,
                            {stored, std::vector<double>(inputs.spec.images)},
                            known.insert({weights, i}).first->second,
                            arrayDomains(map, where),
                            std::vector<double>(inputs.spec.images),
                            {}});
        subjects.back().network.selection = inputs.rows.selections[i];
        subjects.back().network.weightsFail = inputs.spec.networks[i].failing.weights;
    }
    return subjects;
}

Engine& TrialEngines::of(std::size_t network) {
    const std::size_t first = subjects_[network].alike;
    auto& engine = engines_[first];
    if (!engine) {
        engine = makeEngine(
            inputs_.rows.networks[first],
            {inputs_.task.outputs(), {}, inputs_.exact, inputs_.rows.values[first].stored});
        for (const ChangedCode& changed : subjects_[first].network.stored->prepared) {
            engine->patch(changed.tensor, changed.element, changed.code);
        }
        engine->keep();
    }
    return *engine;
}

std::vector<bool> wrongOnes(const Task& task, Span<const double> scores) {
    std::vector<bool> wrong;
    for (const double score : scores) wrong.push_back(task.isWrong(score).value_or(false));
    return wrong;
}

void runClean(const CampaignInputs& inputs, std::vector<TrialEngines>& engines,
              std::vector<TrialSubject>& subjects) {
    const std::size_t images = inputs.spec.images;
    std::vector<std::size_t> distinct;
    for (std::size_t i = 0; i < subjects.size(); ++i) {
        if (subjects[i].alike == i) distinct.push_back(i);
    }
    for (const std::size_t network : distinct) {
        if (!hasFewFaults(inputs.spec, network) && !inputs.spec.networks[network].selection) {
            continue;
        }
        subjects[network].network.prefixes =
            engines[0].of(network).makePrefixes(images, memoryForPrefixes() / distinct.size());
    }
    const std::size_t pieces = (images + kCleanPiece - 1) / kCleanPiece;
    std::atomic<std::size_t> next{0};
    std::atomic<bool> stop{false};
    const std::size_t threads = std::min(engines.size(), pieces * distinct.size());
    onThreads(static_cast<unsigned>(threads), stop, [&](unsigned worker) {
        for (std::size_t i = next++; i < pieces * distinct.size() && !stop; i = next++) {
            const std::size_t network = distinct[i / pieces];
            const std::size_t first = i % pieces * kCleanPiece;
            std::vector<double> margins;
            const auto piece =
                cleanScoresOf(engines[worker].of(network), inputs.task, inputs.rows.data[network],
                              {first, std::min(kCleanPiece, images - first)},
                              subjects[network].network.prefixes.get(), margins);
            const auto at = static_cast<std::ptrdiff_t>(first);
            std::copy(piece.begin(), piece.end(), subjects[network].network.clean.begin() + at);
            std::copy(margins.begin(), margins.end(), subjects[network].margins.begin() + at);
        }
    });
    for (TrialSubject& subject : subjects) {
        subject.network.clean = subjects[subject.alike].network.clean;
        subject.network.prefixes = subjects[subject.alike].network.prefixes;
        if (!inputs.spec.precision) continue;
        const std::vector<bool> wrong = wrongOnes(inputs.task, subject.network.clean);
        std::vector<int> classes;
        for (std::size_t i = 0; i < images; ++i) {
            classes.push_back(inputs.rows.data[subject.alike].label(i));
        }
        subject.strata.emplace(wrong, subjects[subject.alike].margins, classes);
    }
}

}  // namespace brownout
