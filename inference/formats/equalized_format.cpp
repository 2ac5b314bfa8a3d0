#include "inference/formats/equalized_format.h"

#include <string_view>

namespace brownout {

namespace {

constexpr std::string_view kEnding = "-equalized";

class EqualizedFormat final : public NumberFormat {
 public:
    explicit EqualizedFormat(std::shared_ptr<const NumberFormat> base) : base_(std::move(base)) {}

    const NumberFormat& base() const { return *base_; }
    std::string name() const override { return base_->name() + std::string(kEnding); }
    std::uint32_t bits() const override { return base_->bits(); }
    std::uint32_t bitsOf(const TensorValues& tensor) const override {
        return base_->bitsOf(tensor);
    }
    std::string description() const override {
        return base_->description() + ", after weights were equalised over layers";
    }
    bool integers() const override { return base_->integers(); }
    bool equalizes() const override { return true; }
    std::vector<std::shared_ptr<const TensorFormat>> fit(
        Span<const TensorValues> tensors) const override {
        return base_->fit(tensors);
    }

 private:
    std::shared_ptr<const NumberFormat> base_;
};

}  // namespace

std::shared_ptr<const NumberFormat> equalizedFormat(const std::string& name) {
    if (name.size() <= kEnding.size() ||
        name.compare(name.size() - kEnding.size(), kEnding.size(), kEnding) != 0) {
        return nullptr;
    }
    const std::string base = name.substr(0, name.size() - kEnding.size());
    if (base.rfind("file", 0) == 0) return nullptr;
    auto format = formatNamed(base);
    if (format == nullptr || format->equalizes()) return nullptr;
    return std::make_shared<EqualizedFormat>(std::move(format));
}

const NumberFormat& unequalized(const NumberFormat& format) {
    const auto* equalized = dynamic_cast<const EqualizedFormat*>(&format);
    return equalized == nullptr ? format : equalized->base();
}

}  // namespace brownout
