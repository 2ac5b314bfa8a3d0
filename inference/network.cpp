#include "inference/network.h"

#include <algorithm>

#include "base/error.h"

namespace brownout {

namespace {

template <typename T>
T attributeOr(const Node& node, const std::string& attribute, const T& fallback,
              const char* expected) {
    auto found = node.attributes.find(attribute);
    if (found == node.attributes.end()) {
        return fallback;
    }
    if (const T* value = std::get_if<T>(&found->second)) {
        return *value;
    }
    throw Error((node.file ? *node.file + ": " : "") + "node '" + node.name + "' (" + node.op + ")",
                "attribute '" + attribute + "' is not " + expected);
}

}  // namespace

std::string toString(const Shape& shape) {
    constexpr std::size_t kMost = 16;  // lists from damaged files may be long
    std::string text = "[";
    for (std::size_t i = 0; i < shape.size(); ++i) {
        if (i == kMost) {
            return text + ", and " + std::to_string(shape.size() - kMost) + " more]";
        }
        text += (i == 0 ? "" : ", ") + (shape[i] < 0 ? "?" : std::to_string(shape[i]));
    }
    return text + "]";
}

std::int64_t Node::intOr(const std::string& attribute, std::int64_t fallback) const {
    return attributeOr<std::int64_t>(*this, attribute, fallback, "an integer");
}

float Node::floatOr(const std::string& attribute, float fallback) const {
    return attributeOr<float>(*this, attribute, fallback, "a number");
}

std::string Node::textOr(const std::string& attribute, const std::string& fallback) const {
    return attributeOr<std::string>(*this, attribute, fallback, "a text");
}

std::vector<std::int64_t> Node::intsOr(const std::string& attribute,
                                       const std::vector<std::int64_t>& fallback) const {
    return attributeOr<std::vector<std::int64_t>>(*this, attribute, fallback, "a list of integers");
}

const std::string& Node::input(std::size_t i) const {
    static const std::string kLeftOut;
    return i < inputs.size() ? inputs[i] : kLeftOut;
}

std::int64_t codeOfBits(const FileCodes& codes, std::uint32_t bits) {
    const auto value = static_cast<std::int64_t>(bits & ((std::uint64_t{1} << codes.bits) - 1));
    const std::int64_t sign = std::int64_t{1} << (codes.bits - 1);
    return codes.isSigned && value >= sign ? value - 2 * sign : value;
}

std::int32_t integerOf(const FileCodes& codes, std::int64_t code, std::size_t element) {
    const std::size_t channel = element / codes.channelStep % codes.scales.size();
    return static_cast<std::int32_t>(code - static_cast<std::int64_t>(codes.zeroPoints[channel]));
}

float valueOf(const FileCodes& codes, std::int64_t code, std::size_t element) {
    const std::size_t channel = element / codes.channelStep % codes.scales.size();
    const float scale = codes.scales[channel];
    if (codes.bipolar) return code != 0 ? scale : -scale;
    return (static_cast<float>(code) - codes.zeroPoints[channel]) * scale;
}

std::string Network::place(const Node& node) const {
    return file + ": node '" + node.name + "' (" + node.op + ")";
}

Shape imageShapeOf(const Network& network) {
    if (network.inputs.size() != 1) {
        throw Error(network.file, "has " + std::to_string(network.inputs.size()) +
                                      " inputs, expected one: the images");
    }
    const Port& input = network.inputs[0];
    if (input.shape.size() < 2) {
        throw Error(network.file + ": input '" + input.name + "'",
                    "has the shape " + toString(input.shape) + ", expected [batch, image...]");
    }
    return {input.shape.begin() + 1, input.shape.end()};
}

std::vector<Shape> singleImageShapes(const Network& network) {
    Shape shape = imageShapeOf(network);
    const Port& input = network.inputs[0];
    const std::string place = network.file + ": input '" + input.name + "'";
    const std::int64_t batch = input.shape[0];
    const bool named = !network.outputs.empty() && !network.outputs[0].shape.empty();
    const std::int64_t results = named ? network.outputs[0].shape[0] : -1;
    if (batch > 1 && results != -1 && results != batch) {
        throw Error(place, "has " + std::to_string(batch) +
                               " along its first axis and the output " + std::to_string(results) +
                               ": images are not told apart");
    }
    for (std::int64_t size : shape) {
        if (size < 1) {
            throw Error(place, "has the shape " + toString(input.shape) +
                                   ": it takes the sizes that are free from its images");
        }
    }
    shape.insert(shape.begin(), 1);  // images are run one by one, whatever the batch of the file
    return {shape};
}

Network withImageShape(Network network, const Shape& imageShape) {
    Shape& shape = network.inputs.at(0).shape;
    if (shape.size() != imageShape.size() + 1) {
        throw Error(network.file, "takes images of the shape " +
                                      toString({shape.begin() + 1, shape.end()}) +
                                      ", those given have " + toString(imageShape));
    }
    for (std::size_t i = 0; i < imageShape.size(); ++i) {
        if (shape[i + 1] == -1) shape[i + 1] = imageShape[i];
    }
    return network;
}

Network withBoundInputs(Network network, const std::map<std::string, FloatTensor>& floats,
                        const std::map<std::string, IntTensor>& integers) {
    auto unbind = [&network](const std::string& name) {
        auto port = std::find_if(network.inputs.begin(), network.inputs.end(),
                                 [&name](const Port& input) { return input.name == name; });
        if (port == network.inputs.end()) {
            throw Error(network.file, "no input is called '" + name + "'");
        }
        network.inputs.erase(port);
    };
    for (const auto& [name, tensor] : floats) {
        unbind(name);
        network.parameters[name] = tensor;
    }
    for (const auto& [name, tensor] : integers) {
        unbind(name);
        network.integers[name] = tensor;
    }
    return network;
}

}  // namespace brownout
