#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "inference/model.h"
#include "inference/quantizer.h"

namespace brownout {

/// Which parameters live in the SRAM.
enum class StoreScope {
    kWeights,    ///< Kernels of convolutions and matrix products.
    kParameters  ///< Every trained tensor: also biases, scales and offsets of normalisations.
};

/// "weights" or "parameters". Throws Error for another name.
StoreScope storeScopeNamed(const std::string& name);

/// "weights" or "parameters", as --store takes it.
std::string nameOf(StoreScope store);

enum class TensorRole { kWeight, kBias, kNormalization, kOther };
const char* toString(TensorRole role);

/// A parameter tensor as the SRAM holds it.
struct StoredTensor {
    std::string name;  ///< Of the initialiser.
    std::string node;  ///< The node that reads it (the first one if several do).
    std::string op;    ///< Operator of that node.
    TensorRole role = TensorRole::kOther;
    Shape shape;
    int bits = 8;
    Quantizer quantizer;
    std::vector<Code> codes;  ///< One an element, row-major; `bits` low bits each.
};

/// A network whose parameters are quantised. Immutable; copies share their content, and any number
/// of threads may read it.
class QuantizedNetwork {
 public:
    /// Quantises the parameters of `model` that `scope` names, in the order in which the network
    /// reads them. With RangeScope::kNetwork all of them share one range. Throws Error if there are
    /// none.
    QuantizedNetwork(Model model, const QuantizerSettings& settings, StoreScope scope);

    const Model& model() const { return state_->model; }
    const QuantizerSettings& settings() const { return state_->settings; }
    StoreScope scope() const { return state_->scope; }
    const std::vector<StoredTensor>& storedTensors() const { return state_->tensors; }
    /// Codes and bits of all stored tensors.
    std::size_t codeCount() const;
    std::size_t bitCount() const;
    /// Names the content: the network's file, the quantiser and the scope.
    std::string fingerprint() const;

 private:
    struct State {
        Model model;
        QuantizerSettings settings;
        StoreScope scope = StoreScope::kParameters;
        std::vector<StoredTensor> tensors;
    };
    std::shared_ptr<const State> state_;
};

}  // namespace brownout
