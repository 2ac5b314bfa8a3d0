#include "emulation/value_memories.h"

#include <algorithm>
#include <thread>

#include "base/error.h"
#include "emulation/partial_sums.h"
#include "emulation/points.h"
#include "inference/activations/calibration.h"
#include "model/accelerator/product_use.h"
#include "model/check_placement.h"
#include "model/uniform_chips.h"
#include "profiles/profile_chips.h"

namespace brownout {
namespace {

/// The chips of a profile under other numbers, so that two memories of a trial are two chips.
class ShiftedChips final : public ChipSource {
 public:
    ShiftedChips(std::shared_ptr<ChipSource> chips, std::uint32_t shift, std::uint32_t count)
        : chips_(std::move(chips)), shift_(shift), count_(count) {}

    const SramGeometry& geometry() const override { return chips_->geometry(); }
    std::shared_ptr<const FaultOverlay> faults(std::uint32_t chip,
                                               const OperatingPoint& at) override {
        return chips_->faults((chip + shift_) % count_, at);
    }

 private:
    std::shared_ptr<ChipSource> chips_;
    std::uint32_t shift_, count_;
};

/// Returns a chip of arrays as `like` has them that holds `bytes` of data under a protection.
SramGeometry chipOf(std::uint64_t bytes, const SramGeometry& like, const Protection& protection) {
    SramGeometry data = like;
    const std::uint64_t arrayBytes = std::uint64_t{like.rows} * like.columns / 8;
    data.arrays = static_cast<std::uint32_t>(
        std::max<std::uint64_t>(1, (bytes + arrayBytes - 1) / arrayBytes));
    return CheckPlacement::chipFor(data, protection.checkBits(), protection.blockWords());
}

/// A kind of the values that a network computes, and what tells its memory from others.
struct ValueKind {
    DataKind kind = DataKind::kActivations;
    const char* domain = "";
    std::uint64_t seed = 0;
    std::uint32_t quarters = 0;  ///< distance of its chips from those of weights, of their number
    std::optional<Profile> AcceleratorRequest::*profile = nullptr;
};
constexpr ValueKind kActivations = {DataKind::kActivations, kActivationsDomain, kActivationSeed, 2,
                                    &AcceleratorRequest::activationProfile};
constexpr ValueKind kSums = {DataKind::kAccumulators, kAccumulatorsDomain, kSumSeed, 3,
                             &AcceleratorRequest::accumulatorProfile};

/// A memory that holds one kind of the values that a network computes.
class HoldingMemory {
 public:
    /// Throws UsageError ("fail") where the accelerator has none that may fail.
    HoldingMemory(const CampaignRequest& request, const ValueKind& kind, std::uint32_t codeBits)
        : request_(request), kind_(kind) {
        const AcceleratorRequest& asked = *request.accelerator;
        const Accelerator& accelerator = asked.accelerator;
        const auto holder = accelerator.holder(kind.kind);
        if (!holder || accelerator.memories[*holder].isDram) {
            throw UsageError(
                "fail", asked.path + " has no memory on the chip that holds " + nameOf(kind.kind));
        }
        memory_ = &accelerator.memories[*holder];
        if (holder == accelerator.holder(DataKind::kWeights)) {
            throw UsageError("fail", "memory '" + memory_->name +
                                         "' holds weights, too; expected one of their own for " +
                                         nameOf(kind.kind) + " that fail");
        }
        like_ = !request.memory.profile ? SramGeometry{} : profile().device().geometry;
        protection_ = makeProtection(memory_->protection, like_.wordBits(), codeBits);
        requireForValues(*protection_);
    }

    const AcceleratorMemory& memory() const { return *memory_; }
    const std::shared_ptr<const Protection>& protection() const { return protection_; }
    std::uint32_t wordBits() const { return like_.wordBits(); }

    /// Makes the chips, and describes the memory.
    std::shared_ptr<ChipSource> chips(const CampaignSpec& spec, ValueMemorySpec& described) const {
        described.memory = memory_->name;
        described.protection = memory_->protection;
        const std::uint64_t bytes = shareOf(request_.accelerator->accelerator, kind_.kind) / 8;
        const SramGeometry needed = chipOf(bytes, like_, *protection_);
        std::shared_ptr<ChipSource> chips;
        if (request_.memory.profile) {
            chips = profileChips(spec, described);
        } else {
            chips = std::make_shared<UniformChips>(needed, request_.seed + kind_.seed);
        }
        const auto wordsOf = [&](const SramGeometry& chip) {
            return CheckPlacement(chip, *protection_).dataGeometry().words();
        };
        described.words = std::min(wordsOf(needed), wordsOf(chips->geometry()));
        return chips;
    }

 private:
    const std::optional<Profile>& own() const { return (*request_.accelerator).*kind_.profile; }
    const Profile& profile() const { return own() ? *own() : *request_.memory.profile; }

    std::shared_ptr<ChipSource> profileChips(const CampaignSpec& spec,
                                             ValueMemorySpec& described) const {
        const std::string place = profile().path().string();
        const std::uint32_t count = profile().chipCount();
        if (count < spec.chips) {
            throw UsageError("chips", std::to_string(spec.chips) + "; " + place + " has " +
                                          std::to_string(count));
        }
        const VoltageUnit unit = request_.memory.profile->device().unit;
        if (profile().device().unit != unit) {
            throw Error(place, std::string("has its supplies in ") +
                                   nameOf(profile().device().unit) +
                                   ", the profile of the weights in " + nameOf(unit));
        }
        double lowest = 0;
        for (std::uint32_t p = 0; p < spec.points.size(); ++p) {
            const OperatingPoint at = operatingPoint(spec, p);
            const double supply = at.supplyOf(kind_.domain);
            suppliesOf(profile(), {{{supply, unit}}}, at.temperatureC);
            lowest = p == 0 ? supply : std::min(lowest, supply);
        }
        auto chips = std::make_shared<ProfileChips>(
            profile(), std::thread::hardware_concurrency() + 1, lowest);
        if (own()) {
            described.profile = profile().chipsFingerprint(spec.chips);
            return chips;
        }
        const auto shift = static_cast<std::uint32_t>(std::uint64_t{count} * kind_.quarters / 4);
        return std::make_shared<ShiftedChips>(std::move(chips), shift, count);
    }

    const CampaignRequest& request_;
    const ValueKind& kind_;
    const AcceleratorMemory* memory_ = nullptr;
    SramGeometry like_;  ///< arrays of its chips
    std::shared_ptr<const Protection> protection_;
};

/// The maker of what lies in the memories, row by row.
class ValueRows {
 public:
    ValueRows(const CampaignRequest& request, CampaignSpec& spec, std::vector<std::string>& notes)
        : request_(request),
          asked_(*request.accelerator),
          spec_(spec),
          notes_(notes),
          activations_(request, kActivations, asked_.calibration.bits) {
        spec.activations = ActivationsSpec{};
        chips_.activations = activations_.chips(spec, *spec.activations);
        if (fails(request, DataKind::kAccumulators)) {
            sums_.emplace(request, kSums, asked_.accelerator.accumulatorBits);
            spec.accumulators = ValueMemorySpec{};
            chips_.accumulators = sums_->chips(spec, *spec.accumulators);
        }
    }

    const ValueChips& chips() const { return chips_; }

    RowValues valuesOf(const CampaignRows& rows, std::size_t row) {
        const EncodedNetwork& network = rows.networks[row];
        StoredValues stored;
        stored.activations = activationsOf(network.graph(), rows.data[row], row);
        RowValues values;
        values.activations = under(
            ValuePlacement(stored.activations, spec_.activations->words, activations_.wordBits()),
            activations_);
        noteStreams(row, *values.activations, "of activations", activations_);
        if (sums_) {
            stored.sums = sumsOf(network, row, stored.activations);
            values.sums = under(
                ValuePlacement(stored.sums, spec_.accumulators->words, sums_->wordBits()), *sums_);
            noteStreams(row, *values.sums, "of partial sums", *sums_);
        }
        values.stored = std::make_shared<const StoredValues>(std::move(stored));
        return values;
    }

 private:
    /// Returns the activations of a network with their codes; those of the last one again if it is
    /// the same.
    StoredActivations activationsOf(const Network& graph, const Dataset& data, std::size_t row) {
        if (row > 0 && graph.fingerprint == lastNetwork_) return last_;
        const StoredActivations found = activationsToStore(graph, asked_.accelerator.array.fused);
        if (!found.complete()) {
            spec_.activations->calibrationImages = asked_.calibration.images;
            spec_.activations->quantile = asked_.calibration.quantile;
            spec_.activations->bits = asked_.calibration.bits;
        }
        lastNetwork_ = graph.fingerprint;
        last_ = calibrated(found, graph, data, asked_.calibration);
        return last_;
    }

    StoredSums sumsOf(const EncodedNetwork& network, std::size_t row,
                      const StoredActivations& activations) {
        std::vector<std::string> others;
        StoredSums sums = sumsToStore(asked_.accelerator, network, activations, others);
        if (!others.empty()) {
            notes_.push_back(spec_.networks[row].name + ": partial sums of " +
                             std::to_string(others.size()) + " layers ('" + others.front() +
                             "') don't fail: only those of Conv, Gemm and MatMul with weights can");
        }
        return sums;
    }

    std::shared_ptr<const ValuesUnderTest> under(ValuePlacement placement,
                                                 const HoldingMemory& memory) const {
        return std::make_shared<const ValuesUnderTest>(
            ValuesUnderTest{std::make_shared<const ValuePlacement>(std::move(placement)),
                            memory.protection(), request_.memory.detected});
    }

    void noteStreams(std::size_t row, const ValuesUnderTest& values, const char* what,
                     const HoldingMemory& memory) {
        const std::size_t streaming = values.placement->streaming();
        if (streaming == 0) return;
        std::string note = spec_.networks[row].name + ": " + std::to_string(streaming) + " of " +
                           std::to_string(values.placement->places().size()) + " tensors " + what +
                           " don't fit memory '" + memory.memory().name +
                           "' and run through it in pieces";
        if (std::find(notes_.begin(), notes_.end(), note) == notes_.end()) {
            notes_.push_back(std::move(note));
        }
    }

    const CampaignRequest& request_;
    const AcceleratorRequest& asked_;
    CampaignSpec& spec_;
    std::vector<std::string>& notes_;
    HoldingMemory activations_;
    std::optional<HoldingMemory> sums_;
    ValueChips chips_;
    std::string lastNetwork_;
    StoredActivations last_;
};

}  // namespace

bool fails(const CampaignRequest& request, DataKind kind) {
    if (!request.accelerator || request.accelerator->failing.empty()) {
        return kind == DataKind::kWeights;
    }
    const auto& failing = request.accelerator->failing;
    return std::any_of(failing.begin(), failing.end(), [kind](const FailingMemories& choice) {
        switch (kind) {
            case DataKind::kWeights:
                return choice.weights;
            case DataKind::kActivations:
                return choice.activations;
            case DataKind::kAccumulators:
                return choice.accumulators;
        }
        return false;
    });
}

bool valuesFail(const CampaignRequest& request) {
    return fails(request, DataKind::kActivations) || fails(request, DataKind::kAccumulators);
}

ValueChips addFailingMemories(const CampaignRequest& request, CampaignRows& rows,
                              CampaignSpec& spec, std::vector<std::string>& notes) {
    if (!valuesFail(request)) return {};
    ValueRows makes(request, spec, notes);
    CampaignRows split;
    std::vector<NetworkSpec> specs;
    const auto& choices = request.accelerator->failing;
    for (std::size_t row = 0; row < rows.networks.size(); ++row) {
        const RowValues values = makes.valuesOf(rows, row);
        const std::string arithmetic =
            makeEngine(rows.networks[row], {EngineOutputs::kOwn, {}, request.exact, values.stored})
                ->arithmetic();
        for (const FailingMemories& failing : choices) {
            split.addFrom(rows, row);
            split.values.back() = values;
            specs.push_back(spec.networks[row]);
            if (choices.size() > 1) specs.back().name += "+" + toString(failing);
            specs.back().failing = failing;
            specs.back().arithmetic = arithmetic;
        }
    }
    rows = std::move(split);
    spec.networks = std::move(specs);
    return makes.chips();
}

}  // namespace brownout
