#include "tools/brownout/network_options.h"

#include <algorithm>

#include "base/error.h"
#include "model/protection/protection.h"

namespace brownout {
namespace {

namespace po = boost::program_options;

/// "rquant" or "normal,nearest,network": a preset and what differs from it. `place` is the option
/// or the metadata key.
QuantizerSettings parseQuantizer(const std::string& place, const std::string& text) {
    QuantizerSettings settings = QuantizerSettings::preset("rquant");
    bool first = true;
    for (const std::string& word : splitList(place, text)) {
        if (first && (word == "normal" || word == "rquant")) {
            settings = QuantizerSettings::preset(word);
        } else if (word == "symmetric" || word == "asymmetric") {
            settings.symmetric = word == "symmetric";
        } else if (word == "signed" || word == "unsigned") {
            settings.signedCodes = word == "signed";
        } else if (word == "nearest" || word == "truncate") {
            settings.rounding = word == "nearest" ? Rounding::kNearestEven : Rounding::kTruncate;
        } else if (word == "tensor" || word == "network") {
            settings.scope = word == "tensor" ? RangeScope::kTensor : RangeScope::kNetwork;
        } else {
            throw UsageError(place,
                             "'" + word +
                                 "'; expected normal or rquant, then any of symmetric, asymmetric, "
                                 "signed, unsigned, nearest, truncate, tensor, network");
        }
        first = false;
    }
    return settings;
}

int parseBits(const std::string& place, const std::string& text) {
    const std::uint64_t bits = parseCount(place, text);
    if (bits < 2 || bits > 8) throw UsageError(place, text + "; expected 2 to 8 bits");
    return static_cast<int>(bits);
}

StoreScope parseStore(const std::string& place, const std::string& text) {
    if (text == "weights") return StoreScope::kWeights;
    if (text == "parameters") return StoreScope::kParameters;
    throw UsageError(place, "'" + text + "'; expected weights or parameters");
}

/// The value of an option, or else of the network's metadata, or else `fallback`, put through
/// `parse`. What is wrong in the metadata is the file's fault (status 1), not the command line's.
template <typename Parse>
auto choose(const Model& model, const CommandLine& line, const std::string& key,
            const std::string& fallback, const Parse& parse) {
    if (line.has(key.c_str())) return parse("--" + key, line.get<std::string>(key.c_str()));
    const auto known = model.metadata.find("brownout." + key);
    if (known == model.metadata.end()) return parse("--" + key, fallback);
    try {
        return parse("metadata brownout." + key, known->second);
    } catch (const UsageError& error) {
        throw Error(model.file, error.what());
    }
}

}  // namespace

Dataset openData(const CommandLine& line) {
    Dataset data = openDataset(line.get<std::string>("data"));
    if (!line.has("images")) return data;
    const auto images = parseCount("--images", line.get<std::string>("images"));
    if (images > data.size()) {
        throw UsageError("--images", std::to_string(images) + "; " + data.name() + " has " +
                                         std::to_string(data.size()));
    }
    return data.take(images);
}

std::vector<std::string> protectionsOf(const CommandLine& line) {
    const auto names = splitList("--codec", line.get<std::string>("codec"));
    const auto known = protectionNames();
    for (const std::string& name : names) {
        if (std::find(known.begin(), known.end(), name) == known.end()) {
            throw UsageError("--codec", "'" + name + "'; expected some of " + joined(known));
        }
    }
    return names;
}

void addStorageOptions(CommandLine& line) {
    line.options().add_options()  //
        ("bits", po::value<std::string>()->value_name("M"),
         "bits of a code, 2 to 8 (default: the network's own, or 8)")  //
        ("quantizer", po::value<std::string>()->value_name("NAME"),
         "normal (per tensor, symmetric, signed, truncating), rquant (per tensor, asymmetric, "
         "unsigned, "
         "rounding), and what shall differ from it: 'normal,nearest', 'rquant,network' (default: "
         "the "
         "network's own, or rquant)")  //
        ("store", po::value<std::string>()->value_name("WHAT"),
         "what lives in the SRAM: weights (kernels) or parameters (also biases and normalisation; "
         "default: the network's own, or weights)");
}

StorageSettings storageOf(const Model& model, const CommandLine& line) {
    StorageSettings storage;
    storage.quantizer = choose(model, line, "quantizer", "rquant", parseQuantizer);
    storage.quantizer.bits = choose(model, line, "bits", "8", parseBits);
    storage.store = choose(model, line, "store", "weights", parseStore);
    return storage;
}

}  // namespace brownout
