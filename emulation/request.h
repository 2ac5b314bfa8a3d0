#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "emulation/campaign_spec.h"
#include "emulation/placement.h"
#include "emulation/precision.h"
#include "inference/activations/calibration.h"
#include "inference/data/dataset.h"
#include "inference/formats/encoded_network.h"
#include "model/accelerator/accelerator.h"
#include "profiles/profile.h"

namespace brownout {

/// A network to put under faults, and the ways in which its weights become codes.
struct NetworkRequest {
    Network network;
    std::string path;  ///< path shown in results; the network's own file if empty
    /// Number formats of its weights, one row of the campaign each.
    std::vector<std::shared_ptr<const NumberFormat>> formats;
    StoreScope store = StoreScope::kWeights;
};

/// Fills in what the network says of itself in its metadata, see storageOf. Throws Error naming the
/// file where the metadata is wrong.
NetworkRequest requestFor(Network network);

/// A supply to read the chips at, and what tables call it; an empty label is made from the voltage.
struct SupplyRequest {
    Voltage voltage;
    std::string label = {};
};

/// A uniform bit error rate, and what tables call it; an empty label is made from the rate.
struct RateRequest {
    double rate = 0;
    std::string label = {};
};

/// The memory that the weights live in.
struct MemoryRequest {
    std::optional<Profile> profile;  ///< the chips; absent: uniform errors at `rates`, or a device
    /// The real memory, instead of a profile; the campaign is put through it (putThrough) before it
    /// runs.
    std::optional<DeviceSpec> device;
    std::optional<double> temperatureC;
    std::vector<std::string> protections = {"none"};
    DetectedPolicy detected = DetectedPolicy::kZeroCode;
    LayoutSettings layout;  ///< places of the codes; its offset is ignored: see `offsets`
};

/// The parts of a network's cells that are to fail alone, a row of the campaign each. With both,
/// each bit position of each layer is a row.
struct PartsRequest {
    bool byBit = false;
    bool byLayer = false;
};

/// A supply that stays the same at all points, of a memory of the accelerator or a supply domain
/// ("weights", "activations", "array"), or of a layer of the networks, whose weights then have
/// arrays of their own.
struct FixedSupplyRequest {
    std::string name;
    Voltage voltage;
};

/// An accelerator whose energy an inference takes, and whose memories may fail.
struct AcceleratorRequest {
    Accelerator accelerator;
    std::string path;         ///< path shown in results
    std::string fingerprint;  ///< fingerprint of its description
    /// Memories whose cells fail, a row of the campaign for each element; none: the weights'. Where
    /// activations or partial sums fail in one row, activations are stored as codes in all.
    std::vector<FailingMemories> failing = {};
    /// Chips of the memories of activations and of partial sums; absent: other chips of the
    /// weights' profile.
    std::optional<Profile> activationProfile = {}, accumulatorProfile = {};
    /// Calibration of the activations that have no codes in the file.
    Calibration calibration = {};
};

/// A campaign as a user asks for it. Everything has a usual value but the networks, the data, and
/// the chips or rates.
struct CampaignRequest {
    std::vector<NetworkRequest> networks;
    std::optional<Dataset> data;
    std::string dataPath;  ///< path shown in results; the data set's own place if empty
    MemoryRequest memory;
    /// Supplies of the profile's chips, in any order; empty: those the profile was made at.
    std::vector<SupplyRequest> supplies;
    /// Rates of uniform random bit errors, instead of a profile.
    std::vector<RateRequest> rates;
    /// Chips of the profile, or error patterns; absent: 10, or all of a profile with fewer.
    std::optional<std::uint32_t> chips;
    std::uint64_t offsets = 1;    ///< layouts a chip: the network shifted in even steps
    std::uint64_t readBatch = 0;  ///< images between two loads of the weights; 0: one load a trial
    /// Meaning of the networks' outputs: "top1" for classes, "mse" for autoencoders and regressors
    /// (squared_error.h), "auc" for anomaly detectors (anomaly_ranks.h).
    std::string task = "top1";
    /// Number of top classes of a second error, reported if above 1: of images whose class is not
    /// among the top this many.
    std::uint32_t top = 1;
    std::uint64_t seed = 1;
    /// Sums every convolution product by product, see EngineSettings::exact.
    bool exact = false;
    /// Half-width that each point's interval is to reach; chips then take some of the images only,
    /// and `chips` is the most that a point may take: without it, all of a profile, or 10,000.
    /// Absent: all chips take all images.
    std::optional<Precision> precision;
    PartsRequest parts;
    /// Accelerator whose account gives the energies; absent: accesses to the weight memory alone.
    std::optional<AcceleratorRequest> accelerator;
    std::vector<FixedSupplyRequest> fixedSupplies;
    /// Rates that the networks stand: searched without `rates`, when `chips` is the most that a
    /// rate may take (absent: usualMaps of the protocol), else told from those.
    std::optional<BerzadSearch> search;
    /// Images of a trial, drawn for each chip; 0: all. Needs a task of right and wrong images.
    std::uint64_t imagesPerTrial = 0;
    /// Images that the biases of the networks are corrected on, see biasCorrected(); 0: they are
    /// not.
    std::uint64_t biasImages = 0;
};

}  // namespace brownout
