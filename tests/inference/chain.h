#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "inference/network.h"
#include "tests/inference/residual_network.h"

// Networks of nodes one after the other, and a comparison of what they give bit by bit.

namespace brownout {

using Attributes = std::map<std::string, AttributeValue>;
using Integers = std::vector<std::int64_t>;

/// Nodes one after the other on one image, with random parameters.
class Chain {
 public:
    Chain(Random& random, const Shape& image) : random_(random) {
        network_.file = "chain";
        network_.opset = 13;
        Shape input = image;
        input.insert(input.begin(), -1);
        network_.inputs = {{"x", input}};
    }

    FloatTensor parameter(const Shape& shape) {
        return {shape, randomFloats(random_, elementCount(shape))};
    }

    /// Adds a node that reads what the one before made, and parameters.
    Chain& add(const std::string& op, const Attributes& attributes = {},
               const std::vector<FloatTensor>& parameters = {}) {
        Node node;
        node.name = node.op = op;
        node.inputs = {last_};
        node.attributes = attributes;
        for (const FloatTensor& parameter : parameters) {
            node.inputs.push_back("p" + std::to_string(network_.parameters.size()));
            network_.parameters[node.inputs.back()] = parameter;
        }
        last_ = "v" + std::to_string(network_.nodes.size());
        node.outputs = {last_};
        network_.nodes.push_back(node);
        return *this;
    }

    /// Adds a node that reads what the last two nodes made.
    Chain& join(const std::string& op, const Attributes& attributes = {}) {
        const std::string before =
            network_.nodes.size() > 1 ? network_.nodes[network_.nodes.size() - 2].outputs[0] : "x";
        add(op, attributes);
        network_.nodes.back().inputs.push_back(before);
        return *this;
    }

    const Network& network() {
        network_.outputs = {{last_, {}}};
        return network_;
    }

 private:
    Random& random_;
    Network network_;
    std::string last_ = "x";
};

/// Compares bits; numbers that aren't any may be of different kinds.
inline void expectSameBits(const std::vector<float>& found, const std::vector<float>& expected,
                           const std::string& where) {
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
        if (std::isnan(found[i]) && std::isnan(expected[i])) continue;
        ASSERT_EQ(std::memcmp(&found[i], &expected[i], sizeof(float)), 0)
            << where << ", element " << i << ": " << found[i] << ", expected " << expected[i];
    }
}

}  // namespace brownout
