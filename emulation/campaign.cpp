#include "emulation/campaign.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <mutex>
#include <numeric>
#include <set>
#include <thread>

#include "base/error.h"
#include "base/text.h"
#include "emulation/accelerator_energy.h"
#include "emulation/adaptive_campaign.h"
#include "emulation/berzad.h"
#include "emulation/campaign_checks.h"
#include "emulation/campaign_rows.h"
#include "emulation/fixed_supplies.h"
#include "emulation/guessing.h"
#include "emulation/network_codes.h"
#include "emulation/points.h"
#include "emulation/rate_search.h"
#include "emulation/value_memories.h"
#include "inference/data/layout.h"
#include "inference/engines/engine.h"
#include "inference/formats/quantizer_format.h"
#include "inference/formats/storage.h"
#include "inference/inspect.h"
#include "inference/kernels/dispatch.h"
#include "model/check_placement.h"
#include "model/uniform_chips.h"
#include "profiles/profile_chips.h"

namespace brownout {

struct Campaign::State {
    CampaignRequest request;
    CampaignSpec spec;
    CampaignRows rows;
    std::shared_ptr<ChipSource> chips;
    ValueChips valueChips;
    std::shared_ptr<const Task> task;
    MemoryFactory memory;
    std::vector<std::string> warnings;
};

namespace {

constexpr std::uint32_t kUsualChips = 10;
constexpr std::uint32_t kMostAdaptiveChips = 10'000;  // of uniform errors
constexpr std::uint64_t kMostTrials = 10'000'000;

/// Returns the data set in the layout of each network, whose free sizes become those of the images.
/// Adds to `notes` how images were moved. Throws Error unless they fit the task.
std::vector<Dataset> fitNetworks(CampaignRequest& request, const Task& task,
                                 std::vector<std::string>& notes) {
    if (!request.data) throw UsageError("data", "is missing: the images to classify");
    std::vector<Dataset> data;
    if (!request.data->note().empty()) notes.push_back(request.data->note());
    for (NetworkRequest& asked : request.networks) {
        FittedDataset fitted = fitTo(asked.network, *request.data);
        if (!fitted.note.empty()) notes.push_back(fitted.note);
        asked.network = withImageShape(std::move(asked.network), fitted.data.shape());
        task.check(asked.network, fitted.data);
        data.push_back(std::move(fitted.data));
    }
    return data;
}

void addData(const CampaignRequest& request, CampaignSpec& spec) {
    const Dataset& data = *request.data;
    spec.images = data.size();
    spec.data = {validUtf8(data.name()),
                 validUtf8(request.dataPath.empty() ? data.place() : request.dataPath),
                 data.fingerprint()};
}

ProfileSpec describe(const Profile& profile, std::optional<double> temperatureC) {
    ProfileSpec spec;
    spec.name = validUtf8(profile.path().filename().string());
    spec.path = validUtf8(profile.path().string());
    spec.unit = nameOf(profile.device().unit);
    spec.vminV = profile.device().vminV;
    spec.temperatureC = profile.supplies().temperature(temperatureC);
    return spec;
}

/// Gives all points the rate and the energy of the weights' supply, where that is fixed.
void fixWeights(const Profile& profile, std::optional<double> temperatureC, CampaignSpec& spec) {
    for (const FixedSupply& fixed : spec.supplies) {
        if (fixed.domain != kWeightsDomain) continue;
        const PointSpec there = pointsAt(profile, {{"", fixed.supply}}, temperatureC).at(0);
        for (PointSpec& point : spec.points) {
            point.berExpected = there.berExpected;
            point.energy = there.energy;
        }
    }
}

/// Adds the chips of the profile and their points.
std::shared_ptr<ChipSource> addProfile(const CampaignRequest& request, CampaignSpec& spec) {
    const Profile& profile = *request.memory.profile;
    spec.profile = describe(profile, request.memory.temperatureC);
    const std::optional<double> temperatureC = spec.profile->temperatureC;
    if (profile.energy()) spec.energySource = profile.energy()->source();
    spec.points =
        pointsAt(profile, suppliesOf(profile, request.supplies, temperatureC), temperatureC);
    fixWeights(profile, temperatureC, spec);
    spec.chips = request.chips.value_or(
        request.precision ? profile.chipCount() : std::min(kUsualChips, profile.chipCount()));
    if (spec.chips > profile.chipCount()) {
        throw UsageError("chips", std::to_string(spec.chips) + "; " + spec.profile->path + " has " +
                                      std::to_string(profile.chipCount()));
    }
    spec.profile->fingerprint = profile.chipsFingerprint(spec.chips);
    double lowest = *spec.points.at(0).voltage;
    for (const PointSpec& point : spec.points) lowest = std::min(lowest, *point.voltage);
    for (const FixedSupply& fixed : spec.supplies) lowest = std::min(lowest, fixed.supply);
    return std::make_shared<ProfileChips>(profile, std::thread::hardware_concurrency() + 1, lowest);
}

/// Adds uniform errors in the smallest memory that holds each network.
std::shared_ptr<ChipSource> addRates(const CampaignRequest& request,
                                     const std::vector<EncodedNetwork>& networks,
                                     CampaignSpec& spec) {
    if (isSearched(spec)) {
        std::uint64_t cells = 0;
        for (const EncodedNetwork& network : networks) {
            cells = std::max<std::uint64_t>(cells, network.bitCount());
        }
        std::vector<RateRequest> rates;
        for (const double rate : searchRates(request.search->protocol, cells)) {
            rates.push_back({rate});
        }
        spec.points = pointsAtRates(rates);
    } else {
        spec.points = pointsAtRates(request.rates);
    }
    const std::uint32_t usual = request.precision  ? kMostAdaptiveChips
                                : isSearched(spec) ? usualMaps(request.search->protocol)
                                                   : kUsualChips;
    spec.chips = request.chips.value_or(usual);
    return std::make_shared<UniformChips>(chipFor(networks, request.memory.protections),
                                          request.seed);
}

/// The chip of a device, of which only the arrays are known.
class UnknownChip final : public ChipSource {
 public:
    explicit UnknownChip(const SramGeometry& geometry) : geometry_(geometry) {}
    const SramGeometry& geometry() const override { return geometry_; }
    std::shared_ptr<const FaultOverlay> faults(std::uint32_t, const OperatingPoint&) override {
        throw Error("device", "shows its port, not which of its cells fail");
    }

 private:
    SramGeometry geometry_;
};

/// Adds the device and its points.
std::shared_ptr<ChipSource> addDevice(const CampaignRequest& request, CampaignSpec& spec) {
    const DeviceSpec& device = *request.memory.device;
    spec.device = device;
    spec.points = pointsOfDevice(request.supplies);
    spec.chips = request.chips.value_or(1);
    if (spec.chips != 1) throw UsageError("chips", "a device is one chip");
    return std::make_shared<UnknownChip>(
        SramGeometry{device.arrays, device.rows, device.columns, device.columnMux});
}

void addLayouts(const CampaignRequest& request, const SramGeometry& chip, const CampaignRows& rows,
                CampaignSpec& spec) {
    const LayoutSettings& layout = request.memory.layout;
    spec.layout = {toString(layout.interleave), toString(layout.bitOrder)};
    // Offsets are those of the row that leaves fewest words for data, so that all rows have the
    // same; and they are multiples of every row's blocks.
    std::uint64_t words = chip.words();
    std::uint32_t blockWords = 1;
    for (std::size_t n = 0; n < rows.networks.size(); ++n) {
        NetworkSpec& network = spec.networks[n];
        const CheckPlacement placement(chip, *rows.protections[n]);
        const MemoryMap map = layOut(rows.networks[n], placement, layout, rows.placements[n]);
        arrayDomains(map, rows.placements[n]);  // throws where supplies don't go with the layout
        words = std::min(words, map.geometry().words());
        blockWords = std::lcm(blockWords, placement.blockWords());
        const WordAccesses accesses = accessesPerInference(map, placement.checkBits());
        network.readsPerInference = accesses.reads;
        network.writesPerInference = accesses.writes;
        network.storedBits = accesses.storedBits;
    }
    spec.offsets = evenOffsets(request.offsets, words, blockWords);
}

std::string joined(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "" : ",") + name;
    return text;
}

}  // namespace

NetworkRequest requestFor(Network network) {
    const StorageSettings storage = storageOf(network);
    return {std::move(network), {}, {storage.format}, storage.store};
}

Campaign::Campaign(CampaignRequest request) : state_(std::make_unique<State>()) {
    CampaignSpec& spec = state_->spec;
    const MemoryRequest& memory = request.memory;
    if (memory.device) {
        checkDevice(request);
    } else if (memory.profile.has_value() != (request.rates.empty() && !request.search)) {
        throw UsageError("campaign", "takes either a profile or bit error rates");
    }
    checkProtections(memory);
    spec.task = request.task;
    spec.top = request.top;
    spec.precision = request.precision;
    spec.search = request.search;
    if (spec.search && !request.rates.empty()) spec.search->protocol = "listed";
    spec.imagesPerTrial = request.imagesPerTrial;
    state_->task = taskOf(spec);
    if (request.precision) checkAdaptive(request, *state_->task);
    if (request.search || request.imagesPerTrial > 0) checkSearch(request, *state_->task);
    spec.seed = request.seed;
    spec.version = BROWNOUT_VERSION;
    spec.instructionSet = activeInstructionSet();
    spec.protection = joined(memory.protections);
    spec.detected = toString(memory.detected);
    spec.readBatch = request.readBatch;
    std::vector<std::string> notes;
    CampaignRows& rows = state_->rows;
    rows = encodeNetworks(request, fitNetworks(request, *state_->task, notes), spec);
    const std::vector<EncodedNetwork>& networks = rows.networks;
    addData(request, spec);
    spec.supplies = fixedSuppliesOf(request);
    if (request.offsets > 1 && !spec.supplies.empty()) {
        throw UsageError("offsets", "go with one supply for all weights");
    }
    state_->chips = memory.device    ? addDevice(request, spec)
                    : memory.profile ? addProfile(request, spec)
                                     : addRates(request, networks, spec);
    if (memory.profile) {
        state_->warnings = measureExpectedRates(spec, *memory.profile, *state_->chips);
    } else if (request.readBatch > 0 && !memory.device) {
        throw UsageError("read-batch", "uniform errors don't vary from read to read");
    }
    for (const NetworkRequest& asked : request.networks) {
        const std::vector<std::string>& lines = asked.network.notes;
        state_->warnings.insert(state_->warnings.end(), lines.begin(), lines.end());
    }
    for (std::size_t n = 0; n < networks.size(); ++n) {
        const std::string unstored = describe(networks[n].unstoredFactors());
        if (!unstored.empty()) state_->warnings.push_back(spec.networks[n].name + ": " + unstored);
    }
    state_->warnings.insert(state_->warnings.begin(), notes.begin(), notes.end());
    std::vector<std::string>& warnings = state_->warnings;
    protectRows(memory, state_->chips->geometry(), spec, rows);
    splitRows(request.parts, spec, rows);
    const std::vector<std::string> placed =
        placeRows(request, state_->chips->geometry(), rows, spec);
    warnings.insert(warnings.end(), placed.begin(), placed.end());
    state_->valueChips = addFailingMemories(request, rows, spec, warnings);
    addEnergies(request, state_->chips->geometry(), rows, spec);
    addLayouts(request, state_->chips->geometry(), rows, spec);
    if (!isSearched(spec) && trialCount(spec) > kMostTrials) {
        throw UsageError("campaign", "more than " + std::to_string(kMostTrials) + " trials");
    }
    validate(spec);
    state_->request = std::move(request);
}

Campaign::Campaign(Campaign&&) noexcept = default;
Campaign& Campaign::operator=(Campaign&&) noexcept = default;
Campaign::~Campaign() = default;

const CampaignSpec& Campaign::spec() const { return state_->spec; }
const std::optional<Profile>& Campaign::profile() const { return state_->request.memory.profile; }
const SramGeometry& Campaign::geometry() const { return state_->chips->geometry(); }
const std::shared_ptr<ChipSource>& Campaign::chips() const { return state_->chips; }
const std::vector<std::shared_ptr<const Protection>>& Campaign::protections() const {
    return state_->rows.protections;
}
const std::vector<std::string>& Campaign::warnings() const { return state_->warnings; }

std::vector<std::string> Campaign::warningsAbout(const Summary& summary) const {
    std::vector<std::string> warnings;
    std::set<std::string> said;
    const std::uint64_t images = state_->spec.images;
    for (const SummaryRow& row : summary.rows) {
        const std::string& path = state_->spec.networks.at(row.network).path;
        if (!row.sum.wrongClean || !row.main().clean || said.count(path) > 0) continue;
        const double wrong = std::round(*row.main().clean * static_cast<double>(images));
        const auto warning =
            guessingWarning(path, static_cast<std::uint64_t>(wrong), images,
                            interfaceOf(state_->rows.networks.at(row.network).graph()).classes);
        said.insert(path);
        if (warning) warnings.push_back(*warning);
    }
    return warnings;
}

void Campaign::putThrough(const std::string& name) {
    const std::string chips = profile() ? profile()->path().string() : "uniform errors";
    putThrough(memoryKind(name),
               memoriesNamed(name, state_->chips, chips, state_->rows.protections));
}

void Campaign::putThrough(const std::string& name, MemoryFactory factory) {
    if (state_->valueChips.activations || state_->valueChips.accumulators ||
        std::any_of(spec().supplies.begin(), spec().supplies.end(), isLayer)) {
        throw UsageError("memory",
                         "'" + name +
                             "' takes the words of weights at one supply; expected no "
                             "activations or sums that fail and no layers with a supply of their "
                             "own");
    }
    state_->spec.memory = name;
    state_->memory = std::move(factory);
}

CampaignInputs Campaign::inputs() const {
    if (spec().device && !state_->memory) {
        throw Error("campaign", "is of a device; expected to be put through its memory");
    }
    const MemoryRequest& memory = state_->request.memory;
    return {state_->spec,   state_->rows,          *state_->task,
            state_->chips,  memory.layout,         memory.detected,
            state_->memory, state_->request.exact, state_->valueChips};
}

unsigned Campaign::run(unsigned threads, const std::function<bool(const TrialKey&)>& isDone,
                       const TrialSink& sink) const {
    if (spec().precision || isSearched(spec())) {
        throw Error("campaign", "is run adaptively: its trials follow from one another");
    }
    return runCampaign(inputs(), threads, isDone, sink);
}

unsigned Campaign::runAdaptive(unsigned threads, std::vector<TrialResult> finished,
                               const TrialSink& sink) const {
    const CampaignInputs all = inputs();
    if (isSearched(spec())) return runSearch(all, threads, std::move(finished), sink);
    if (!spec().precision) throw Error("campaign", "has no precision to reach and no search");
    return brownout::runAdaptive(all, threads, std::move(finished), sink);
}

Summary Campaign::run(unsigned threads) const {
    std::mutex mutex;
    std::vector<TrialResult> trials;
    if (threads == 0) threads = std::max(1U, std::thread::hardware_concurrency());
    const auto keep = [&](const TrialResult& trial) {
        const std::lock_guard<std::mutex> lock(mutex);
        trials.push_back(trial);
    };
    if (spec().precision || isSearched(spec())) {
        runAdaptive(threads, {}, keep);
    } else {
        run(
            threads, [](const TrialKey&) { return false; }, keep);
    }
    return summarize(state_->spec, std::move(trials));
}

}  // namespace brownout
