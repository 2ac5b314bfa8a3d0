#include "inference/graph/node_order.h"

#include <functional>
#include <queue>
#include <set>
#include <unordered_map>

#include "base/error.h"

namespace brownout {
namespace {

constexpr std::size_t kGiven = static_cast<std::size_t>(-1);

/// Returns the node that makes each value; kGiven for inputs, parameters and integers.
std::unordered_map<std::string, std::size_t> makersOf(const Network& network) {
    std::unordered_map<std::string, std::size_t> makers;
    for (const Port& input : network.inputs) makers[input.name] = kGiven;
    for (const auto& [name, tensor] : network.parameters) makers[name] = kGiven;
    for (const auto& [name, tensor] : network.integers) makers[name] = kGiven;
    for (std::size_t n = 0; n < network.nodes.size(); ++n) {
        for (const std::string& name : network.nodes[n].outputs) {
            if (name.empty() || makers.emplace(name, n).second) continue;
            throw Error(network.place(network.nodes[n]),
                        "makes the value '" + name + "', which there is already");
        }
    }
    return makers;
}

}  // namespace

void sortNodes(Network& network) {
    const auto makers = makersOf(network);
    const std::size_t count = network.nodes.size();
    std::vector<std::vector<std::size_t>> readers(count);
    std::vector<std::size_t> waitsFor(count, 0);
    for (std::size_t n = 0; n < count; ++n) {
        for (const std::string& name : network.nodes[n].inputs) {
            if (name.empty()) continue;
            const auto maker = makers.find(name);
            if (maker == makers.end()) {
                throw Error(network.place(network.nodes[n]),
                            "reads the value '" + name.substr(0, 200) + "', which nothing makes");
            }
            if (maker->second == kGiven) continue;
            readers[maker->second].push_back(n);
            ++waitsFor[n];
        }
    }
    // The first node in the file that is ready comes next.
    std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> ready;
    for (std::size_t n = 0; n < count; ++n) {
        if (waitsFor[n] == 0) ready.push(n);
    }
    std::vector<Node> sorted;
    sorted.reserve(count);
    std::vector<bool> placed(count, false);
    while (!ready.empty()) {
        const std::size_t n = ready.top();
        ready.pop();
        placed[n] = true;
        for (const std::size_t reader : readers[n]) {
            if (--waitsFor[reader] == 0) ready.push(reader);
        }
        sorted.push_back(std::move(network.nodes[n]));
    }
    for (std::size_t n = 0; n < count; ++n) {
        if (!placed[n]) {
            throw Error(network.place(network.nodes[n]), "depends on its own result");
        }
    }
    network.nodes = std::move(sorted);
}

void removeUnread(Network& network) {
    std::set<std::string> read;
    for (const Port& output : network.outputs) read.insert(output.name);
    std::vector<Node> kept;
    for (auto node = network.nodes.rbegin(); node != network.nodes.rend(); ++node) {
        bool needed = false;
        for (const std::string& name : node->outputs) needed = needed || read.count(name) != 0;
        if (!needed) continue;
        read.insert(node->inputs.begin(), node->inputs.end());
        kept.push_back(std::move(*node));
    }
    network.nodes.assign(std::make_move_iterator(kept.rbegin()),
                         std::make_move_iterator(kept.rend()));
    const auto eraseUnread = [&read](auto& named) {
        for (auto one = named.begin(); one != named.end();) {
            one = read.count(one->first) == 0 ? named.erase(one) : std::next(one);
        }
    };
    eraseUnread(network.parameters);
    eraseUnread(network.integers);
    eraseUnread(network.fileCodes);
}

}  // namespace brownout
