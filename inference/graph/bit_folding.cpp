#include "inference/graph/bit_folding.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>

#include "inference/plan/constants.h"

namespace brownout {

namespace {

/// Returns whether all constants that a node reads beside `value` are finite, have a name in the
/// network and can't fail.
bool readsConstants(const Patterns& patterns, const Node& node, const std::string& value) {
    for (const std::string& name : node.inputs) {
        if (name == value || name.empty()) continue;
        const FloatTensor* tensor = patterns.floatsOf(name);
        if (tensor == nullptr || patterns.isStored(name)) return false;
        for (const float x : tensor->values) {
            if (!std::isfinite(x)) return false;
        }
    }
    return std::count(node.inputs.begin(), node.inputs.end(), value) == 1;
}

/// Returns whether a node keeps or reverses the order of an input's values, channel by channel, in
/// floats, too.
bool isMonotonous(const Node& node, const std::string& value) {
    static const std::set<std::string> kOperators = {
        "BatchNormalization", "Mul", "Add", "Sub", "Clip", "Neg", "Relu", "Identity", "Dropout"};
    if (node.op == "Div") return node.input(0) == value;
    if (kOperators.count(node.op) == 0) return false;
    const bool eitherSide = node.op == "Mul" || node.op == "Add" || node.op == "Sub";
    return eitherSide || node.input(0) == value;
}

/// The nodes of a tail run on chosen sums.
class TailRun {
 public:
    TailRun(const Patterns& patterns, const std::string& value, const SignTail& tail,
            const WholeSums& sums)
        : sums_(sums), value_(value), rank_(patterns.shapeOf(value)->size()) {
        const Network& network = patterns.network();
        network_.file = network.file;
        network_.opset = network.opset;
        std::string at = value;
        for (std::size_t i = 0; i + 1 < tail.nodes.size(); ++i) {
            Node node = network.nodes[tail.nodes[i]];
            for (const std::string& name : node.inputs) {
                const FloatTensor* tensor = name == at ? nullptr : patterns.floatsOf(name);
                if (tensor != nullptr) network_.parameters[name] = *tensor;
            }
            if (tail.pool == i) {
                beforePool_ = at;
                node.op = "Identity";
                node.attributes.clear();
            }
            node.outputs.resize(1);
            at = node.outputs[0];
            network_.nodes.push_back(std::move(node));
        }
        last_ = at;
    }

    std::size_t rows() const { return sums_.units.size(); }
    const std::string& last() const { return last_; }
    const std::string& beforePool() const { return beforePool_; }

    /// Returns the value `name` of each row for a sum of each; nothing if a node on the way mixes
    /// rows.
    std::optional<std::vector<float>> valuesAt(const std::vector<std::int64_t>& sums,
                                               const std::string& name) {
        FloatTensor x;
        x.shape.assign(rank_, 1);
        x.shape[1] = static_cast<std::int64_t>(rows());
        for (std::size_t row = 0; row < rows(); ++row) {
            const float bias = sums_.bias.empty() ? 0.0F : sums_.bias[row];
            x.values.push_back(static_cast<float>(sums[row]) * sums_.units[row] + bias);
        }
        if (name == value_) return x.values;
        network_.parameters[value_] = std::move(x);
        auto results = constantResults(network_);
        auto* result = std::get_if<FloatTensor>(&results.at(name));
        if (result == nullptr || result->values.size() != rows()) return std::nullopt;
        return std::move(result->values);
    }

    /// Returns for each row the smallest sum from -most + 1 on that `isPlus` tells from -most by
    /// its value, most + 1 where none does.
    std::optional<std::vector<std::int64_t>> changes(const std::function<bool(float)>& isPlus) {
        std::vector<std::int64_t> same(rows(), -sums_.most);
        std::vector<std::int64_t> other(rows(), sums_.most + 1);
        const auto first = valuesAt(same, last_);
        if (!first) return std::nullopt;
        for (std::int64_t width = 2 * sums_.most + 1; width > 1; width = (width + 1) / 2) {
            std::vector<std::int64_t> middle(rows());
            for (std::size_t row = 0; row < rows(); ++row) {
                // Beyond the largest sum there is none to ask about.
                middle[row] = std::min(same[row] + (other[row] - same[row]) / 2, sums_.most);
            }
            const auto values = valuesAt(middle, last_);
            if (!values) return std::nullopt;
            for (std::size_t row = 0; row < rows(); ++row) {
                if (other[row] - same[row] <= 1) continue;
                const bool differs = isPlus((*values)[row]) != isPlus((*first)[row]);
                (differs ? other : same)[row] = middle[row];
            }
        }
        return other;
    }

 private:
    const WholeSums& sums_;
    std::string value_, last_, beforePool_;
    std::size_t rank_;
    Network network_;
};

void invert(std::vector<std::int64_t>& words, std::size_t row) {
    words[row / 32] ^= std::int64_t{1} << (row % 32);
}

/// Returns whether no row has a sum, of those there can be, that a Sign makes 0 of.
bool neverZero(TailRun& run, const WholeSums& sums) {
    const auto from = run.changes([](float x) { return x >= 0; });
    const auto above = run.changes([](float x) { return x > 0; });
    if (!from || !above) return false;
    const std::vector<std::int64_t> lowest(run.rows(), -sums.most);
    const auto first = run.valuesAt(lowest, run.last());
    for (std::size_t row = 0; row < run.rows(); ++row) {
        const std::int64_t low = std::min((*from)[row], (*above)[row]);
        const std::int64_t high = std::max((*from)[row], (*above)[row]);
        if ((*first)[row] == 0.0F) return false;
        if (low == high) continue;
        const bool odd = (low - sums.most) % 2 != 0;
        if (!sums.oneParity || high - low > 1 || !odd) return false;
    }
    return true;
}

}  // namespace

std::optional<SignTail> signTailOf(const Patterns& patterns, const std::string& value) {
    SignTail tail;
    std::string at = value;
    while (true) {
        if (patterns.isOutput(at) || patterns.readersOf(at).size() != 1 || !patterns.isPlane(at)) {
            return std::nullopt;
        }
        const std::size_t next = patterns.readersOf(at)[0];
        const Node& node = patterns.network().nodes[next];
        if (node.op == "MaxPool") {
            if (tail.pool || node.input(0) != at) return std::nullopt;
            tail.pool = tail.nodes.size();
        } else if (node.op == "Sign") {
            tail.nodes.push_back(next);
            tail.result = node.outputs.at(0);
            return tail;
        } else if (node.op == "BipolarQuant") {
            const std::optional<float> scale = patterns.scalarOf(node.input(1));
            if (node.input(0) != at || !scale || !(*scale > 0) || !std::isfinite(*scale) ||
                patterns.isStored(node.input(1))) {
                return std::nullopt;
            }
            tail.nodes.push_back(next);
            tail.scale = *scale;
            tail.result = node.outputs.at(0);
            return tail;
        } else if (!isMonotonous(node, at) || !readsConstants(patterns, node, at) ||
                   *patterns.shapeOf(node.outputs.at(0)) != *patterns.shapeOf(at)) {
            return std::nullopt;
        }
        tail.nodes.push_back(next);
        at = node.outputs.at(0);
    }
}

std::optional<BitThresholds> foldSigns(const Patterns& patterns, const std::string& value,
                                       const SignTail& tail, const WholeSums& sums) {
    TailRun run(patterns, value, tail, sums);
    const bool isSign = patterns.network().nodes[tail.nodes.back()].op == "Sign";
    if (isSign && !neverZero(run, sums)) return std::nullopt;
    const auto isPlus = [](float x) { return x >= 0; };
    const std::vector<std::int64_t> lowest(run.rows(), -sums.most);
    const std::vector<std::int64_t> highest(run.rows(), sums.most);
    const auto change = run.changes(isPlus);
    const auto first = run.valuesAt(lowest, run.last());
    if (!change || !first) return std::nullopt;
    const std::size_t words = (run.rows() + 31) / 32;
    BitThresholds folded{*change, std::vector<std::int64_t>(words),
                         std::vector<std::int64_t>(words)};
    std::optional<std::vector<float>> poolFirst;
    std::optional<std::vector<float>> poolLast;
    if (tail.pool) {
        poolFirst = run.valuesAt(lowest, run.beforePool());
        poolLast = run.valuesAt(highest, run.beforePool());
        if (!poolFirst || !poolLast) return std::nullopt;
    }
    for (std::size_t row = 0; row < run.rows(); ++row) {
        // Plus at first, minus from the threshold on.
        if (isPlus((*first)[row])) invert(folded.afterPool, row);
        if (!tail.pool || !((*poolFirst)[row] > (*poolLast)[row])) continue;
        invert(folded.beforePool, row);
        invert(folded.afterPool, row);
    }
    return folded;
}

}  // namespace brownout
