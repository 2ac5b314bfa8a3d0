#pragma once

#include <utility>

#include "inference/formats/number_format.h"

namespace brownout {

/// A TensorFormat made of schemes, which know one value at a time: one scheme for the whole tensor,
/// or one for each output channel. A scheme has `Code encode(float) const`, `float decode(Code)
/// const` and `Code zero() const`, which mean what they mean in TensorFormat, and `step() const`, a
/// number or nothing.
template <typename Scheme>
class ElementwiseFormat final : public TensorFormat {
 public:
    explicit ElementwiseFormat(Scheme scheme, bool bounded = true)
        : schemes_{std::move(scheme)}, bounded_(bounded) {}
    /// Makes a format with one scheme for each channel of the tensor.
    ElementwiseFormat(std::vector<Scheme> schemes, std::size_t channelStep)
        : schemes_(std::move(schemes)), channelStep_(channelStep) {}

    void encode(Span<const float> values, Span<Code> codes) const override {
        forEachElement(values.size(), [&](const Scheme& scheme, std::size_t i) {
            codes[i] = scheme.encode(values[i]);
        });
    }

    void decode(Span<const Code> codes, Span<float> values) const override {
        forEachElement(codes.size(), [&](const Scheme& scheme, std::size_t i) {
            values[i] = scheme.decode(codes[i]);
        });
    }

    float decode(Code code, std::size_t element) const override {
        return schemeOf(element).decode(code);
    }

    Code zero(std::size_t element) const override { return schemeOf(element).zero(); }
    bool bounded() const override { return bounded_; }
    std::optional<double> step(std::size_t element) const override {
        return schemeOf(element).step();
    }

 private:
    const Scheme& schemeOf(std::size_t element) const {
        return schemes_[schemes_.size() == 1 ? 0 : element / channelStep_ % schemes_.size()];
    }

    template <typename Visitor>
    void forEachElement(std::size_t count, Visitor&& visit) const {
        const std::size_t run = schemes_.size() == 1 ? count : channelStep_;
        for (std::size_t first = 0; first < count; first += run) {
            const Scheme& scheme = schemeOf(first);
            for (std::size_t i = first; i < first + run && i < count; ++i) visit(scheme, i);
        }
    }

    std::vector<Scheme> schemes_;
    std::size_t channelStep_ = 1;
    bool bounded_ = true;
};

/// A NumberFormat that has nothing to fit: one scheme serves all tensors. `bounded` is what
/// TensorFormat::bounded() returns.
template <typename Scheme>
class FixedFormat final : public NumberFormat {
 public:
    FixedFormat(std::string name, std::uint32_t bits, bool bounded, std::string description,
                Scheme scheme)
        : name_(std::move(name)),
          bits_(bits),
          description_(std::move(description)),
          tensor_(std::make_shared<ElementwiseFormat<Scheme>>(std::move(scheme), bounded)) {}

    std::string name() const override { return name_; }
    std::uint32_t bits() const override { return bits_; }
    std::string description() const override { return description_; }
    std::vector<std::shared_ptr<const TensorFormat>> fit(
        Span<const TensorValues> tensors) const override {
        return std::vector<std::shared_ptr<const TensorFormat>>(tensors.size(), tensor_);
    }

 private:
    std::string name_;
    std::uint32_t bits_;
    std::string description_;
    std::shared_ptr<const TensorFormat> tensor_;
};

}  // namespace brownout
