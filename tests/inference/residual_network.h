#pragma once

#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "inference/engines/engine.h"
#include "inference/network.h"

// A small network with a short cut, random numbers for it, and its outputs bit by bit.

namespace brownout {

using Random = std::mt19937;

inline std::int32_t between(Random& random, std::int32_t low, std::int32_t high) {
    return std::uniform_int_distribution<std::int32_t>(low, high)(random);
}

inline std::vector<float> randomFloats(Random& random, std::size_t count) {
    std::uniform_real_distribution<float> values(-1.0F, 1.0F);
    std::vector<float> made(count);
    for (float& value : made) value = values(random);
    return made;
}

/// Convolutions of 3 x 3 with a sum over a short cut: x -> a -> relu -> b, + a's result -> relu,
/// all outputs.
inline Network residualNetwork(Random& random, std::int64_t channels, std::int64_t size) {
    Network network;
    network.file = "residual";
    network.opset = 13;
    network.inputs = {{"x", {-1, channels, size, size}}};
    network.outputs = {{"out", {}}};
    const auto add = [&](const std::string& op, std::vector<std::string> inputs,
                         const std::string& output) {
        Node node;
        node.name = output;
        node.op = op;
        node.inputs = std::move(inputs);
        node.outputs = {output};
        if (op == "Conv") {
            const std::string weights = "w_" + output;
            node.inputs.push_back(weights);
            node.attributes["pads"] = std::vector<std::int64_t>{1, 1, 1, 1};
            network.parameters[weights] = {
                {channels, channels, 3, 3},
                randomFloats(random, static_cast<std::size_t>(9 * channels * channels))};
        }
        network.nodes.push_back(node);
    };
    add("Conv", {"x"}, "a");
    add("Relu", {"a"}, "ra");
    add("Conv", {"ra"}, "b");
    add("Add", {"b", "ra"}, "sum");
    add("Relu", {"sum"}, "out");
    return network;
}

inline std::vector<std::uint32_t> bitsOf(Engine& engine, const std::vector<float>& images) {
    std::vector<float> outputs(images.size() / engine.imageElements() * engine.outputs());
    engine.run(images.data(), images.size() / engine.imageElements(), outputs.data());
    std::vector<std::uint32_t> bits(outputs.size());
    std::memcpy(bits.data(), outputs.data(), 4 * bits.size());
    return bits;
}

}  // namespace brownout
