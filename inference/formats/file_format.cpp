#include "inference/formats/file_format.h"

#include <algorithm>
#include <cmath>

#include "inference/formats/float_formats.h"
#include "inference/network.h"

namespace brownout {

namespace {

/// The codes of one tensor of a file. A code is that of the file in two's complement, cut to its
/// bits.
class FileTensor final : public TensorFormat {
 public:
    explicit FileTensor(const FileCodes& file) : file_(file) {
        for (std::size_t channel = 0; channel < file.scales.size(); ++channel) {
            zeros_.push_back(zeroOf(file, channel));
        }
    }

    /// Takes the file's codes; values are the ones these stand for.
    void encode(Span<const float> values, Span<Code> codes) const override {
        for (std::size_t i = 0; i < values.size(); ++i) codes[i] = cut(file_.codes[i]);
    }
    void decode(Span<const Code> codes, Span<float> values) const override {
        for (std::size_t i = 0; i < codes.size(); ++i) values[i] = decode(codes[i], i);
    }
    float decode(Code code, std::size_t element) const override {
        return valueOf(file_, codeOfBits(file_, code), element);
    }
    Code zero(std::size_t element) const override {
        return zeros_[element / file_.channelStep % zeros_.size()];
    }
    std::optional<double> step(std::size_t element) const override {
        return file_.scales[element / file_.channelStep % file_.scales.size()];
    }

 private:
    Code cut(std::int64_t code) const {
        return static_cast<Code>(static_cast<std::uint64_t>(code) & mask());
    }
    std::uint64_t mask() const { return (std::uint64_t{1} << file_.bits) - 1; }
    Code zeroOf(const FileCodes& file, std::size_t channel) const {
        if (file.bipolar) return 0;
        const double half = std::ldexp(1.0, static_cast<int>(file.bits) - 1);
        const double low = file.isSigned ? -half : 0;
        const double high = file.isSigned ? half - 1 : 2 * half - 1;
        // The lower one of two codes that are as near.
        const double nearest = std::ceil(static_cast<double>(file.zeroPoints[channel]) - 0.5);
        return cut(static_cast<std::int64_t>(std::clamp(nearest, low, high)));
    }

    FileCodes file_;
    std::vector<Code> zeros_;  ///< code of zero of each channel
};

class FileFormat final : public NumberFormat {
 public:
    explicit FileFormat(bool integers) : floats_(floatFormat("fp32")), integers_(integers) {}

    std::string name() const override { return integers_ ? "file" : "file-float"; }
    bool integers() const override { return integers_; }
    std::uint32_t bits() const override { return floats_->bits(); }
    std::uint32_t bitsOf(const TensorValues& tensor) const override {
        return tensor.file != nullptr ? tensor.file->bits : floats_->bits();
    }
    std::string description() const override {
        return integers_ ? "codes of the file" : "codes of the file, computed with in floats";
    }

    std::vector<std::shared_ptr<const TensorFormat>> fit(
        Span<const TensorValues> tensors) const override {
        std::vector<std::shared_ptr<const TensorFormat>> fitted = floats_->fit(tensors);
        for (std::size_t t = 0; t < tensors.size(); ++t) {
            if (tensors[t].file != nullptr) {
                fitted[t] = std::make_shared<FileTensor>(*tensors[t].file);
            }
        }
        return fitted;
    }

 private:
    std::shared_ptr<const NumberFormat> floats_;
    bool integers_;
};

}  // namespace

std::shared_ptr<const NumberFormat> fileFormat(const std::string& name) {
    if (name != "file" && name != "file-float") return nullptr;
    return std::make_shared<FileFormat>(name == "file");
}

}  // namespace brownout
