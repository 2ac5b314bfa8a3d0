#include "inference/formats/storage.h"

#include <charconv>
#include <sstream>

#include "base/error.h"
#include "inference/formats/file_format.h"
#include "inference/formats/quantizer_format.h"

namespace brownout {

namespace {

/// Reads "rquant" or "normal,nearest,network": a preset and what differs from it.
QuantizerSettings parseQuantizer(const std::string& place, const std::string& text) {
    QuantizerSettings settings = QuantizerSettings::preset("rquant");
    std::istringstream words(text);
    bool first = true;
    for (std::string word; std::getline(words >> std::ws, word, ',');) {
        word.erase(word.find_last_not_of(' ') + 1);
        if (first && (word == "normal" || word == "rquant")) {
            settings = QuantizerSettings::preset(word);
        } else if (word == "symmetric" || word == "asymmetric") {
            settings.symmetric = word == "symmetric";
        } else if (word == "signed" || word == "unsigned") {
            settings.signedCodes = word == "signed";
        } else if (word == "nearest" || word == "truncate") {
            settings.rounding = word == "nearest" ? Rounding::kNearestEven : Rounding::kTruncate;
        } else if (word == "tensor" || word == "network" || word == "channel") {
            settings.scope = word == "tensor"    ? RangeScope::kTensor
                             : word == "network" ? RangeScope::kNetwork
                                                 : RangeScope::kChannel;
        } else {
            throw UsageError(place,
                             "'" + word +
                                 "'; expected normal or rquant, then any of symmetric, asymmetric, "
                                 "signed, unsigned, nearest, truncate, tensor, network, channel");
        }
        first = false;
    }
    if (first) throw UsageError(place, "is empty; expected normal or rquant");
    return settings;
}

int parseBits(const std::string& place, const std::string& text) {
    int bits = 0;
    const char* end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, bits);
    if (parsed.ec != std::errc() || parsed.ptr != end || bits < 2 || bits > 16) {
        throw UsageError(place, "'" + text + "'; expected 2 to 16 bits");
    }
    return bits;
}

StoreScope parseStore(const std::string& place, const std::string& text) {
    if (text == "weights") return StoreScope::kWeights;
    if (text == "parameters") return StoreScope::kParameters;
    throw UsageError(place, "'" + text + "'; expected weights or parameters");
}

/// Four texts and the names that messages call them by: the options or the metadata.
struct Source {
    StorageOptions texts;
    std::string prefix;

    std::shared_ptr<const NumberFormat> format() const {
        if (!texts.format) return nullptr;
        if (texts.bits || texts.quantizer) {
            throw UsageError(prefix + "format", "'" + *texts.format + "' beside " +
                                                    (prefix.empty() ? "--" : prefix) +
                                                    (texts.bits ? "bits" : "quantizer") +
                                                    ", which is another way to name a format");
        }
        return numberFormat(*texts.format, prefix + "format");
    }
    /// Returns the quantiser that these texts make of `usual`.
    QuantizerSettings quantizer(const QuantizerSettings& usual) const {
        QuantizerSettings settings = usual;
        if (texts.quantizer) {
            settings = parseQuantizer(prefix + "quantizer", *texts.quantizer);
            settings.bits = usual.bits;
        }
        if (texts.bits) settings.bits = parseBits(prefix + "bits", *texts.bits);
        return settings;
    }
    StoreScope store(StoreScope usual) const {
        return texts.store ? parseStore(prefix + "store", *texts.store) : usual;
    }
};

/// Returns what the network says of itself.
StorageSettings ownStorage(const Network& network) {
    const auto text = [&](const char* key) -> std::optional<std::string> {
        const auto known = network.metadata.find(std::string("brownout.") + key);
        if (known == network.metadata.end()) return std::nullopt;
        return known->second;
    };
    const Source own{{text("format"), text("bits"), text("quantizer"), text("store")},
                     "metadata brownout."};
    try {
        StorageSettings storage;
        storage.format = own.format();
        const bool silent = !own.texts.format && !own.texts.bits && !own.texts.quantizer;
        if (silent && !network.fileCodes.empty()) storage.format = fileFormat("file");
        if (!storage.format) storage.format = quantizerFormat(own.quantizer({}));
        storage.store = own.store(StoreScope::kWeights);
        return storage;
    } catch (const UsageError& error) {
        // The file is wrong, not the command line.
        throw Error(network.file, error.what());
    }
}

}  // namespace

StorageSettings storageOf(const Network& network, const StorageOptions& options) {
    const Source asked{options, ""};
    StorageSettings storage = ownStorage(network);
    if (auto format = asked.format()) {
        storage.format = std::move(format);
    } else if (options.bits || options.quantizer) {
        const auto own = quantizerSettingsOf(*storage.format).value_or(QuantizerSettings{});
        storage.format = quantizerFormat(asked.quantizer(own));
    }
    if (fileFormat(storage.format->name()) != nullptr && network.fileCodes.empty()) {
        throw UsageError("format",
                         "'" + storage.format->name() + "'; " + network.file +
                             " has no quantised weights (DequantizeLinear, Quant or BipolarQuant)");
    }
    storage.store = asked.store(storage.store);
    return storage;
}

}  // namespace brownout
