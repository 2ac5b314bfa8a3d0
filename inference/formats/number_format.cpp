#include "inference/formats/number_format.h"

#include "base/error.h"
#include "inference/formats/binary.h"
#include "inference/formats/equalized_format.h"
#include "inference/formats/file_format.h"
#include "inference/formats/fixed_point.h"
#include "inference/formats/float_formats.h"
#include "inference/formats/quantizer_format.h"

namespace brownout {

namespace {

/// A family of formats: how its names are spelled, and what makes the format of a name (null if the
/// name isn't one of the family's).
struct Family {
    NumberFormatFamily text;
    std::shared_ptr<const NumberFormat> (*make)(const std::string& name);
};

/// The formats there are. A new one is a file that makes it and a row here.
constexpr Family kFamilies[] = {
    {{"file",
      "the codes that the network's file has, for quantised networks, computed with in "
      "integers"},
     fileFormat},
    {{"file-float", "the same, computed with in floats"}, fileFormat},
    {{"fp32", "IEEE single precision"}, floatFormat},
    {{"fp16", "IEEE half precision"}, floatFormat},
    {{"bf16", "bfloat16"}, floatFormat},
    {{"fp8-e4m3", "8 bit floating point, saturating at 448"}, floatFormat},
    {{"fp8-e5m2", "8 bit floating point with infinities"}, floatFormat},
    {{"q<m>.<n>", "fixed point, m integer bits with the sign, m + n up to 32"}, fixedPointFormat},
    {{"binary", "the sign, times the mean of |w|"}, binaryFormat},
    {{"int<N>", "symmetric, signed, nearest even, N from 2 to 16"}, quantizerFormat},
    {{"rquant<N>", "asymmetric, unsigned, nearest even"}, quantizerFormat},
    {{"normal<N>", "symmetric, signed, truncated"}, quantizerFormat},
    {{"<format>-equalized",
      "one of the above, after weights were equalised from layer to layer, channel by channel"},
     equalizedFormat},
};

}  // namespace

std::vector<NumberFormatFamily> numberFormatFamilies() {
    std::vector<NumberFormatFamily> families;
    for (const Family& family : kFamilies) families.push_back(family.text);
    return families;
}

std::shared_ptr<const NumberFormat> formatNamed(const std::string& name) {
    for (const Family& family : kFamilies) {
        if (auto format = family.make(name)) return format;
    }
    return nullptr;
}

std::shared_ptr<const NumberFormat> numberFormat(const std::string& name,
                                                 const std::string& place) {
    if (auto format = formatNamed(name)) return format;
    std::string spellings;
    for (const Family& family : kFamilies) {
        spellings += (spellings.empty() ? "" : ", ") + std::string(family.text.spelling);
    }
    throw UsageError(place, "'" + name + "'; expected " + spellings +
                                " (m + n up to 32, N from 2 to 16; quantisers also with -channel, "
                                "-network, -nearest, -truncate, -signed, -unsigned)");
}

}  // namespace brownout
