#include "profiles/accelerators/accelerator_yaml.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/fields.h"
#include "base/yaml/yaml_reader.h"
#include "profiles/accelerators/quantity.h"

namespace brownout {
namespace {

constexpr std::uint64_t kMostElements = 4096;   // rows and columns of an array
constexpr double kMostBytes = 1099511627776.0;  // 1 TiB
constexpr std::size_t kMostEntries = 1000;      // of a list

const DataKind kKinds[] = {DataKind::kWeights, DataKind::kActivations, DataKind::kAccumulators};

/// The energy of a memory while its keys are read.
struct EnergyKeys {
    std::vector<EnergyPoint> points;
    std::string source;
    std::optional<double> nominal;
};

class AcceleratorReader : YamlReader {
 public:
    explicit AcceleratorReader(const Input& input) : YamlReader(input) {}

    AcceleratorDescription read(const YAML::Node& root) {
        Accelerator& a = read_.accelerator;
        bool hasArray = false, hasMemories = false;
        readKeys(root, {{"name", [&](const auto& node) { a.name = shortText(node, "a name"); }},
                        {"array",
                         [&](const auto& node) {
                             hasArray = true;
                             readArray(node);
                         }},
                        {"bits", [&](const auto& node) { readBits(node); }},
                        {"memories", [&](const auto& node) {
                             hasMemories = true;
                             readMemories(node);
                         }}});
        need(root, !a.name.empty(), "name");
        need(root, hasArray, "array");
        need(root, hasMemories, "memories");
        return std::move(read_);
    }

 private:
    void need(const YAML::Node& node, bool there, const std::string& key) const {
        if (!there) fail(node, "'" + key + "' is missing");
    }

    std::string shortText(const YAML::Node& node, const std::string& expected) const {
        const std::string value = text(node, expected);
        if (value.empty() || value.size() > 500) fail(node, "expected " + expected);
        return value;
    }

    double quantity(const YAML::Node& node, Quantity kind, bool positive = false) const {
        const std::string value = text(node, exampleOf(kind));
        const auto number = parseQuantity(value, kind);
        if (!number || (positive && !(*number > 0))) {
            fail(node, quoted(value) + "; expected " + exampleOf(kind));
        }
        return *number;
    }

    /// A number above 0 without a unit, a supply of an energy table.
    double supply(const YAML::Node& node) const {
        const std::string value = text(node, "a supply such as 0.9");
        const auto number = parseReal(value);
        if (!number || !(*number > 0)) {
            fail(node, quoted(value) + "; expected a supply such as 0.9, in the unit of the table");
        }
        return *number;
    }

    std::uint64_t bytes(const YAML::Node& node) const {
        const double value = quantity(node, Quantity::kBytes, true);
        if (value > kMostBytes || value != std::floor(value)) {
            fail(node, quoted(node.Scalar()) + "; expected whole bytes, at most 1 TiB");
        }
        return static_cast<std::uint64_t>(value);
    }

    bool yesOrNo(const YAML::Node& node) const {
        const std::string value = text(node, "true or false");
        if (value != "true" && value != "false")
            fail(node, quoted(value) + "; expected true or false");
        return value == "true";
    }

    Handler wholeTo(std::uint32_t& to, std::uint64_t most) const {
        return [this, &to, most](const YAML::Node& node) {
            to = static_cast<std::uint32_t>(whole(node, 1, most));
        };
    }
    Handler wholeTo(std::uint64_t& to) const {
        return [this, &to](const YAML::Node& node) { to = whole(node, 1); };
    }
    Handler wholeTo(std::optional<std::uint64_t>& to) const {
        return [this, &to](const YAML::Node& node) { to = whole(node, 1); };
    }
    Handler quantityTo(double& to, Quantity kind) const {
        return [this, &to, kind](const YAML::Node& node) { to = quantity(node, kind); };
    }

    void readBits(const YAML::Node& node) {
        Accelerator& a = read_.accelerator;
        readKeys(node, {{"weights",
                         [&](const auto& one) {
                             a.weightBits = static_cast<std::uint32_t>(whole(one, 1, 32));
                         }},
                        {"activations", wholeTo(a.activationBits, 32)},
                        {"accumulators", wholeTo(a.accumulatorBits, 64)}});
    }

    void readArray(const YAML::Node& node) {
        ComputeArray& array = read_.accelerator.array;
        bool rows = false, columns = false, dataflow = false;
        const auto size = [&](std::uint32_t& to, bool& there) {
            return [&](const YAML::Node& one) {
                there = true;
                to = static_cast<std::uint32_t>(whole(one, 1, kMostElements));
            };
        };
        readKeys(node, {{"rows", size(array.rows, rows)},
                        {"columns", size(array.columns, columns)},
                        {"dataflow",
                         [&](const auto& one) {
                             dataflow = true;
                             array.dataflow = readDataflow(one);
                         }},
                        {"registers", [&](const auto& one) { readRegisters(one); }},
                        {"mapping", [&](const auto& one) { readMappings(one); }},
                        {"fused", [&](const auto& one) { readFused(one); }},
                        {"vector_lanes", wholeTo(array.vectorLanes, 65536)},
                        {"supply",
                         [&](const auto& one) {
                             array.nominalSupply = quantity(one, Quantity::kVoltage, true);
                         }},
                        {"clock", [&](const auto& one) { readClock(one); }},
                        {"energy", [&](const auto& one) { readArrayEnergy(one); }}});
        need(node, rows, "rows");
        need(node, columns, "columns");
        need(node, dataflow, "dataflow");
        need(node, !array.clock.empty(), "clock");
    }

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
        ComputeArray& array = read_.accelerator.array;
        if (node.IsScalar()) {
            if (node.Scalar() != "none") {
                fail(node, quoted(node.Scalar()) +
                               "; expected none, or the keys inputs, weights and sums");
            }
            array.registers = false;
            return;
        }
        ElementRegisters& registers = array.elementRegisters;
        readKeys(node, {{"inputs", wholeTo(registers.inputs)},
                        {"weights", wholeTo(registers.weights)},
                        {"sums", wholeTo(registers.sums)}});
    }

    void requireList(const YAML::Node& node, const std::string& expected) const {
        if (!node.IsSequence() || node.size() == 0) fail(node, "expected " + expected);
        if (node.size() > kMostEntries) fail(node, "more than 1000 entries");
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
            read_.accelerator.array.mappings.push_back(rule);
        }
    }

    void readFused(const YAML::Node& node) {
        requireList(node, "a list of ONNX operators, such as [Relu, Clip]");
        for (const YAML::Node& one : node) {
            read_.accelerator.array.fused.insert(shortText(one, "an ONNX operator such as Relu"));
        }
    }

    void readClock(const YAML::Node& node) {
        std::vector<ClockPoint>& clock = read_.accelerator.array.clock;
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
        ComputeArray& array = read_.accelerator.array;
        readKeys(node, {{"source",
                         [&](const auto& one) {
                             array.energySource = shortText(one, "where the figures come from");
                         }},
                        {"mac", quantityTo(array.macJ, Quantity::kEnergy)},
                        {"register", quantityTo(array.registerJ, Quantity::kEnergy)},
                        {"transfer", quantityTo(array.transferJ, Quantity::kEnergy)},
                        {"leakage", quantityTo(array.leakageW, Quantity::kPower)}});
        need(node, !array.energySource.empty(), "source");
    }

    void readMemories(const YAML::Node& node) {
        if (!node.IsMap() || node.size() == 0) {
            fail(node, "expected memories by name, such as weights, activations, dram");
        }
        if (node.size() > 16) fail(node, "more than 16 memories");
        for (const auto& entry : node) {
            const std::string name = text(entry.first, "a name such as weights");
            const bool plain = !name.empty() && name.size() <= 32 &&
                               std::all_of(name.begin(), name.end(), [](unsigned char c) {
                                   return std::isalnum(c) != 0 || c == '-' || c == '_';
                               });
            if (!plain) {
                fail(entry.first, quoted(name) + "; expected a name of letters, digits, - and _");
            }
            if (name == "array" || name == "compute") {
                fail(entry.first, quoted(name) + " names the compute array");
            }
            for (const AcceleratorMemory& other : read_.accelerator.memories) {
                if (other.name == name) fail(entry.first, "a second '" + name + "'");
            }
            readMemory(name, entry.second);
        }
    }

    void readMemory(const std::string& name, const YAML::Node& node) {
        AcceleratorMemory memory;
        memory.name = memory.domain = name;
        memory.isDram = name == "dram";
        for (const DataKind kind : kKinds) {
            if (name == nameOf(kind)) memory.holds = {kind};
        }
        const YAML::Node* energy = nullptr;
        YAML::Node energyNode;
        readKeys(
            node,
            {{"holds", [&](const auto& one) { readHolds(one, memory); }},
             {"bytes", [&](const auto& one) { memory.bytes = bytes(one); }},
             {"banks", wholeTo(memory.banks, 65536)},
             {"ports", wholeTo(memory.ports, 64)},
             {"word", wholeTo(memory.wordBits, 4096)},
             {"double_buffered", [&](const auto& one) { memory.doubleBuffered = yesOrNo(one); }},
             {"keeps", [&](const auto& one) { memory.keeps = yesOrNo(one); }},
             {"protection",
              [&](const auto& one) { memory.protection = shortText(one, "a protection"); }},
             {"domain", [&](const auto& one) { memory.domain = shortText(one, "a name"); }},
             {"bandwidth",
              [&](const auto& one) {
                  memory.bytesPerSecond = quantity(one, Quantity::kBandwidth, true);
              }},
             {"profile",
              [&](const auto& one) {
                  read_.profiles[name] = shortText(one, "the file of a profile");
              }},
             {"energy", [&](const auto& one) {
                  energyNode.reset(one);
                  energy = &energyNode;
              }}});
        if (!memory.isDram) {
            need(node, !memory.holds.empty(), "holds");
            need(node, memory.bytes > 0, "bytes");
            if (memory.bytesPerSecond) fail(node, "'bandwidth' is for the DRAM only");
        } else if (memory.bytes > 0 || memory.doubleBuffered) {
            fail(node, "the DRAM has neither bytes nor double buffering");
        }
        if (energy != nullptr) {
            if (read_.profiles.count(name) != 0) {
                fail(*energy, "expected 'energy' or 'profile', not both");
            }
            readEnergy(*energy, memory);
        }
        if (memory.protection != "none") {
            try {
                protectionCost(memory);
            } catch (const Error& error) {
                fail(node, error.what());
            }
        }
        read_.accelerator.memories.push_back(std::move(memory));
    }

    void readHolds(const YAML::Node& node, AcceleratorMemory& memory) const {
        const auto hold = [&](const YAML::Node& one) {
            const std::string name = text(one, "weights, activations, accumulators or dram");
            if (name == "dram") {
                memory.isDram = true;
                return;
            }
            for (const DataKind kind : kKinds) {
                if (name != nameOf(kind)) continue;
                memory.holds.insert(kind);
                return;
            }
            fail(one, quoted(name) + "; expected weights, activations, accumulators or dram");
        };
        memory.holds.clear();
        memory.isDram = false;
        if (node.IsSequence()) {
            for (const YAML::Node& one : node) hold(one);
        } else {
            hold(node);
        }
        if (memory.isDram && !memory.holds.empty()) {
            fail(node, "the DRAM holds what no other memory does; expected dram alone");
        }
        if (!memory.isDram && memory.holds.empty()) {
            fail(node, "expected weights, activations, accumulators or dram");
        }
    }

    void readEnergy(const YAML::Node& node, AcceleratorMemory& memory) const {
        EnergyKeys keys;
        readKeys(
            node,
            {{"source",
              [&](const auto& one) {
                  keys.source = shortText(one, "where the figures come from");
              }},
             {"unit",
              [&](const auto& one) {
                  const std::string unit = text(one, "V or Vmin");
                  if (unit != "V" && unit != "Vmin") {
                      fail(one, quoted(unit) + "; expected V or Vmin");
                  }
                  memory.inVolts = unit == "V";
              }},
             {"nominal", [&](const auto& one) { keys.nominal = supply(one); }},
             {"vmin",
              [&](const auto& one) { memory.vminV = quantity(one, Quantity::kVoltage, true); }},
             {"array_bytes", [&](const auto& one) { memory.arrayBytes = bytes(one); }},
             {"table", [&](const auto& one) { readTable(one, keys); }}});
        need(node, !keys.source.empty(), "source");
        need(node, !keys.points.empty(), "table");
        memory.nominalSupply = keys.nominal.value_or(keys.points.back().supply);
        try {
            memory.energy.emplace(keys.points, memory.nominalSupply, keys.source);
        } catch (const Error& error) {
            fail(node, error.what());
        }
    }

    void readTable(const YAML::Node& node, EnergyKeys& keys) const {
        requireList(node, "a list such as [{supply: 1, read: 1.26 pJ, write: 1.34 pJ}]");
        for (const YAML::Node& one : node) {
            EnergyPoint point;
            bool read = false, write = false;
            const auto energy = [&](double& to, bool& there) {
                return [&](const YAML::Node& value) {
                    there = true;
                    to = quantity(value, Quantity::kEnergy);
                };
            };
            readKeys(one, {{"supply", [&](const auto& value) { point.supply = supply(value); }},
                           {"read", energy(point.readJ, read)},
                           {"write", energy(point.writeJ, write)},
                           {"leakage", [&](const auto& value) {
                                point.leakageW = quantity(value, Quantity::kPower);
                            }}});
            need(one, point.supply > 0, "supply");
            need(one, read, "read");
            need(one, write, "write");
            keys.points.push_back(point);
        }
    }

    AcceleratorDescription read_;
};

}  // namespace

AcceleratorDescription readAccelerator(Input& input) {
    AcceleratorDescription description =
        AcceleratorReader(input).read(loadYaml(input, "an accelerator"));
    try {
        description.accelerator.validate();
    } catch (const Error& error) {
        throw input.error(error.what());
    }
    return description;
}

}  // namespace brownout
