#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "inference/formats/number_format.h"
#include "inference/network.h"

namespace brownout {

/// The parameters that live in the SRAM.
enum class StoreScope {
    kWeights,    ///< kernels of convolutions and matrix products
    kParameters  ///< every trained tensor: also biases, scales and offsets of normalisations
};

/// Returns the scope of a name, "weights" or "parameters". Throws Error for another name.
StoreScope storeScopeNamed(const std::string& name);
/// Returns "weights" or "parameters".
std::string nameOf(StoreScope scope);

enum class TensorRole { kWeight, kBias, kNormalization, kOther };
const char* toString(TensorRole role);

/// A parameter tensor as the SRAM holds it.
struct StoredTensor {
    std::string name;  ///< name of the initialiser
    std::string node;  ///< the node that reads it (the first one if several do)
    std::string op;    ///< operator of that node
    TensorRole role = TensorRole::kOther;
    Shape shape;
    std::uint32_t bits = 8;  ///< bits of a code
    std::shared_ptr<const TensorFormat> format;
    std::vector<Code> codes;  ///< one for each element, row-major
};

/// A parameter that multiplies activations and is not stored: it never fails.
struct UnstoredFactor {
    std::string name;
    std::string node;
    std::string op;
    std::size_t values = 0;

    /// Returns the bits that it has in fp32, as it is computed with.
    std::size_t bits() const { return 32 * values; }
};

/// Returns the tensors that EncodedNetwork would store, in the order in which the network reads
/// them, without their codes: for those who need to know what there is and how large. Throws Error
/// if there are none.
std::vector<StoredTensor> tensorsToStore(const Network& graph, const NumberFormat& format,
                                         StoreScope scope);

/// Returns one line that names these parameters and their bits, empty if there are none.
std::string describe(const std::vector<UnstoredFactor>& factors);

/// A network whose parameters are codes of a number format. Immutable; copies share their content,
/// and any number of threads may read it.
class EncodedNetwork {
 public:
    /// Encodes the parameters of `graph` that `scope` names, in the order in which the network
    /// reads them. Throws Error if there are none.
    ///
    /// Formats with a range for each output channel see the channels of weights: axis 0 of a
    /// convolution's, the columns of a matrix product's right factor (rows of a left one), also
    /// behind transpositions. All other parameters count as one channel.
    EncodedNetwork(Network graph, std::shared_ptr<const NumberFormat> format, StoreScope scope);

    const Network& graph() const { return state_->graph; }
    const NumberFormat& format() const { return *state_->format; }
    StoreScope scope() const { return state_->scope; }
    const std::vector<StoredTensor>& storedTensors() const { return state_->tensors; }
    /// Returns the parameters that multiply activations and are not stored, in the order in which
    /// the network reads them.
    const std::vector<UnstoredFactor>& unstoredFactors() const { return state_->unstored; }
    /// Tells whether no fault can make a weight much larger than the largest
    /// (TensorFormat::bounded()).
    bool bounded() const;
    /// Returns the number of codes of all stored tensors.
    std::size_t codeCount() const;
    /// Returns the bits of a code if all stored tensors have the same, else nothing.
    std::optional<std::uint32_t> codeBits() const;
    /// Returns the number of bits of all stored tensors.
    std::size_t bitCount() const;
    /// Returns a copy with other values of parameters that are not stored; `what` says in the
    /// fingerprint what they are. Throws Error if one is stored, or has another shape.
    EncodedNetwork withUnstored(const std::map<std::string, FloatTensor>& parameters,
                                const std::string& what) const;
    /// Returns a name of the content: the network's file, the format and the scope.
    std::string fingerprint() const;

 private:
    struct State {
        Network graph;
        std::shared_ptr<const NumberFormat> format;
        StoreScope scope = StoreScope::kParameters;
        std::vector<StoredTensor> tensors;
        std::vector<UnstoredFactor> unstored;
    };
    std::shared_ptr<const State> state_;
};

}  // namespace brownout
