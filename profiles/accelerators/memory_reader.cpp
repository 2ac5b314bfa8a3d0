#include <algorithm>
#include <cctype>

#include "base/error.h"
#include "profiles/accelerators/description_reader.h"

namespace brownout {
namespace {

const DataKind kKinds[] = {DataKind::kWeights, DataKind::kActivations, DataKind::kAccumulators};

/// The energy of a memory while its keys are read.
struct EnergyKeys {
    std::vector<EnergyPoint> points;
    std::string source;
    std::optional<double> nominal;
};

class MemoryReader : DescriptionReader {
 public:
    using DescriptionReader::DescriptionReader;

    MemoryDescriptions read(const YAML::Node& node) {
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
            for (const AcceleratorMemory& other : read_.memories) {
                if (other.name == name) fail(entry.first, "a second '" + name + "'");
            }
            readMemory(name, entry.second);
        }
        return std::move(read_);
    }

 private:
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
        read_.memories.push_back(std::move(memory));
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

    MemoryDescriptions read_;
};

}  // namespace

MemoryDescriptions readMemories(const Input& input, const YAML::Node& node) {
    return MemoryReader(input).read(node);
}

}  // namespace brownout
