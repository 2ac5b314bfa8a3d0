#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "model/energy_model.h"

namespace brownout {

/// The operand that stays where it is while others pass by.
enum class Dataflow { kWeightStationary, kOutputStationary, kInputStationary, kRowStationary };

/// Returns "weight-stationary" and so on.
const char* nameOf(Dataflow dataflow);
/// Returns all dataflows, in the order of the enumeration.
std::vector<Dataflow> allDataflows();

/// The kinds of data that memories hold.
enum class DataKind { kWeights, kActivations, kAccumulators };
constexpr std::size_t kDataKinds = 3;

/// Returns "weights", "activations" or "accumulators".
const char* nameOf(DataKind kind);

/// The parameters of a row-stationary mapping (Eyeriss, JSSC 2017). A pass works on n images, e
/// output rows, p t filters and q r channels; partial sums of m filters stay in the buffer. Those
/// that are absent are chosen.
struct RowStationaryMapping {
    std::optional<std::uint64_t> m, n, e, p, q, r, t;
};

/// A mapping for the layers with these sizes; absent sizes fit every layer.
struct MappingRule {
    std::optional<std::uint64_t> kernel;    ///< height of the kernel
    std::optional<std::uint64_t> stride;    ///< vertical stride
    std::optional<std::uint64_t> channels;  ///< input channels of a group
    std::optional<std::uint64_t> filters;   ///< output channels of all groups
    RowStationaryMapping mapping;
};

/// Registers of one processing element of a row-stationary array, in elements.
struct ElementRegisters {
    std::uint64_t inputs = 0, weights = 0, sums = 0;
};

/// A clock at a supply.
struct ClockPoint {
    double supply = 0;  ///< V, ascending from point to point
    double hertz = 0;
};

/// The compute array.
struct ComputeArray {
    std::uint32_t rows = 1, columns = 1;
    Dataflow dataflow = Dataflow::kWeightStationary;
    /// Processing elements hold operands and pass them on. Without registers every
    /// multiply-accumulate reads its operands from the memories, and nothing fills or drains.
    bool registers = true;
    ElementRegisters elementRegisters;  ///< registers of a row-stationary array
    std::vector<MappingRule> mappings;  ///< the first that fits a layer holds
    std::set<std::string> fused;        ///< ONNX operators applied to results on their way out
    std::uint32_t vectorLanes = 0;      ///< elements a cycle of layers that are no product
    std::vector<ClockPoint> clock;      ///< one or more
    double nominalSupply = 1;           ///< V
    double macJ = 0;                    ///< energy of a multiply-accumulate at the nominal supply
    double registerJ = 0;               ///< energy of a register access at the nominal supply
    double transferJ = 0;               ///< energy of a word sent into or through the array
    double leakageW = 0;                ///< at the nominal supply
    std::string energySource;
};

/// A memory of the accelerator.
struct AcceleratorMemory {
    std::string name;
    std::set<DataKind> holds;  ///< empty for the DRAM
    bool isDram = false;
    std::uint64_t bytes = 0;  ///< data bytes; 0 for the DRAM, which holds everything
    std::uint32_t banks = 1;
    std::uint32_t ports = 1;      ///< accesses of a bank in a cycle
    std::uint32_t wordBits = 64;  ///< data bits of an access
    bool doubleBuffered = false;  ///< half is filled while the other half is read
    bool keeps = true;            ///< what fits as a whole stays for the next layer or inference
    std::string protection = "none";
    std::uint32_t codeBits = 0;            ///< bits of the codes that it holds; 0: not known
    std::string domain;                    ///< supply domain
    std::optional<double> bytesPerSecond;  ///< bandwidth of the DRAM; absent: no limit
    std::optional<EnergyModel> energy;     ///< absent: counts only
    double nominalSupply = 1;              ///< in the unit of `energy`
    bool inVolts = false;                  ///< unit of `energy`: else multiples of Vmin
    std::optional<double> vminV;           ///< Vmin in volts, if known
    std::uint64_t arrayBytes = 0;          ///< bytes whose leakage `energy` gives; 0: all
};

/// An accelerator: an array that computes, and its memories.
struct Accelerator {
    std::string name;
    ComputeArray array;
    std::vector<AcceleratorMemory> memories;
    std::optional<std::uint32_t> weightBits;  ///< bits of a weight; absent: those of its code
    std::uint32_t activationBits = 8, accumulatorBits = 32;

    /// Returns the number of the memory that holds a kind of data; nothing if none does.
    std::optional<std::size_t> holder(DataKind kind) const;
    /// Returns the number of the DRAM; nothing without one.
    std::optional<std::size_t> dram() const;
    /// Throws Error, its place the key of the description that is wrong ("memories.weights"), where
    /// the parts don't fit together.
    void validate() const;
};

/// Returns the clock at a supply, linear between the points of the table, in Hz. Throws Error
/// outside.
double clockAt(const ComputeArray& array, double supplyV);

/// Returns the cells of a word with its check bits as a multiple of those without. Throws Error for
/// an unknown protection.
double protectionCost(const AcceleratorMemory& memory);

}  // namespace brownout
