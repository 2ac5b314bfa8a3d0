#pragma once

#include <string>
#include <unordered_map>

#include "inference/network.h"

namespace brownout {

/// Numbers of nodes and outputs that read each value of a network, counted once, so that rewriting
/// a network takes time in proportion to it.
class Readers {
 public:
    explicit Readers(const Network& network) {
        for (const Node& node : network.nodes) {
            for (const std::string& name : node.inputs) ++counts_[name];
        }
        for (const Port& output : network.outputs) ++counts_[output.name];
    }

    std::size_t of(const std::string& name) const {
        const auto found = counts_.find(name);
        return found == counts_.end() ? 0 : found->second;
    }
    void add(const std::string& name) { ++counts_[name]; }
    void remove(const std::string& name) { --counts_[name]; }

 private:
    std::unordered_map<std::string, std::size_t> counts_;
};

}  // namespace brownout
