// A campaign as JSON and back: the keys of every member, once for both directions.

#include <type_traits>

#include "base/error.h"
#include "tools/results/campaign_identity.h"
#include "tools/results/json_values.h"

namespace brownout {
namespace {

using nlohmann::json;

/// Puts the members that a `members` function names into a JSON object.
class Writer {
 public:
    template <typename T>
    void operator()(const char* key, const T& member) {
        value_[key] = jsonOf(member);
    }
    /// For a member that is left out while it has its usual value, so that the identity of a
    /// campaign that doesn't use it stays that of older versions.
    template <typename T>
    void unless(const T& usual, const char* key, const T& member) {
        if (!(member == usual)) (*this)(key, member);
    }
    template <typename T>
    void ifThere(const char* key, const std::optional<T>& member) {
        if (member) (*this)(key, *member);
    }
    /// For a struct that is written as the command line has it; reading takes the function that
    /// reads it there.
    template <typename T, typename FromString>
    void asText(const char* key, const T& whole, FromString) {
        value_[key] = toString(whole);
    }
    json take() { return std::move(value_); }

    template <typename T>
    static json jsonOf(const T& member);

 private:
    json value_ = json::object();
};

/// Takes the members that a `members` function names from a JSON object; absent ones throw.
class Reader {
 public:
    explicit Reader(const json& value) : value_(value) {}

    template <typename T>
    void operator()(const char* key, T& member) {
        read(value_.at(key), member);
    }
    template <typename T>
    void unless(const T&, const char* key, T& member) {
        if (value_.contains(key)) read(value_.at(key), member);
    }
    template <typename T>
    void ifThere(const char* key, std::optional<T>& member) {
        unless({}, key, member);
    }

    template <typename T, typename FromString>
    void asText(const char* key, T& whole, FromString fromString) {
        whole = fromString(key, value_.at(key).get<std::string>());
    }

    template <typename T>
    static void read(const json& from, T& member);

 private:
    const json& value_;
};

// The members of each struct and their keys, once for both directions. `Spec` is const when it is
// written.

template <typename Spec, typename Kind>
using EnableFor = std::enable_if_t<std::is_same_v<std::remove_const_t<Spec>, Kind>>;

template <typename Visit, typename Spec>
EnableFor<Spec, EnergyFigures> members(Visit& visit, Spec& energy) {
    visit("read_j", energy.readJ);
    visit("write_j", energy.writeJ);
    visit("relative", energy.relative);
}

template <typename Visit, typename Spec>
EnableFor<Spec, ProtectionSpec> members(Visit& visit, Spec& protection) {
    visit("codec", protection.name);
    visit("word_bits", protection.wordBits);
    visit("check_bits", protection.checkBits);
    visit("data_arrays", protection.dataArrays);
    visit("check_arrays", protection.checkArrays);
    visit.unless(std::uint32_t{1}, "block_words", protection.blockWords);
}

template <typename Visit, typename Spec>
EnableFor<Spec, SelectionSpec> members(Visit& visit, Spec& selection) {
    visit.ifThere("layer", selection.layer);
    visit.ifThere("bit", selection.bit);
    visit("cells", selection.cells);
}

template <typename Visit, typename Spec>
EnableFor<Spec, PartEnergy> members(Visit& visit, Spec& energy) {
    visit("part", energy.part);
    visit("joules", energy.joules);
}

template <typename Visit, typename Spec>
EnableFor<Spec, AcceleratorSpec> members(Visit& visit, Spec& accelerator) {
    visit("name", accelerator.name);
    visit("path", accelerator.path);
    visit("fingerprint", accelerator.fingerprint);
}

/// Visits what every memory of values has.
template <typename Visit, typename Spec>
void memoryMembers(Visit& visit, Spec& memory) {
    visit("memory", memory.memory);
    visit("codec", memory.protection);
    visit("words", memory.words);
    visit("profile", memory.profile);
}

template <typename Visit, typename Spec>
EnableFor<Spec, ValueMemorySpec> members(Visit& visit, Spec& accumulators) {
    memoryMembers(visit, accumulators);
}

template <typename Visit, typename Spec>
EnableFor<Spec, ActivationsSpec> members(Visit& visit, Spec& activations) {
    memoryMembers(visit, activations);
    visit("calibration_images", activations.calibrationImages);
    visit("quantile", activations.quantile);
    visit("bits", activations.bits);
}

template <typename Visit, typename Spec>
EnableFor<Spec, FixedSupply> members(Visit& visit, Spec& fixed) {
    visit("domain", fixed.domain);
    visit("supply", fixed.supply);
}

template <typename Visit, typename Spec>
EnableFor<Spec, FailingMemories> members(Visit& visit, Spec& failing) {
    visit.asText("memories", failing, failingMemoriesFromString);
}

template <typename Visit, typename Spec>
EnableFor<Spec, BerzadSearch> members(Visit& visit, Spec& search) {
    visit("protocol", search.protocol);
    visit("drop", search.drop);
}

template <typename Visit, typename Spec>
EnableFor<Spec, NetworkSpec> members(Visit& visit, Spec& network) {
    visit("name", network.name);
    visit("path", network.path);
    visit("fingerprint", network.fingerprint);
    // Stores of 0.1.0 don't have it.
    visit.unless(std::string(), "format", network.format);
    visit("bits", network.bits);
    visit("quantizer", network.quantizer);
    visit("store", network.store);
    visit("stored_bits", network.storedBits);
    visit("parameters", network.parameters);
    visit("macs_per_image", network.macsPerImage);
    visit.unless(std::string("float"), "arithmetic", network.arithmetic);
    visit("reads_per_inference", network.readsPerInference);
    visit("writes_per_inference", network.writesPerInference);
    visit.ifThere("protection", network.protection);
    visit.ifThere("selection", network.selection);
    visit.unless(FailingMemories(), "failing", network.failing);
    visit.unless(std::vector<std::vector<PartEnergy>>(), "energies", network.energies);
    visit.unless(0.0, "nominal_j", network.nominalJ);
}

template <typename Visit, typename Spec>
EnableFor<Spec, PointSpec> members(Visit& visit, Spec& point) {
    visit("label", point.label);
    visit("voltage", point.voltage);
    visit("ber", point.ber);
    visit("ber_expected", point.berExpected);
    visit("energy", point.energy);
}

template <typename Visit, typename Spec>
EnableFor<Spec, DataSpec> members(Visit& visit, Spec& data) {
    visit("name", data.name);
    visit("path", data.path);
    visit("fingerprint", data.fingerprint);
}

template <typename Visit, typename Spec>
EnableFor<Spec, ProfileSpec> members(Visit& visit, Spec& profile) {
    visit("name", profile.name);
    visit("path", profile.path);
    visit("fingerprint", profile.fingerprint);
    visit("unit", profile.unit);
    visit("vmin_v", profile.vminV);
    visit.ifThere("temperature_c", profile.temperatureC);
}

template <typename Visit, typename Spec>
EnableFor<Spec, DeviceSpec> members(Visit& visit, Spec& device) {
    visit("target", device.target);
    visit("target_path", device.targetUrl);
    visit("supply", device.supply);
    visit("supply_path", device.supplyUrl);
    visit("base", device.base);
    visit("arrays", device.arrays);
    visit("rows", device.rows);
    visit("columns", device.columns);
    visit("column_mux", device.columnMux);
    visit("access", device.access);
    visit("hold_s", device.holdS);
    visit("nominal_v", device.nominalV);
}

template <typename Visit, typename Spec>
EnableFor<Spec, LayoutSpec> members(Visit& visit, Spec& layout) {
    visit("interleave", layout.interleave);
    visit("bit_order", layout.bitOrder);
}

template <typename Visit, typename Spec>
EnableFor<Spec, Precision> members(Visit& visit, Spec& precision) {
    visit.asText("half_width", precision, precisionFromString);
}

template <typename Visit, typename Spec>
EnableFor<Spec, CampaignSpec> members(Visit& visit, Spec& campaign) {
    visit("networks", campaign.networks);
    visit("points", campaign.points);
    visit("chips", campaign.chips);
    visit("offsets", campaign.offsets);
    visit("images", campaign.images);
    visit.unless(std::string("top1"), "task", campaign.task);
    visit.unless(std::uint32_t{1}, "top", campaign.top);
    visit("data", campaign.data);
    visit("profile", campaign.profile);
    visit.ifThere("device", campaign.device);
    visit.ifThere("accelerator", campaign.accelerator);
    visit.ifThere("activations", campaign.activations);
    visit.ifThere("accumulators", campaign.accumulators);
    visit.unless(std::vector<FixedSupply>(), "supplies", campaign.supplies);
    visit("energy_source", campaign.energySource);
    visit("seed", campaign.seed);
    visit("layout", campaign.layout);
    visit("codec", campaign.protection);
    visit.unless(std::string("zero-code"), "detected", campaign.detected);
    visit.unless(std::string(), "memory", campaign.memory);
    visit.unless(std::uint64_t{0}, "read_batch", campaign.readBatch);
    visit.ifThere("precision", campaign.precision);
    visit.ifThere("search", campaign.search);
    visit.unless(std::uint64_t{0}, "images_per_trial", campaign.imagesPerTrial);
    visit.unless(std::uint64_t{0}, "bias_correction_images", campaign.biasImages);
    visit("instruction_set", campaign.instructionSet);
    visit("version", campaign.version);
}

template <typename T>
struct IsOptional : std::false_type {};
template <typename T>
struct IsOptional<std::optional<T>> : std::true_type {};
template <typename T>
struct IsVector : std::false_type {};
template <typename T>
struct IsVector<std::vector<T>> : std::true_type {};

template <typename T>
json Writer::jsonOf(const T& member) {
    if constexpr (IsOptional<T>::value) {
        return member ? jsonOf(*member) : json(nullptr);
    } else if constexpr (IsVector<T>::value) {
        json list = json::array();
        for (const auto& element : member) list.push_back(jsonOf(element));
        return list;
    } else if constexpr (std::is_constructible_v<json, T>) {
        return json(member);
    } else {
        Writer writer;
        members(writer, member);
        return writer.take();
    }
}

template <typename T>
void Reader::read(const json& from, T& member) {
    if constexpr (IsOptional<T>::value) {
        member.reset();
        if (!from.is_null()) read(from, member.emplace());
    } else if constexpr (IsVector<T>::value) {
        member.clear();
        for (const auto& element : from) read(element, member.emplace_back());
    } else if constexpr (std::is_constructible_v<json, T>) {
        from.get_to(member);
    } else {
        Reader reader(from);
        members(reader, member);
    }
}

}  // namespace

std::string toJson(const CampaignSpec& campaign) { return jsonLine(Writer::jsonOf(campaign)); }

CampaignSpec campaignFromJson(std::string_view text, const std::string& place) {
    CampaignSpec campaign;
    try {
        Reader::read(json::parse(text), campaign);
        validate(campaign);
    } catch (const json::exception& error) {
        throw Error(place, std::string("does not describe a campaign: ") + error.what());
    } catch (const Error& error) {
        throw Error(place, error.what());
    }
    return campaign;
}

}  // namespace brownout
