#include "tools/brownout/network_options.h"

#include <algorithm>

#include "base/error.h"
#include "inference/data/layout.h"
#include "inference/onnx/onnx_import.h"
#include "model/protection/protection.h"

namespace brownout {
namespace {

namespace po = boost::program_options;

/// Returns the options as they were given.
StorageOptions optionsOf(const CommandLine& line) {
    const auto text = [&](const char* option) -> std::optional<std::string> {
        if (!line.has(option)) return std::nullopt;
        return line.get<std::string>(option);
    };
    return {text("format"), text("bits"), text("quantizer"), text("store")};
}

}  // namespace

void addProtectionOption(CommandLine& line, const char* value, const char* description) {
    std::string text = description;
    for (const ProtectionText& protection : protectionTexts()) {
        text += std::string(protection.name == std::string("none") ? " " : "; ") + protection.name +
                " (" + protection.meaning + ")";
    }
    line.options().add_options()  //
        ("protection", po::value<std::string>()->value_name(value)->default_value("none"),
         text.c_str())  //
        ("codec", po::value<std::string>()->value_name(value), "another name for --protection");
}

std::vector<std::string> protectionsOf(const CommandLine& line) {
    if (line.has("codec") && !line.values()["protection"].defaulted()) {
        throw UsageError("--codec", "is another name for --protection; expected one of the two");
    }
    const auto names = splitList("--protection",
                                 line.get<std::string>(line.has("codec") ? "codec" : "protection"));
    const auto known = protectionNames();
    for (const std::string& name : names) {
        if (std::find(known.begin(), known.end(), name) == known.end()) {
            throw UsageError("--protection", "'" + name + "'; expected some of " + joined(known));
        }
    }
    return names;
}

void addStorageOptions(CommandLine& line) {
    std::string formats = "number format of a weight:";
    for (const NumberFormatFamily& family : numberFormatFamilies()) {
        formats += std::string(" ") + family.spelling + " (" + family.meaning + "),";
    }
    line.options().add_options()  //
        ("format", po::value<std::string>()->value_name("NAME"),
         (formats +
          " int<N>, rquant<N> and normal<N> also with -channel or -network (a range for each "
          "output "
          "channel, or one for all), -nearest, -truncate, -signed, -unsigned, as 'rquant4-channel' "
          "(default: the network's own, or rquant8)")
             .c_str())  //
        ("bits", po::value<std::string>()->value_name("M"),
         "another way to name a quantiser: bits of a code, 2 to 16")  //
        ("quantizer", po::value<std::string>()->value_name("NAME"),
         "with it: normal or rquant, and what shall differ from it: 'normal,nearest', "
         "'rquant,network'")  //
        ("store", po::value<std::string>()->value_name("WHAT"),
         "what lives in the SRAM: weights (kernels) or parameters (also biases and normalisation; "
         "default: the network's own, or weights)");
}

void addImageShapeOption(CommandLine& line) {
    line.options().add_options()  //
        ("image-shape", po::value<std::string>()->value_name("SIZES"),
         "sizes of an image, '3,224,224', for networks that take images of any size");
}

Network networkOf(const CommandLine& line) {
    Network network = importOnnx(line.get<std::string>("model"));
    const Shape wanted = imageShapeOf(network);
    const bool isFree = std::count(wanted.begin(), wanted.end(), -1) > 0;
    if (!line.has("image-shape")) {
        if (!isFree) return network;
        throw UsageError("--image-shape", "is missing: " + network.file +
                                              " takes images of the shape " + toString(wanted) +
                                              "; expected the sizes to show it for");
    }
    Shape shape;
    for (const std::string& size :
         splitList("--image-shape", line.get<std::string>("image-shape"))) {
        shape.push_back(static_cast<std::int64_t>(
            std::min<std::uint64_t>(parseCount("--image-shape", size), 1U << 20)));
    }
    network = withImageShape(std::move(network), shape);
    if (imageShapeOf(network) != shape) {
        throw UsageError("--image-shape", toString(shape) + "; " + network.file +
                                              " takes images of the shape " + toString(wanted));
    }
    return network;
}

void addEngineOptions(CommandLine& line) {
    line.options().add_options()  //
        ("exact", po::bool_switch(),
         "sum every convolution product by product; without it, those of 3 x 3 take fewer "
         "multiplications where that is faster (Winograd), which differs by rounding, and weights "
         "in floating point are always summed exactly");
}

StorageSettings storageOf(const Network& network, const CommandLine& line) {
    return line.named([&] { return storageOf(network, optionsOf(line)); });
}

std::vector<StorageSettings> storagesOf(const Network& network, const CommandLine& line) {
    if (!line.has("format")) return {storageOf(network, line)};
    std::vector<StorageSettings> storages;
    for (const std::string& format : splitList("--format", line.get<std::string>("format"))) {
        StorageOptions options = optionsOf(line);
        options.format = format;
        storages.push_back(line.named([&] { return storageOf(network, options); }));
    }
    return storages;
}

}  // namespace brownout
