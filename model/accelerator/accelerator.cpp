#include "model/accelerator/accelerator.h"

#include "base/error.h"
#include "base/numbers.h"
#include "model/protection/protection.h"

namespace brownout {

const char* nameOf(Dataflow dataflow) {
    switch (dataflow) {
        case Dataflow::kWeightStationary:
            return "weight-stationary";
        case Dataflow::kOutputStationary:
            return "output-stationary";
        case Dataflow::kInputStationary:
            return "input-stationary";
        case Dataflow::kRowStationary:
            break;
    }
    return "row-stationary";
}

std::vector<Dataflow> allDataflows() {
    return {Dataflow::kWeightStationary, Dataflow::kOutputStationary, Dataflow::kInputStationary,
            Dataflow::kRowStationary};
}

const char* nameOf(DataKind kind) {
    switch (kind) {
        case DataKind::kWeights:
            return "weights";
        case DataKind::kActivations:
            return "activations";
        case DataKind::kAccumulators:
            break;
    }
    return "accumulators";
}

std::optional<std::size_t> Accelerator::holder(DataKind kind) const {
    for (std::size_t i = 0; i < memories.size(); ++i) {
        if (memories[i].holds.count(kind) != 0) return i;
    }
    return std::nullopt;
}

std::optional<std::size_t> Accelerator::dram() const {
    for (std::size_t i = 0; i < memories.size(); ++i) {
        if (memories[i].isDram) return i;
    }
    return std::nullopt;
}

void Accelerator::validate() const {
    if (memories.empty()) throw Error("memories", "there are none; expected at least one");
    std::set<std::string> names;
    std::set<DataKind> held;
    bool hasDram = false;
    for (const AcceleratorMemory& memory : memories) {
        const std::string place = "memories." + memory.name;
        if (!names.insert(memory.name).second) throw Error(place, "is there twice");
        for (const DataKind kind : memory.holds) {
            if (!held.insert(kind).second) {
                throw Error(place, std::string("holds ") + nameOf(kind) +
                                       ", as another memory does; expected one for each kind");
            }
        }
        if (memory.isDram && hasDram) throw Error(place, "is a second DRAM; expected at most one");
        hasDram = hasDram || memory.isDram;
        if (!memory.isDram && memory.holds.empty()) {
            throw Error(place, "holds nothing; expected weights, activations or accumulators");
        }
        if (!memory.isDram && memory.bytes == 0) throw Error(place, "has no bytes");
        if (memory.energy && !memory.energy->covers(memory.nominalSupply)) {
            throw Error(place + ".energy.nominal",
                        shortestNumber(memory.nominalSupply) + " is outside the energy table");
        }
        protectionCost(memory);
    }
    if (array.clock.empty()) throw Error("array.clock", "is missing");
    clockAt(array, array.nominalSupply);
    if (array.dataflow == Dataflow::kRowStationary &&
        (array.elementRegisters.inputs == 0 || array.elementRegisters.weights == 0 ||
         array.elementRegisters.sums == 0)) {
        throw Error("array.registers",
                    "expected inputs, weights and sums of an element: a row-stationary array maps "
                    "by them");
    }
}

double clockAt(const ComputeArray& array, double supplyV) {
    const std::vector<ClockPoint>& clock = array.clock;
    if (clock.size() == 1) return clock.front().hertz;
    if (!(supplyV >= clock.front().supply && supplyV <= clock.back().supply)) {
        throw Error("array.clock", "has no figure at " + shortestNumber(supplyV) +
                                       " V; it goes from " + shortestNumber(clock.front().supply) +
                                       " to " + shortestNumber(clock.back().supply));
    }
    std::size_t high = 1;
    while (clock[high].supply < supplyV) ++high;
    const ClockPoint& a = clock[high - 1];
    const ClockPoint& b = clock[high];
    return a.hertz + (b.hertz - a.hertz) * (supplyV - a.supply) / (b.supply - a.supply);
}

double protectionCost(const AcceleratorMemory& memory) {
    if (memory.protection == "none") return 1;
    std::shared_ptr<const Protection> protection;
    try {
        protection = makeProtection(memory.protection, memory.wordBits, memory.codeBits);
    } catch (const Error& error) {
        throw Error("memories." + memory.name + ".protection", error.what());
    }
    const double dataBits = static_cast<double>(memory.wordBits) * protection->blockWords();
    return (dataBits + protection->checkBits()) / dataBits;
}

}  // namespace brownout
