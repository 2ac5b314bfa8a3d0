#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "inference/network.h"

namespace brownout {

/// Height and width in pixels.
struct PixelSize {
    std::uint32_t height = 0;
    std::uint32_t width = 0;

    bool operator==(const PixelSize& other) const {
        return height == other.height && width == other.width;
    }
    bool operator!=(const PixelSize& other) const { return !(*this == other); }
};

/// Steps between a picture as it is stored and what a network takes, in this order; they are those
/// of torchvision's transforms Resize, CenterCrop, ToTensor and Normalize on PIL images.
///
/// A value of the network's input is (stored * scale - mean) / std, its channel being the stored
/// one or, with `bgr`, the stored one counted from the end; `mean` and `std` are in the order of
/// the network's channels.
struct Preprocessing {
    std::optional<PixelSize> resize;  ///< size to resize to, bilinear; width 0: the shorter side
                                      ///< becomes `height`, the other one in proportion
    std::optional<PixelSize> crop;    ///< size to cut out of the middle, or to pad to with black
    std::optional<double> scale;      ///< factor; absent: 1/255 for bytes, 1 for other numbers
    std::vector<double> mean;         ///< one for all channels, one for each, or none: 0
    std::vector<double> std;          ///< likewise; none: 1
    bool bgr = false;                 ///< channels in the opposite order
    std::int32_t labelsOffset = 0;    ///< number added to every label

    /// Returns true if a step changes how many pixels there are.
    bool changesSize() const { return resize || crop; }
    /// Returns true if pixels become values as they do without any option.
    bool keepsValues() const { return !scale && mean.empty() && std.empty() && !bgr; }
};

/// Steps that a user asks for in place of those in a network's metadata, as the command line spells
/// them.
struct PreprocessingOptions {
    std::optional<std::string> resize;        ///< "256", or "HxW": "224x320"
    std::optional<std::string> crop;          ///< likewise; "224" is 224x224
    std::optional<std::string> scale;         ///< "0.00392", "1/255"
    std::optional<std::string> mean;          ///< "0.5", or a list: "0.485,0.456,0.406"
    std::optional<std::string> std;           ///< likewise
    std::optional<std::string> bgr;           ///< "yes" or "no"
    std::optional<std::string> labelsOffset;  ///< a whole number, such as "-1"
};

/// Steps, and which of them are a network's own.
struct ChosenPreprocessing {
    Preprocessing steps;
    std::string fromNetwork;  ///< "resize 256, mean 0.5", or empty
};

/// Returns the steps that the options name or else the metadata of the networks
/// (`brownout.resize`, `crop`, `scale`, `mean`, `std`, `bgr`); the scale of networks that take
/// bytes is 1 unless these say otherwise. Throws UsageError, its place the option ("resize",
/// "labels-offset"), for an option that is wrong, and where networks say different things of a step
/// that no option settles; Error naming the file for wrong metadata.
ChosenPreprocessing preprocessingOf(const std::vector<const Network*>& networks,
                                    const PreprocessingOptions& options);

}  // namespace brownout
