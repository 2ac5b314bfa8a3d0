#include "inference/formats/binary.h"

#include <cmath>

#include "inference/formats/elementwise_format.h"

namespace brownout {

namespace {

struct Sign {
    float scale;

    Code encode(float value) const { return value >= 0.0F ? 1 : 0; }
    float decode(Code code) const { return (code & 1) != 0 ? scale : -scale; }
    Code zero() const { return 0; }
    double step() const { return static_cast<double>(scale); }
};

class Binary final : public NumberFormat {
 public:
    std::string name() const override { return "binary"; }
    std::uint32_t bits() const override { return 1; }
    std::string description() const override { return "1 bit, plus or minus the mean of |w|"; }

    std::vector<std::shared_ptr<const TensorFormat>> fit(
        Span<const TensorValues> tensors) const override {
        std::vector<std::shared_ptr<const TensorFormat>> fitted;
        for (const TensorValues& tensor : tensors) {
            double sum = 0.0;
            for (const float value : tensor.values) sum += std::fabs(static_cast<double>(value));
            const double mean =
                tensor.values.empty() ? 0.0 : sum / static_cast<double>(tensor.values.size());
            fitted.push_back(
                std::make_shared<ElementwiseFormat<Sign>>(Sign{static_cast<float>(mean)}));
        }
        return fitted;
    }
};

}  // namespace

std::shared_ptr<const NumberFormat> binaryFormat(const std::string& name) {
    return name == "binary" ? std::make_shared<Binary>() : nullptr;
}

}  // namespace brownout
