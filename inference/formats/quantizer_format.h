#pragma once

#include <memory>
#include <optional>
#include <string>

#include "inference/formats/number_format.h"
#include "inference/formats/quantizer.h"

namespace brownout {

/// Returns the format that quantises with these settings. Throws Error for bits outside 2 to 16.
std::shared_ptr<const NumberFormat> quantizerFormat(const QuantizerSettings& settings);

/// Returns the quantiser of this name, null if it isn't one: "int<N>" (symmetric, signed, nearest
/// even: as TensorFlow Lite's weights; codes go from -(2^(N-1) - 1), and -2^(N-1) is made by faults
/// only), "rquant<N>" or "normal<N>" (QuantizerSettings::preset), with N from 2 to 16 and any of
/// the suffixes -channel, -network, -tensor, -nearest, -truncate, -signed, -unsigned for what
/// differs.
std::shared_ptr<const NumberFormat> quantizerFormat(const std::string& name);

/// Returns the settings of a format that is a quantiser, nothing for other formats.
std::optional<QuantizerSettings> quantizerSettingsOf(const NumberFormat& format);

}  // namespace brownout
