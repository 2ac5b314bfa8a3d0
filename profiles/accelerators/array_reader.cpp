#include "base/error.h"
#include "profiles/accelerators/description_reader.h"

namespace brownout {
namespace {

constexpr std::uint64_t kMostElements = 4096;  // rows and columns of an array

class ArrayReader : DescriptionReader {
 public:
    using DescriptionReader::DescriptionReader;

    ComputeArray read(const YAML::Node& node) {
        bool rows = false, columns = false, dataflow = false;
        const auto size = [&](std::uint32_t& to, bool& there) {
            return [&](const YAML::Node& one) {
                there = true;
                to = static_cast<std::uint32_t>(whole(one, 1, kMostElements));
            };
        };
        readKeys(node, {{"rows", size(array_.rows, rows)},
                        {"columns", size(array_.columns, columns)},
                        {"dataflow",
                         [&](const auto& one) {
                             dataflow = true;
                             array_.dataflow = readDataflow(one);
                         }},
                        {"registers", [&](const auto& one) { readRegisters(one); }},
                        {"mapping", [&](const auto& one) { readMappings(one); }},
                        {"fused", [&](const auto& one) { readFused(one); }},
                        {"vector_lanes", wholeTo(array_.vectorLanes, 65536)},
                        {"supply",
                         [&](const auto& one) {
                             array_.nominalSupply = quantity(one, Quantity::kVoltage, true);
                         }},
                        {"clock", [&](const auto& one) { readClock(one); }},
                        {"energy", [&](const auto& one) { readArrayEnergy(one); }}});
        need(node, rows, "rows");
        need(node, columns, "columns");
        need(node, dataflow, "dataflow");
        need(node, !array_.clock.empty(), "clock");
        return std::move(array_);
    }

 private:
    Dataflow readDataflow(const YAML::Node& node) const {
        const std::string name = text(node, "a dataflow such as weight-stationary");
        std::string names;
        for (const Dataflow dataflow : allDataflows()) {
            if (name == nameOf(dataflow)) return dataflow;
            names += (names.empty() ? "" : ", ") + std::string(nameOf(dataflow));
        }
        fail(node, quoted(name) + "; expected one of " + names);
    }

    void readRegisters(const YAML::Node& node) {
        if (node.IsScalar()) {
            if (node.Scalar() != "none") {
                fail(node, quoted(node.Scalar()) +
                               "; expected none, or the keys inputs, weights and sums");
            }
            array_.registers = false;
            return;
        }
        ElementRegisters& registers = array_.elementRegisters;
        readKeys(node, {{"inputs", wholeTo(registers.inputs)},
                        {"weights", wholeTo(registers.weights)},
                        {"sums", wholeTo(registers.sums)}});
    }

    void readMappings(const YAML::Node& node) {
        requireList(node, "a list of mappings, such as [{kernel: 3, p: 16}]");
        for (const YAML::Node& one : node) {
            MappingRule rule;
            RowStationaryMapping& map = rule.mapping;
            readKeys(one, {{"kernel", wholeTo(rule.kernel)},
                           {"stride", wholeTo(rule.stride)},
                           {"channels", wholeTo(rule.channels)},
                           {"filters", wholeTo(rule.filters)},
                           {"m", wholeTo(map.m)},
                           {"n", wholeTo(map.n)},
                           {"e", wholeTo(map.e)},
                           {"p", wholeTo(map.p)},
                           {"q", wholeTo(map.q)},
                           {"r", wholeTo(map.r)},
                           {"t", wholeTo(map.t)}});
            array_.mappings.push_back(rule);
        }
    }

    void readFused(const YAML::Node& node) {
        requireList(node, "a list of ONNX operators, such as [Relu, Clip]");
        for (const YAML::Node& one : node) {
            array_.fused.insert(shortText(one, "an ONNX operator such as Relu"));
        }
    }

    void readClock(const YAML::Node& node) {
        std::vector<ClockPoint>& clock = array_.clock;
        if (node.IsScalar()) {
            clock = {{0, quantity(node, Quantity::kFrequency, true)}};
            return;
        }
        requireList(node, "1 GHz or a list such as [{supply: 0.8 V, clock: 1 GHz}]");
        for (const YAML::Node& one : node) {
            ClockPoint point;
            readKeys(one, {{"supply", quantityTo(point.supply, Quantity::kVoltage)},
                           {"clock", quantityTo(point.hertz, Quantity::kFrequency)}});
            need(one, point.supply > 0, "supply");
            need(one, point.hertz > 0, "clock");
            if (!clock.empty() && point.supply <= clock.back().supply) {
                fail(one, "the supplies of clocks have to ascend");
            }
            clock.push_back(point);
        }
    }

    void readArrayEnergy(const YAML::Node& node) {
        readKeys(node, {{"source",
                         [&](const auto& one) {
                             array_.energySource = shortText(one, "where the figures come from");
                         }},
                        {"mac", quantityTo(array_.macJ, Quantity::kEnergy)},
                        {"register", quantityTo(array_.registerJ, Quantity::kEnergy)},
                        {"transfer", quantityTo(array_.transferJ, Quantity::kEnergy)},
                        {"leakage", quantityTo(array_.leakageW, Quantity::kPower)}});
        need(node, !array_.energySource.empty(), "source");
    }

    ComputeArray array_;
};

}  // namespace

ComputeArray readArray(const Input& input, const YAML::Node& node) {
    return ArrayReader(input).read(node);
}

}  // namespace brownout
