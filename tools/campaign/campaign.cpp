#include "tools/campaign/campaign.h"

#include <cmath>
#include <limits>
#include <set>

#include "base/error.h"
#include "base/fingerprint.h"
#include "tools/campaign/campaign_json.h"

namespace brownout {
namespace {

using nlohmann::json;

json energyJson(const EnergyFigures& energy) {
    return {{"read_j", jsonOrNull(energy.readJ)},
            {"write_j", jsonOrNull(energy.writeJ)},
            {"relative", jsonOrNull(energy.relative)}};
}

json protectionJson(const ProtectionSpec& protection) {
    return {{"codec", protection.codec},
            {"word_bits", protection.wordBits},
            {"check_bits", protection.checkBits},
            {"data_arrays", protection.dataArrays},
            {"check_arrays", protection.checkArrays}};
}

json networkJson(const NetworkSpec& network) {
    json value{{"name", network.name},
               {"path", network.path},
               {"fingerprint", network.fingerprint},
               {"bits", network.bits},
               {"quantizer", network.quantizer},
               {"store", network.store},
               {"stored_bits", network.storedBits},
               {"parameters", network.parameters},
               {"macs_per_image", network.macsPerImage},
               {"reads_per_inference", network.readsPerInference},
               {"writes_per_inference", network.writesPerInference}};
    // Absent in campaigns without a codec, whose identity must stay that of older versions.
    if (network.protection) value["protection"] = protectionJson(*network.protection);
    return value;
}

json pointJson(const PointSpec& point) {
    return {{"label", point.label},
            {"voltage", jsonOrNull(point.voltage)},
            {"ber", jsonOrNull(point.ber)},
            {"ber_expected", point.berExpected},
            {"energy", energyJson(point.energy)}};
}

json profileJson(const std::optional<ProfileSpec>& profile) {
    if (!profile) return nullptr;
    json value{{"name", profile->name},
               {"path", profile->path},
               {"fingerprint", profile->fingerprint},
               {"unit", profile->unit},
               {"vmin_v", jsonOrNull(profile->vminV)}};
    if (profile->temperatureC) value["temperature_c"] = *profile->temperatureC;
    return value;
}

std::optional<double> optionalNumber(const json& value) {
    if (value.is_null()) return std::nullopt;
    return value.get<double>();
}

ProtectionSpec protectionFrom(const json& value) {
    ProtectionSpec protection;
    value.at("codec").get_to(protection.codec);
    value.at("word_bits").get_to(protection.wordBits);
    value.at("check_bits").get_to(protection.checkBits);
    value.at("data_arrays").get_to(protection.dataArrays);
    value.at("check_arrays").get_to(protection.checkArrays);
    return protection;
}

NetworkSpec networkFrom(const json& value) {
    NetworkSpec network;
    value.at("name").get_to(network.name);
    value.at("path").get_to(network.path);
    value.at("fingerprint").get_to(network.fingerprint);
    value.at("bits").get_to(network.bits);
    value.at("quantizer").get_to(network.quantizer);
    value.at("store").get_to(network.store);
    value.at("stored_bits").get_to(network.storedBits);
    value.at("parameters").get_to(network.parameters);
    value.at("macs_per_image").get_to(network.macsPerImage);
    value.at("reads_per_inference").get_to(network.readsPerInference);
    value.at("writes_per_inference").get_to(network.writesPerInference);
    if (value.contains("protection")) network.protection = protectionFrom(value.at("protection"));
    return network;
}

PointSpec pointFrom(const json& value) {
    PointSpec point;
    value.at("label").get_to(point.label);
    point.voltage = optionalNumber(value.at("voltage"));
    point.ber = optionalNumber(value.at("ber"));
    value.at("ber_expected").get_to(point.berExpected);
    const auto& energy = value.at("energy");
    point.energy.readJ = optionalNumber(energy.at("read_j"));
    point.energy.writeJ = optionalNumber(energy.at("write_j"));
    point.energy.relative = optionalNumber(energy.at("relative"));
    return point;
}

std::optional<ProfileSpec> profileFrom(const json& value) {
    if (value.is_null()) return std::nullopt;
    ProfileSpec profile;
    value.at("name").get_to(profile.name);
    value.at("path").get_to(profile.path);
    value.at("fingerprint").get_to(profile.fingerprint);
    value.at("unit").get_to(profile.unit);
    profile.vminV = optionalNumber(value.at("vmin_v"));
    if (value.contains("temperature_c")) {
        profile.temperatureC = optionalNumber(value.at("temperature_c"));
    }
    return profile;
}

CampaignSpec campaignFrom(const json& value) {
    CampaignSpec campaign;
    for (const auto& network : value.at("networks")) {
        campaign.networks.push_back(networkFrom(network));
    }
    for (const auto& point : value.at("points")) campaign.points.push_back(pointFrom(point));
    value.at("chips").get_to(campaign.chips);
    value.at("offsets").get_to(campaign.offsets);
    value.at("images").get_to(campaign.images);
    const auto& data = value.at("data");
    data.at("name").get_to(campaign.data.name);
    data.at("path").get_to(campaign.data.path);
    data.at("fingerprint").get_to(campaign.data.fingerprint);
    campaign.profile = profileFrom(value.at("profile"));
    value.at("energy_source").get_to(campaign.energySource);
    value.at("seed").get_to(campaign.seed);
    value.at("layout").at("interleave").get_to(campaign.layout.interleave);
    value.at("layout").at("bit_order").get_to(campaign.layout.bitOrder);
    value.at("codec").get_to(campaign.codec);
    campaign.detected = value.value("detected", campaign.detected);
    campaign.readBatch = value.value("read_batch", campaign.readBatch);
    campaign.memory = value.value("memory", campaign.memory);
    value.at("instruction_set").get_to(campaign.instructionSet);
    value.at("version").get_to(campaign.version);
    return campaign;
}

/// What identifies the campaign: everything but the paths, and the memory, for all return the same
/// words.
json identityOf(const CampaignSpec& campaign) {
    // Through text and back, so that it is the same before and after it was stored.
    auto identity = json::parse(toJson(campaign));
    for (auto& network : identity["networks"]) network.erase("path");
    identity["data"].erase("path");
    identity.erase("memory");
    if (!identity["profile"].is_null()) identity["profile"].erase("path");
    return identity;
}

std::optional<std::string> difference(const json& there, const json& here,
                                      const std::string& name) {
    if (there == here) return std::nullopt;
    if (there.is_object() && here.is_object()) {
        const std::string prefix = name.empty() ? "" : name + ".";
        for (const auto& [key, value] : there.items()) {
            if (!here.contains(key)) {
                return prefix + key + " is " + jsonText(value) + " there and absent in this run";
            }
            if (auto found = difference(value, here.at(key), prefix + key)) return found;
        }
        for (const auto& [key, value] : here.items()) {
            if (there.contains(key)) continue;
            return prefix + key + " is absent there and " + jsonText(value) + " in this run";
        }
    }
    if (there.is_array() && here.is_array()) {
        if (there.size() != here.size()) {
            return name + " has " + std::to_string(there.size()) + " entries there and " +
                   std::to_string(here.size()) + " in this run";
        }
        for (std::size_t i = 0; i < there.size(); ++i) {
            const auto element = name + "[" + std::to_string(i) + "]";
            if (auto found = difference(there[i], here[i], element)) return found;
        }
    }
    return name + " is " + jsonText(there) + " there and " + jsonText(here) + " in this run";
}

void requireFinite(const std::optional<double>& number, const std::string& what) {
    if (number && !std::isfinite(*number)) throw Error("campaign", what + " is not finite");
}

}  // namespace

nlohmann::json jsonOrNull(const std::optional<double>& number) {
    return number ? json(*number) : json(nullptr);
}

nlohmann::json campaignJson(const CampaignSpec& campaign) {
    json networks = json::array();
    for (const auto& network : campaign.networks) networks.push_back(networkJson(network));
    json points = json::array();
    for (const auto& point : campaign.points) points.push_back(pointJson(point));
    json value{
        {"networks", networks},
        {"points", points},
        {"chips", campaign.chips},
        {"offsets", campaign.offsets},
        {"images", campaign.images},
        {"data",
         {{"name", campaign.data.name},
          {"path", campaign.data.path},
          {"fingerprint", campaign.data.fingerprint}}},
        {"profile", profileJson(campaign.profile)},
        {"energy_source", campaign.energySource},
        {"seed", campaign.seed},
        {"layout",
         {{"interleave", campaign.layout.interleave}, {"bit_order", campaign.layout.bitOrder}}},
        {"codec", campaign.codec},
        {"memory", campaign.memory},
        {"instruction_set", campaign.instructionSet},
        {"version", campaign.version}};
    if (campaign.detected != "zero-code") value["detected"] = campaign.detected;
    if (campaign.readBatch > 0) value["read_batch"] = campaign.readBatch;
    return value;
}

std::uint64_t trialCount(const CampaignSpec& campaign) {
    return std::uint64_t{campaign.networks.size()} * campaign.points.size() * campaign.chips *
           campaign.offsets.size();
}

std::uint64_t loadsPerTrial(const CampaignSpec& campaign) {
    if (campaign.readBatch == 0) return 1;
    return (campaign.images + campaign.readBatch - 1) / campaign.readBatch;
}

double accessCost(const NetworkSpec& network) {
    return network.protection ? network.protection->accessCost() : 1;
}

std::optional<double> supplyInVolts(const CampaignSpec& campaign, const PointSpec& point) {
    if (!point.voltage || !campaign.profile) return std::nullopt;
    if (campaign.profile->unit == "V") return point.voltage;
    if (!campaign.profile->vminV) return std::nullopt;
    return *point.voltage * *campaign.profile->vminV;
}

void validate(const CampaignSpec& campaign) {
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
    if (campaign.profile) {
        requireFinite(campaign.profile->vminV, "Vmin of the profile");
        requireFinite(campaign.profile->temperatureC, "the temperature");
    }
}

std::string toJson(const CampaignSpec& campaign) { return jsonText(campaignJson(campaign)); }

CampaignSpec campaignFromJson(std::string_view text, const std::string& place) {
    CampaignSpec campaign;
    try {
        campaign = campaignFrom(json::parse(text));
    } catch (const json::exception& error) {
        throw Error(place, std::string("does not describe a campaign: ") + error.what());
    }
    try {
        validate(campaign);
    } catch (const Error& error) {
        throw Error(place, error.what());
    }
    return campaign;
}

std::string fingerprint(const CampaignSpec& campaign) {
    return fingerprint(std::string_view(jsonText(identityOf(campaign))));
}

std::optional<std::string> firstDifference(const CampaignSpec& there, const CampaignSpec& here) {
    return difference(identityOf(there), identityOf(here), "");
}

}  // namespace brownout
