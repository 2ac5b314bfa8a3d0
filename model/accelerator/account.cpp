#include "model/accelerator/account.h"

#include <algorithm>

#include "model/accelerator/layer_counter.h"
#include "model/accelerator/product_use.h"
#include "model/accelerator/residency.h"

namespace brownout {
namespace {

std::uint64_t ceilOf(std::uint64_t size, std::uint64_t most) { return (size + most - 1) / most; }

/// The maker of an account, layer by layer.
class Accountant {
 public:
    Accountant(const Accelerator& accelerator, const NetworkShape& network, std::uint64_t batch)
        : accelerator_(accelerator),
          network_(network),
          batch_(batch),
          dram_(accelerator.dram()),
          counter_(accelerator) {
        for (std::size_t kind = 0; kind < kDataKinds; ++kind) {
            holders_[kind] = accelerator.holder(static_cast<DataKind>(kind));
        }
        account_.batch = batch;
        fetched_.assign(network.tensors.size(), false);
    }

    Account make() {
        account_.weightsStay = weightsStay();
        residency_ = residencyOf(network_, fusable(), accelerator_.activationBits * batch_,
                                 activationRoom());
        for (std::size_t l = 0; l < network_.layers.size(); ++l) addLayer(l);
        for (std::size_t t = 0; t < network_.tensors.size(); ++t) {
            if (residency_.root[t] != t) continue;
            ++account_.tensors;
            if (residency_.stays[t]) ++account_.keptTensors;
        }
        return std::move(account_);
    }

 private:
    std::optional<std::size_t> holder(DataKind kind) const {
        return holders_[static_cast<std::size_t>(kind)];
    }

    std::uint32_t weightBitsOf(const LayerShape& layer) const {
        return accelerator_.weightBits.value_or(layer.weightBits);
    }
    std::uint64_t parameterBitsOf(const LayerShape& layer) const {
        return accelerator_.weightBits ? layer.parameters * *accelerator_.weightBits
                                       : layer.parameterBits;
    }

    /// Returns whether all weights fit in a memory that keeps them.
    bool weightsStay() const {
        const auto at = holder(DataKind::kWeights);
        if (!at) return false;
        if (!dram_) return true;
        if (!accelerator_.memories[*at].keeps) return false;
        std::uint64_t bits = 0;
        for (const LayerShape& layer : network_.layers) {
            bits += parameterBitsOf(layer);
            for (const ProductShape& product : layer.products) {
                if (product.fixedWeights) bits += product.weights() * weightBitsOf(layer);
            }
        }
        return bits <= shareOf(accelerator_, DataKind::kWeights);
    }

    std::uint64_t activationRoom() const {
        const auto at = holder(DataKind::kActivations);
        if (!at) return 0;
        if (!dram_) return kUnlimitedRoom;
        return accelerator_.memories[*at].keeps ? shareOf(accelerator_, DataKind::kActivations) : 0;
    }

    std::vector<bool> fusable() const {
        std::vector<bool> fusable;
        for (const LayerShape& layer : network_.layers) {
            fusable.push_back(accelerator_.array.fused.count(layer.op) != 0);
        }
        return fusable;
    }

    void addLayer(std::size_t l) {
        const LayerShape& shape = network_.layers[l];
        counter_.begin(shape.name, shape.op);
        counter_.layer().fused = residency_.fused[l];
        readParameters(shape);
        if (!shape.products.empty()) {
            addProducts(shape, residency_.held[l]);
        } else if (shape.moves && !residency_.fused[l]) {
            addStream(shape);
        }
        account_.layers.push_back(counter_.finish());
    }

    void readParameters(const LayerShape& shape) {
        if (shape.parameters == 0) return;
        const std::uint64_t bits = parameterBitsOf(shape);
        const auto at = holder(DataKind::kWeights);
        if (at) counter_.read(*at, shape.parameters, bits);
        if (!account_.weightsStay) counter_.fetch(at, shape.parameters, bits);
    }

    /// Returns whether a tensor has to come from the DRAM each time that it is needed. An image
    /// that stays is fetched by its first reader.
    bool comesFromDram(std::size_t tensor) {
        const std::size_t root = residency_.root[tensor];
        if (!residency_.stays[root]) return true;
        if (residency_.isImage[root] && !fetched_[root]) {
            fetched_[root] = true;
            const std::uint64_t elements = network_.tensors[root] * batch_;
            counter_.fetch(holder(DataKind::kActivations), elements,
                           elements * accelerator_.activationBits);
        }
        return false;
    }

    /// Takes results to the activations, or to the DRAM where they don't stay or leave the network.
    void putResult(std::size_t tensor) {
        const std::size_t root = residency_.root[tensor];
        const std::uint64_t elements = network_.tensors[tensor] * batch_;
        const std::uint64_t bits = elements * accelerator_.activationBits;
        const auto at = holder(DataKind::kActivations);
        if (at && residency_.stays[root]) {
            counter_.write(*at, elements, bits);
            if (residency_.isResult[root] && dram_) {
                counter_.read(*at, elements, bits);
                counter_.store(at, elements, bits);
            }
        } else {
            const auto sums = holder(DataKind::kAccumulators);
            counter_.store(sums ? sums : at, elements, bits);
        }
    }

    void addStream(const LayerShape& shape) {
        const auto at = holder(DataKind::kActivations);
        std::uint64_t reads = 0, writes = 0;
        for (const std::size_t tensor : shape.inputs) {
            const std::uint64_t elements = network_.tensors[tensor] * batch_ * shape.passes;
            const std::uint64_t bits = elements * accelerator_.activationBits;
            reads += elements;
            if (!at || comesFromDram(tensor)) {
                counter_.fetch(std::nullopt, elements, bits);
            } else {
                counter_.read(*at, elements, bits);
            }
        }
        for (const std::size_t tensor : shape.outputs) {
            writes += network_.tensors[tensor] * batch_;
            putResult(tensor);
        }
        const std::uint32_t lanes = accelerator_.array.vectorLanes > 0
                                        ? accelerator_.array.vectorLanes
                                        : accelerator_.array.columns;
        counter_.layer().cycles = ceilOf(std::max(reads, writes), lanes);
    }

    void addProducts(const LayerShape& shape, std::uint64_t heldBits) {
        const std::uint32_t weightBits = weightBitsOf(shape);
        const bool inputsStay = shape.inputs.empty() || !comesFromDram(shape.inputs.front());
        const bool othersStay = shape.inputs.empty() || !comesFromDram(shape.inputs.back());
        ProductUse total;
        std::uint64_t fixedReads = 0, fixedFetches = 0, otherReads = 0, otherFetches = 0;
        for (const ProductShape& product : shape.products) {
            counter_.layer().macs += product.macs() * batch_;
            const bool fixed = product.fixedWeights;
            const ElementBits bits{accelerator_.activationBits,
                                   fixed ? weightBits : accelerator_.activationBits,
                                   accelerator_.accumulatorBits};
            const OperandsOnChip onChip{heldBits, inputsStay,
                                        fixed ? account_.weightsStay : othersStay};
            const Room room = roomFor(accelerator_, product, bits, onChip);
            const ProductUse use =
                productUse(accelerator_, product, batch_, room, bits, shape.name);
            total.array += use.array;
            total.dram += use.dram;
            (fixed ? fixedReads : otherReads) += use.array.weightReads;
            (fixed ? fixedFetches : otherFetches) += use.dram.weights;
            if (counter_.layer().order.empty()) {
                counter_.layer().order = use.order;
                counter_.layer().blocks = use.blocks;
            }
        }
        counter_.layer().cycles = total.array.cycles;
        counter_.layer().registerAccesses = total.array.registerAccesses;
        counter_.layer().transfers = total.array.transfers;
        const double elements =
            static_cast<double>(accelerator_.array.rows) * accelerator_.array.columns;
        counter_.layer().utilization = static_cast<double>(counter_.layer().macs) /
                                       (elements * static_cast<double>(counter_.layer().cycles));

        operandUse(DataKind::kActivations, total.array.inputReads,
                   inputsStay ? 0 : total.dram.inputs, accelerator_.activationBits);
        operandUse(DataKind::kActivations, otherReads, othersStay ? 0 : otherFetches,
                   accelerator_.activationBits);
        operandUse(DataKind::kWeights, fixedReads, account_.weightsStay ? 0 : fixedFetches,
                   weightBits);
        sumUse(total, shape);
        for (const std::size_t tensor : shape.outputs) putResult(tensor);
    }

    /// Counts the array's reads of an operand in its memory, and what the DRAM gives for them.
    void operandUse(DataKind kind, std::uint64_t reads, std::uint64_t fetches, std::uint64_t bits) {
        const auto at = holder(kind);
        if (at) {
            counter_.read(*at, reads, reads * bits);
            counter_.fetch(at, fetches, fetches * bits);
        } else {
            counter_.fetch(std::nullopt, reads, reads * bits);
        }
    }

    void sumUse(const ProductUse& use, const LayerShape& shape) {
        const std::uint64_t bits = accelerator_.accumulatorBits;
        const auto at = holder(DataKind::kAccumulators);
        std::uint64_t results = 0;
        for (const ProductShape& product : shape.products) results += product.outputs() * batch_;
        if (at) {
            counter_.read(*at, use.array.sumReads, use.array.sumReads * bits);
            counter_.write(*at, use.array.sumWrites, use.array.sumWrites * bits);
            if (dram_) {
                counter_.read(*at, use.dram.sumWrites, use.dram.sumWrites * bits);
                counter_.store(at, use.dram.sumWrites, use.dram.sumWrites * bits);
                counter_.fetch(at, use.dram.sumReads, use.dram.sumReads * bits);
            }
        } else {
            // The last write of a sum is the result.
            const std::uint64_t partial = use.array.sumWrites - results;
            counter_.store(std::nullopt, partial, partial * bits);
            counter_.fetch(std::nullopt, use.array.sumReads, use.array.sumReads * bits);
        }
    }

    const Accelerator& accelerator_;
    const NetworkShape& network_;
    std::uint64_t batch_;
    std::optional<std::size_t> dram_;
    std::array<std::optional<std::size_t>, kDataKinds> holders_;
    Residency residency_;
    std::vector<bool> fetched_;
    Account account_;
    LayerCounter counter_;
};

}  // namespace

void MemoryUse::operator+=(const MemoryUse& more) {
    reads += more.reads;
    writes += more.writes;
    readWords += more.readWords;
    writeWords += more.writeWords;
    dramBits += more.dramBits;
}

LayerUse Account::total() const {
    LayerUse total;
    total.name = "total";
    double elements = 0;  // array elements x cycles of the layers with products
    for (const LayerUse& layer : layers) {
        total.macs += layer.macs;
        total.cycles += layer.cycles;
        total.registerAccesses += layer.registerAccesses;
        total.transfers += layer.transfers;
        total.memories.resize(layer.memories.size());
        for (std::size_t i = 0; i < layer.memories.size(); ++i) {
            total.memories[i] += layer.memories[i];
        }
        if (layer.utilization > 0) elements += static_cast<double>(layer.macs) / layer.utilization;
    }
    if (elements > 0) total.utilization = static_cast<double>(total.macs) / elements;
    return total;
}

Account accountOf(const Accelerator& accelerator, const NetworkShape& network,
                  std::uint64_t batch) {
    accelerator.validate();
    return Accountant(accelerator, network, batch).make();
}

}  // namespace brownout
