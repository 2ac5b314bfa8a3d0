#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "emulation/precision.h"
#include "emulation/task.h"
#include "emulation/trial_counts.h"
#include "model/operating_point.h"

namespace brownout {

/// The protection of the words of a network, and what it takes.
struct ProtectionSpec {
    std::string name;               ///< name: "parity", "parity-byte", "secded"
    std::uint32_t wordBits = 64;    ///< data bits of a word
    std::uint32_t checkBits = 0;    ///< check bits of a block
    std::uint32_t dataArrays = 0;   ///< arrays of the chip that hold data
    std::uint32_t checkArrays = 0;  ///< arrays of the chip that hold check bits
    std::uint32_t blockWords = 1;   ///< words of a block

    /// Returns the cells accessed for a word, relative to those of a word without check bits.
    double accessCost() const {
        const double dataBits = static_cast<double>(wordBits) * blockWords;
        return (dataBits + checkBits) / dataBits;
    }
};

/// The part of a network's cells that may fail: those of one layer, those of one bit position of
/// all codes, or both. Absent parts are not restricted.
struct SelectionSpec {
    std::optional<std::string> layer;  ///< node that reads the weights
    std::optional<std::uint32_t> bit;  ///< bit position in a code, 0 the least significant one
    std::uint64_t cells = 0;           ///< cells that this names
};

/// Returns "layer conv1, bit 30", "layer conv1", "bit 30" or "".
std::string describe(const SelectionSpec& selection);

/// The rates that networks stand, see berzad.h: how they are looked for, and what they are.
struct BerzadSearch {
    /// "brownout" or "dft2021": the points are a grid, and which trials are run follows from the
    /// results. "listed": all trials of all points are run.
    std::string protocol = "brownout";
    double drop = 0.01;  ///< d of BERZAD_d, a share of the images
};

/// The memories whose cells fail in a row of a campaign.
struct FailingMemories {
    bool weights = true;
    bool activations = false;
    bool accumulators = false;  ///< partial sums
};
inline bool operator==(const FailingMemories& a, const FailingMemories& b) {
    return a.weights == b.weights && a.activations == b.activations &&
           a.accumulators == b.accumulators;
}

/// Returns "weights", "activations", "weights+activations+accumulators" and so on.
std::string toString(const FailingMemories& memories);
/// Reads what toString(FailingMemories) gives. Throws UsageError naming `option` for anything else.
FailingMemories failingMemoriesFromString(const std::string& option, const std::string& text);

/// The memory of an accelerator that partial sums lie in, in a campaign in which it may fail.
struct ValueMemorySpec {
    std::string memory;  ///< its name
    std::string protection = "none";
    std::uint64_t words = 0;  ///< data words that are used
    std::string profile;      ///< fingerprint of its chips; empty: those of the weights
};

/// The memory that activations lie in, in a campaign in which what a network computes may fail.
struct ActivationsSpec : ValueMemorySpec {
    std::uint64_t calibrationImages = 0;  ///< images that ranges were taken from; 0: the file's
    double quantile = 1;                  ///< see Calibration::quantile
    std::uint32_t bits = 8;               ///< bits of codes that a calibration made
};

/// Supply domains of the memories of weights, activations and partial sums in the operating points
/// of a campaign; layers with a supply of their own have domains of their names.
constexpr const char* kWeightsDomain = "weights";
constexpr const char* kActivationsDomain = "activations";
constexpr const char* kAccumulatorsDomain = "accumulators";

/// A supply that stays the same at all points of a campaign.
struct FixedSupply {
    std::string domain;  ///< domain of a memory, or a layer
    double supply = 0;   ///< in the unit of the profile
};
inline bool operator==(const FixedSupply& a, const FixedSupply& b) {
    return a.domain == b.domain && a.supply == b.supply;
}

/// Tells whether a fixed supply is that of a layer.
inline bool isLayer(const FixedSupply& fixed) {
    return fixed.domain != kWeightsDomain && fixed.domain != kActivationsDomain &&
           fixed.domain != kAccumulatorsDomain;
}

/// Energy of one inference that a part of an accelerator takes.
struct PartEnergy {
    std::string part;  ///< memory, or "compute"
    double joules = 0;
};
inline bool operator==(const PartEnergy& a, const PartEnergy& b) {
    return a.part == b.part && a.joules == b.joules;
}

/// The accelerator that the energies of a campaign are of.
struct AcceleratorSpec {
    std::string name;
    std::string path;         ///< not part of the identity
    std::string fingerprint;  ///< fingerprint of its description
};

/// A network of a campaign: what was read, how its weights are stored, and what one inference costs
/// in accesses. The same file may appear several times, under different protections.
struct NetworkSpec {
    std::string name;              ///< labels its rows and curves; unique in a campaign
    std::string path;              ///< path as on the command line; not part of the identity
    std::string fingerprint;       ///< fingerprint of the file's content
    std::string format;            ///< number format: "rquant8", "fp32"
    std::uint32_t bits = 8;        ///< bits of one code; 0 if tensors differ
    std::string quantizer;         ///< quantiser without bits, "rquant"; else the format
    std::string store;             ///< parameters that lie in the memory: "weights", "parameters"
    std::uint64_t storedBits = 0;  ///< memory footprint of all weights, check bits included
    std::uint64_t parameters = 0;
    std::uint64_t macsPerImage = 0;
    std::string arithmetic = "float";      ///< arithmetic that its engine computes in, see Engine
    std::uint64_t readsPerInference = 0;   ///< word reads of the weight memory
    std::uint64_t writesPerInference = 0;  ///< word writes of the weight memory
    std::optional<ProtectionSpec> protection;  ///< absent for "none"
    std::optional<SelectionSpec> selection;    ///< absent where all cells may fail
    FailingMemories failing;
    /// Energies of one inference on the campaign's accelerator, by point and part; empty without.
    std::vector<std::vector<PartEnergy>> energies = {};
    double nominalJ = 0;  ///< energy of one inference with every part at its nominal supply
};

/// Returns the name of a network without what tells its parts apart: "net+bf16" of
/// "net+bf16+bit 3".
std::string wholeNameOf(const NetworkSpec& network);

/// Returns the name of a row's protection, "none" without one.
std::string protectionNameOf(const NetworkSpec& network);

/// Returns the cells accessed for a word of `network`, relative to those of a word without check
/// bits.
double accessCost(const NetworkSpec& network);

/// Access energy at one supply. A figure that no source gives is absent.
struct EnergyFigures {
    std::optional<double> readJ;     ///< energy of one read of one word, J
    std::optional<double> writeJ;    ///< energy of one write of one word, J
    std::optional<double> relative;  ///< read energy as a share of that at the reference supply
};

/// One supply (or one uniform bit error rate) at which every network meets every chip.
struct PointSpec {
    std::string label;              ///< "0.917", "0.55V", "ber=0.01"; unique in a campaign
    std::optional<double> voltage;  ///< unit of the profile; absent in uniform mode
    std::optional<double> ber;      ///< the rate asked for in uniform mode
    /// Rate of *failing cells* that the profile or the field expects; absent for a device.
    std::optional<double> berExpected = 0;
    EnergyFigures energy;
};

/// The images every trial classifies.
struct DataSpec {
    std::string name;
    std::string path;  ///< not part of the identity
    std::string fingerprint;
};

/// The profile that the chips come from.
struct ProfileSpec {
    std::string name;
    std::string path;  ///< not part of the identity
    std::string fingerprint;
    std::string unit;             ///< unit of voltages: "Vmin" or "V"
    std::optional<double> vminV;  ///< Vmin in volts, where the profile knows it
    /// Temperature at which the chips are asked, °C; absent where the profile knows none.
    std::optional<double> temperatureC = {};
};

/// The real memory that words went through: one chip, whose cells no port shows.
struct DeviceSpec {
    std::string target;      ///< what the target says of itself
    std::string targetUrl;   ///< not part of the identity
    std::string supply;      ///< what the instrument says of itself
    std::string supplyUrl;   ///< not part of the identity
    std::uint64_t base = 0;  ///< address of the first word
    std::uint32_t arrays = 1;
    std::uint32_t rows = 512;
    std::uint32_t columns = 64;
    std::uint32_t columnMux = 1;
    std::string access;  ///< "at-supply" or "retention"
    double holdS = 0;    ///< time at the low supply, s, where words are retained
    double nominalV = 0;
};

/// The way in which the codes lie in the memory.
struct LayoutSpec {
    std::string interleave;
    std::string bitOrder;
};

/// Everything that decides the results of a campaign, and nothing else: thread count, output
/// folder, dates and timings are not here.
struct CampaignSpec {
    std::vector<NetworkSpec> networks;
    std::vector<PointSpec> points;
    std::uint32_t chips = 1;
    std::vector<std::uint64_t> offsets = {0};  ///< offsets of the weights in the memory, words
    std::uint64_t images = 0;
    /// Task of the networks: "top1", "mse" or "auc".
    std::string task = "top1";
    /// Number of top classes of a second error, counted if above 1: of images whose class is not
    /// among the top this many.
    std::uint32_t top = 1;
    DataSpec data;
    std::optional<ProfileSpec> profile;  ///< absent in uniform mode and with a device
    std::optional<DeviceSpec> device;    ///< present where the memory is a real one
    std::optional<AcceleratorSpec> accelerator;
    /// Absent where neither activations nor partial sums fail in any row.
    std::optional<ActivationsSpec> activations;
    std::optional<ValueMemorySpec> accumulators;  ///< absent where they don't fail in any row
    std::vector<FixedSupply> supplies;            ///< supplies that don't follow the points
    std::string energySource;  ///< source of the energy figures; empty without any
    std::uint64_t seed = 0;
    LayoutSpec layout;
    std::string protection = "none";     ///< protections as asked for: "secded", "none,parity"
    std::string detected = "zero-code";  ///< treatment of detected words, see DetectedPolicy
    std::string memory = "functional";   ///< memory that words went through
    /// Images between two loads of the weights, each of which draws anew which of the cells that
    /// fail in some reads only do so; 0: one load a trial.
    std::uint64_t readBatch = 0;
    /// Half-width that the interval of each point's mean error is to reach; absent where all chips
    /// take all images. `chips` is the most that a point may take then.
    std::optional<Precision> precision;
    /// Present where the rates that the networks stand are wanted.
    std::optional<BerzadSearch> search;
    /// Images of a trial, drawn for each chip; 0: all.
    std::uint64_t imagesPerTrial = 0;
    /// Images that biases were corrected on (activations/bias_correction.h); 0: they were not.
    std::uint64_t biasImages = 0;
    std::string instructionSet;  ///< instruction set of the kernels: rounding may differ
    std::string version;         ///< version of Brownout
};

/// Makes the task of a campaign. Throws UsageError if there is no such task, or if it knows no top
/// classes and `top` isn't 1.
std::shared_ptr<const Task> taskOf(const CampaignSpec& campaign);

/// Tells whether the points of a campaign are a grid that a search takes what it needs from.
bool isSearched(const CampaignSpec& campaign);

/// Tells whether the networks of a campaign are parts of networks, see SelectionSpec.
bool isOfParts(const CampaignSpec& campaign);

/// Returns the number of trials, of a search the most that it could take: networks x points x chips
/// x offsets.
std::uint64_t trialCount(const CampaignSpec& campaign);

/// Returns the point at which the chips of a campaign are asked for their faults: the voltage and
/// temperature of a point, or its bit error rate in uniform mode (uniform_chips.h).
OperatingPoint operatingPoint(const CampaignSpec& campaign, std::uint32_t number);

/// Tells whether `key` names a trial of the campaign.
bool contains(const CampaignSpec& campaign, const TrialKey& key);

/// Returns how often a trial loads the weights: once, or before each read batch.
std::uint64_t loadsPerTrial(const CampaignSpec& campaign);

/// Returns the supply of `point` in volts; absent if the point has none or the profile doesn't know
/// its Vmin.
std::optional<double> supplyInVolts(const CampaignSpec& campaign, const PointSpec& point);

/// Checks a campaign. Throws Error if there is nothing to run (no network, point, chip, offset or
/// image), a network's name or a point's label appears twice, or a number is not finite.
void validate(const CampaignSpec& campaign);

}  // namespace brownout
