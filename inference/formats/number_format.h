#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/code.h"
#include "base/span.h"

namespace brownout {

struct FileCodes;

/// The values of a tensor, and the output channel that each of them belongs to: element e is of
/// channel e / channelStep % channels. A tensor without output channels has one.
struct TensorValues {
    Span<const float> values;
    std::size_t channels = 1;
    std::size_t channelStep = 1;
    const FileCodes* file = nullptr;  ///< codes that the network's file has for it; null for none
};

/// A number format fitted to one tensor: turns its values into codes and codes into values.
///
/// The constants of the fit (ranges, scales) are held outside the failing memory and carry no
/// errors. Elements are counted in row-major order; formats that have one range for all elements
/// ignore the number.
class TensorFormat {
 public:
    virtual ~TensorFormat() = default;

    /// Writes the code of each value to `codes`, which has as many elements.
    virtual void encode(Span<const float> values, Span<Code> codes) const = 0;
    /// Writes the value of each code to `values`, which has as many elements.
    virtual void decode(Span<const Code> codes, Span<float> values) const = 0;
    /// Returns the value that element `element` has when its code is `code`. Every pattern of
    /// NumberFormat::bits() bits means something, also those that encode() never makes.
    virtual float decode(Code code, std::size_t element) const = 0;
    /// Returns the code whose value is nearest to 0, the lowest of equals.
    virtual Code zero(std::size_t element) const = 0;
    /// Tells whether every code means a value about as large as the largest of its tensor at most.
    /// A format with exponents is not bounded: a flipped bit may be one of an exponent.
    virtual bool bounded() const { return true; }
    /// Returns the number of which the values of all codes are multiples, apart from a summand that
    /// they have in common, in the channel of element `element`; nothing for formats with
    /// exponents.
    virtual std::optional<double> step(std::size_t /*element*/) const { return std::nullopt; }
};

/// A way to write the weights of a network as codes of 1 to 32 bits. Immutable.
class NumberFormat {
 public:
    virtual ~NumberFormat() = default;

    /// Returns the format's one name, as numberFormat() takes it: "rquant8-channel", "bf16".
    virtual std::string name() const = 0;
    /// Returns the bits of a code, 1 to kMaxCodeBits; the most where they differ.
    virtual std::uint32_t bits() const = 0;
    /// Returns the bits of a code of one tensor, where they differ between tensors.
    virtual std::uint32_t bitsOf(const TensorValues& /*tensor*/) const { return bits(); }
    /// Returns what a reader of a report needs to know: "16 bit, bfloat16".
    virtual std::string description() const = 0;
    /// Returns whether products of quantised activations and weights in this format are computed in
    /// integers.
    virtual bool integers() const { return false; }
    /// Returns whether the weights of a network are to be equalised before the format is fitted to
    /// them (graph/weight_equalization.h).
    virtual bool equalizes() const { return false; }
    /// Fits the format to the stored tensors of a network, all at once because formats may share
    /// constants between tensors. Returns one TensorFormat for each.
    virtual std::vector<std::shared_ptr<const TensorFormat>> fit(
        Span<const TensorValues> tensors) const = 0;
};

/// Returns the format of this name, null if there is none.
std::shared_ptr<const NumberFormat> formatNamed(const std::string& name);
/// Returns the format of this name. Throws UsageError, which tells the names there are, naming
/// `place` (an option, a metadata key).
std::shared_ptr<const NumberFormat> numberFormat(const std::string& name,
                                                 const std::string& place = "format");

/// A row of the table of formats: how names of a family are spelled and what they mean.
struct NumberFormatFamily {
    const char* spelling;  ///< "rquant<N>": the placeholders stand for numbers
    const char* meaning;
};
/// Returns the families of formats there are, for help texts.
std::vector<NumberFormatFamily> numberFormatFamilies();

}  // namespace brownout
