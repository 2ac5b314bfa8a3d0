#include "emulation/campaign_spec.h"

#include <cmath>
#include <limits>
#include <set>

#include "base/error.h"
#include "emulation/anomaly_ranks.h"
#include "emulation/squared_error.h"

namespace brownout {
namespace {

void requireFinite(const std::optional<double>& number, const std::string& what) {
    if (number && !std::isfinite(*number)) throw Error("campaign", what + " is not finite");
}

}  // namespace

std::shared_ptr<const Task> taskOf(const CampaignSpec& campaign) {
    if (campaign.task == "top1") return classification(campaign.top);
    if (campaign.task != "mse" && campaign.task != "auc") {
        throw UsageError("task", "'" + campaign.task + "'; expected top1, mse or auc");
    }
    if (campaign.top != 1) {
        throw UsageError("top", "goes with the task top1, not with " + campaign.task);
    }
    return campaign.task == "mse" ? squaredErrorTask() : anomalyTask();
}

bool isSearched(const CampaignSpec& campaign) {
    return campaign.search && campaign.search->protocol != "listed";
}

bool isOfParts(const CampaignSpec& campaign) {
    return !campaign.networks.empty() && campaign.networks.front().selection.has_value();
}

std::uint64_t trialCount(const CampaignSpec& campaign) {
    return std::uint64_t{campaign.networks.size()} * campaign.points.size() * campaign.chips *
           campaign.offsets.size();
}

std::string toString(const FailingMemories& memories) {
    std::string text;
    const auto add = [&](bool fails, const char* name) {
        if (fails) text += (text.empty() ? "" : "+") + std::string(name);
    };
    add(memories.weights, "weights");
    add(memories.activations, "activations");
    add(memories.accumulators, "accumulators");
    return text;
}

FailingMemories failingMemoriesFromString(const std::string& option, const std::string& text) {
    for (unsigned chosen = 1; chosen < 8; ++chosen) {
        const FailingMemories memories{(chosen & 1) != 0, (chosen & 2) != 0, (chosen & 4) != 0};
        if (toString(memories) == text) return memories;
    }
    throw UsageError(option, "'" + text +
                                 "'; expected weights, activations or accumulators, several joined "
                                 "by '+', in this order");
}

OperatingPoint operatingPoint(const CampaignSpec& campaign, std::uint32_t number) {
    const PointSpec& at = campaign.points[number];
    if (!at.voltage) return {at.ber.value()};
    OperatingPoint point{
        *at.voltage, campaign.profile ? campaign.profile->temperatureC : std::optional<double>{}};
    for (const FixedSupply& fixed : campaign.supplies) point.domains[fixed.domain] = fixed.supply;
    return point;
}

bool contains(const CampaignSpec& campaign, const TrialKey& key) {
    return key.network < campaign.networks.size() && key.point < campaign.points.size() &&
           key.chip < campaign.chips && key.offset < campaign.offsets.size();
}

std::uint64_t loadsPerTrial(const CampaignSpec& campaign) {
    if (campaign.readBatch == 0) return 1;
    return (campaign.images + campaign.readBatch - 1) / campaign.readBatch;
}

std::string describe(const SelectionSpec& selection) {
    std::string text;
    if (selection.layer) text = "layer " + *selection.layer;
    if (selection.bit) text += (text.empty() ? "bit " : ", bit ") + std::to_string(*selection.bit);
    return text;
}

std::string protectionNameOf(const NetworkSpec& network) {
    return network.protection ? network.protection->name : "none";
}

std::string wholeNameOf(const NetworkSpec& network) {
    if (!network.selection) return network.name;
    return network.name.substr(0, network.name.rfind("+" + describe(*network.selection)));
}

double accessCost(const NetworkSpec& network) {
    return network.protection ? network.protection->accessCost() : 1;
}

std::optional<double> supplyInVolts(const CampaignSpec& campaign, const PointSpec& point) {
    if (point.voltage && campaign.device) return point.voltage;
    if (!point.voltage || !campaign.profile) return std::nullopt;
    if (campaign.profile->unit == "V") return point.voltage;
    if (!campaign.profile->vminV) return std::nullopt;
    return *point.voltage * *campaign.profile->vminV;
}

void validate(const CampaignSpec& campaign) {
    taskOf(campaign);
    const auto requireSome = [](std::uint64_t count, const std::string& what) {
        if (count == 0) throw Error("campaign", "has no " + what + "; expected at least one");
        if (count > std::numeric_limits<std::uint32_t>::max()) {
            throw Error("campaign", "has more than 2^32 - 1 of: " + what);
        }
    };
    requireSome(campaign.networks.size(), "network");
    requireSome(campaign.points.size(), "voltage or bit error rate");
    requireSome(campaign.chips, "chip");
    requireSome(campaign.offsets.size(), "layout offset");
    requireSome(campaign.images, "image");

    if (loadsPerTrial(campaign) * campaign.offsets.size() >
        std::numeric_limits<std::uint32_t>::max()) {
        throw Error("campaign", "loads the weights of a chip more than 2^32 - 1 times");
    }

    std::set<std::string> names;
    for (const auto& network : campaign.networks) {
        if (!names.insert(network.name).second) {
            throw Error("campaign", "two networks are named '" + network.name + "'");
        }
    }
    std::set<std::string> labels;
    for (const auto& point : campaign.points) {
        if (!labels.insert(point.label).second) {
            throw Error("campaign", "the point " + point.label + " appears twice");
        }
        requireFinite(point.voltage, "the voltage of point " + point.label);
        requireFinite(point.ber, "the bit error rate of point " + point.label);
        requireFinite(point.berExpected, "the expected bit error rate of point " + point.label);
        requireFinite(point.energy.readJ, "the read energy of point " + point.label);
        requireFinite(point.energy.writeJ, "the write energy of point " + point.label);
        requireFinite(point.energy.relative, "the relative energy of point " + point.label);
    }
    if (campaign.device && campaign.chips != 1) {
        throw Error("campaign", "has several chips of a device, which is one");
    }
    if (campaign.profile) {
        requireFinite(campaign.profile->vminV, "Vmin of the profile");
        requireFinite(campaign.profile->temperatureC, "the temperature");
    }
}

}  // namespace brownout
