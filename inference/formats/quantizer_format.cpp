#include "inference/formats/quantizer_format.h"

#include <regex>

#include "inference/formats/elementwise_format.h"
#include "inference/formats/equalized_format.h"

namespace brownout {

namespace {

/// "int8" and the like: the family whose settings differ least, and what differs.
std::string formatNameOf(const QuantizerSettings& settings) {
    const std::string bits = std::to_string(settings.bits);
    const bool nearest = settings.rounding == Rounding::kNearestEven;
    std::string name;
    if (settings.symmetric && settings.signedCodes && nearest) {
        name = "int" + bits;
    } else if (settings.symmetric) {
        name = "normal" + bits + (settings.signedCodes ? "" : "-unsigned") +
               (nearest ? "-nearest" : "");
    } else {
        name = "rquant" + bits + (settings.signedCodes ? "-signed" : "") +
               (nearest ? "" : "-truncate");
    }
    switch (settings.scope) {
        case RangeScope::kTensor:
            break;
        case RangeScope::kNetwork:
            return name + "-network";
        case RangeScope::kChannel:
            return name + "-channel";
    }
    return name;
}

/// Changes what a suffix names. Returns false for an unknown one.
bool applySuffix(const std::string& suffix, QuantizerSettings& settings) {
    if (suffix == "signed" || suffix == "unsigned") {
        settings.signedCodes = suffix == "signed";
    } else if (suffix == "nearest") {
        settings.rounding = Rounding::kNearestEven;
    } else if (suffix == "truncate") {
        settings.rounding = Rounding::kTruncate;
    } else if (suffix == "tensor") {
        settings.scope = RangeScope::kTensor;
    } else if (suffix == "network") {
        settings.scope = RangeScope::kNetwork;
    } else if (suffix == "channel") {
        settings.scope = RangeScope::kChannel;
    } else {
        return false;
    }
    return true;
}

/// One quantiser for each channel's range.
std::shared_ptr<const TensorFormat> fitChannels(const QuantizerSettings& settings,
                                                const TensorValues& tensor) {
    std::vector<std::vector<float>> values(tensor.channels);
    for (std::size_t i = 0; i < tensor.values.size(); ++i) {
        values[i / tensor.channelStep % tensor.channels].push_back(tensor.values[i]);
    }
    std::vector<Quantizer> quantizers;
    for (const std::vector<float>& channel : values) {
        quantizers.emplace_back(settings, rangeOf(channel));
    }
    return std::make_shared<ElementwiseFormat<Quantizer>>(std::move(quantizers),
                                                          tensor.channelStep);
}

class QuantizerFormat final : public NumberFormat {
 public:
    explicit QuantizerFormat(const QuantizerSettings& settings) : settings_(settings) {
        settings_.check();
    }

    const QuantizerSettings& settings() const { return settings_; }
    std::string name() const override { return formatNameOf(settings_); }
    std::uint32_t bits() const override { return static_cast<std::uint32_t>(settings_.bits); }
    std::string description() const override { return settings_.toString(); }

    std::vector<std::shared_ptr<const TensorFormat>> fit(
        Span<const TensorValues> tensors) const override {
        std::optional<ValueRange> whole;
        for (const TensorValues& tensor : tensors) {
            const ValueRange range = rangeOf(tensor.values);
            whole = whole ? unionOf(*whole, range) : range;
        }
        std::vector<std::shared_ptr<const TensorFormat>> fitted;
        for (const TensorValues& tensor : tensors) {
            if (settings_.scope == RangeScope::kChannel) {
                fitted.push_back(fitChannels(settings_, tensor));
                continue;
            }
            const ValueRange range =
                settings_.scope == RangeScope::kNetwork ? *whole : rangeOf(tensor.values);
            fitted.push_back(
                std::make_shared<ElementwiseFormat<Quantizer>>(Quantizer(settings_, range)));
        }
        return fitted;
    }

 private:
    QuantizerSettings settings_;
};

}  // namespace

std::shared_ptr<const NumberFormat> quantizerFormat(const QuantizerSettings& settings) {
    return std::make_shared<QuantizerFormat>(settings);
}

std::shared_ptr<const NumberFormat> quantizerFormat(const std::string& name) {
    static const std::regex kSpelling("(int|rquant|normal)([0-9]{1,2})((?:-[a-z]+)*)");
    std::smatch parts;
    if (name.size() > 100 || !std::regex_match(name, parts, kSpelling)) return nullptr;
    const std::string family = parts[1];
    const int bits = std::stoi(parts[2]);
    if (bits < 2 || bits > 16) return nullptr;
    QuantizerSettings settings =
        QuantizerSettings::preset(family == "rquant" ? "rquant" : "normal", bits);
    if (family == "int") settings.rounding = Rounding::kNearestEven;
    const std::string suffixes = parts[3];
    for (std::size_t at = 0; at < suffixes.size();) {
        const std::size_t end = std::min(suffixes.find('-', at + 1), suffixes.size());
        if (!applySuffix(suffixes.substr(at + 1, end - at - 1), settings)) return nullptr;
        at = end;
    }
    return quantizerFormat(settings);
}

std::optional<QuantizerSettings> quantizerSettingsOf(const NumberFormat& format) {
    const auto* quantizer = dynamic_cast<const QuantizerFormat*>(&unequalized(format));
    if (quantizer == nullptr) return std::nullopt;
    return quantizer->settings();
}

}  // namespace brownout
