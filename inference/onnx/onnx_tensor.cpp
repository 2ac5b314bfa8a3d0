#include "inference/onnx/onnx_tensor.h"

#include <Eigen/Core>
#include <algorithm>
#include <charconv>
#include <cstring>
#include <fstream>

#include "base/error.h"

namespace brownout {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kMaxTensorElements = std::int64_t{1} << 30;

// Types that are younger than the library's enumeration.
constexpr int kUint4 = 21;
constexpr int kInt4 = 22;

struct IntegerType {
    int type;
    std::uint32_t bits;
    bool isSigned;
};
constexpr IntegerType kIntegerTypes[] = {
    {onnx::TensorProto::BOOL, 1, false},
    {onnx::TensorProto::INT8, 8, true},
    {onnx::TensorProto::UINT8, 8, false},
    {onnx::TensorProto::INT16, 16, true},
    {onnx::TensorProto::UINT16, 16, false},
    {onnx::TensorProto::INT32, 32, true},
    {onnx::TensorProto::UINT32, 32, false},
    {onnx::TensorProto::INT64, 64, true},
    {onnx::TensorProto::UINT64, 64, false},
    {kInt4, 4, true},
    {kUint4, 4, false},
};

const IntegerType* integerTypeOf(int type) {
    const auto* found = std::find_if(std::begin(kIntegerTypes), std::end(kIntegerTypes),
                                     [=](const IntegerType& one) { return one.type == type; });
    return found == std::end(kIntegerTypes) ? nullptr : found;
}

Shape shapeOf(const onnx::TensorProto& tensor, const std::string& place) {
    Shape shape;
    std::int64_t count = 1;
    for (std::int64_t size : tensor.dims()) {
        if (size < 0 || (size > 0 && count > kMaxTensorElements / size)) {
            throw Error(place, "the shape " +
                                   toString({tensor.dims().begin(), tensor.dims().end()}) +
                                   " is not possible");
        }
        count *= size;
        shape.push_back(size);
    }
    return shape;
}

[[noreturn]] void wrongAmount(const std::string& place, std::size_t found, std::size_t expected) {
    throw Error(place, "has data for " + std::to_string(found) + " values, its shape asks for " +
                           std::to_string(expected));
}

/// The source of a tensor's elements: raw bytes (little-endian, as this program's machines), of
/// the file or of one beside it, or the typed field.
class Elements {
 public:
    Elements(const onnx::TensorProto& tensor, std::size_t count, const std::string& place,
             ExternalData& external)
        : tensor_(tensor), count_(count), place_(place), external_(external) {}

    template <typename T, typename Field>
    std::vector<T> read(const Field& field) {
        if (isRaw()) return readRaw<T>(count_);
        if (static_cast<std::size_t>(field.size()) != count_) {
            wrongAmount(place_, static_cast<std::size_t>(field.size()), count_);
        }
        std::vector<T> values;
        values.reserve(count_);
        for (auto value : field) values.push_back(static_cast<T>(value));
        return values;
    }

    /// Two elements of 4 bits share a byte, the lower half first.
    std::vector<std::uint8_t> readHalfBytes() {
        const std::size_t bytes = (count_ + 1) / 2;
        std::vector<std::uint8_t> packed;
        if (isRaw()) {
            packed = readRaw<std::uint8_t>(bytes);
        } else {
            if (static_cast<std::size_t>(tensor_.int32_data_size()) != bytes) {
                wrongAmount(place_, 2 * static_cast<std::size_t>(tensor_.int32_data_size()),
                            count_);
            }
            for (const std::int32_t pair : tensor_.int32_data()) {
                packed.push_back(static_cast<std::uint8_t>(pair));
            }
        }
        std::vector<std::uint8_t> values(count_);
        for (std::size_t i = 0; i < count_; ++i) {
            values[i] = i % 2 == 0 ? packed[i / 2] & 0xF : packed[i / 2] >> 4;
        }
        return values;
    }

 private:
    bool isExternal() const {
        return tensor_.data_location() == onnx::TensorProto::EXTERNAL ||
               tensor_.external_data_size() > 0;
    }
    bool isRaw() const { return isExternal() || tensor_.has_raw_data(); }

    template <typename T>
    std::vector<T> readRaw(std::size_t count) {
        const std::string outside =
            isExternal() ? external_.read(tensor_, count * sizeof(T), place_) : "";
        const std::string& raw = isExternal() ? outside : tensor_.raw_data();
        if (raw.size() != count * sizeof(T)) wrongAmount(place_, raw.size() / sizeof(T), count_);
        std::vector<T> values(count);
        if (count > 0) std::memcpy(values.data(), raw.data(), raw.size());
        return values;
    }

    const onnx::TensorProto& tensor_;
    std::size_t count_;
    const std::string& place_;
    ExternalData& external_;
};

FloatTensor floatsOf(const onnx::TensorProto& tensor, Shape shape, Elements elements) {
    FloatTensor result;
    result.shape = std::move(shape);
    switch (tensor.data_type()) {
        case onnx::TensorProto::FLOAT:
            result.values = elements.read<float>(tensor.float_data());
            break;
        case onnx::TensorProto::DOUBLE:
            for (const double value : elements.read<double>(tensor.double_data())) {
                result.values.push_back(static_cast<float>(value));
            }
            break;
        case onnx::TensorProto::FLOAT16:
            for (const std::uint16_t bits : elements.read<std::uint16_t>(tensor.int32_data())) {
                result.values.push_back(
                    static_cast<float>(Eigen::numext::bit_cast<Eigen::half>(bits)));
            }
            break;
        default:
            for (const std::uint16_t bits : elements.read<std::uint16_t>(tensor.int32_data())) {
                result.values.push_back(
                    static_cast<float>(Eigen::numext::bit_cast<Eigen::bfloat16>(bits)));
            }
    }
    return result;
}

template <typename T>
std::vector<std::int64_t> widened(const std::vector<T>& values) {
    return {values.begin(), values.end()};
}

std::vector<std::int64_t> integerValuesOf(const onnx::TensorProto& tensor, Elements elements) {
    switch (tensor.data_type()) {
        case onnx::TensorProto::INT64:
            return elements.read<std::int64_t>(tensor.int64_data());
        case onnx::TensorProto::UINT64:
            return widened(elements.read<std::uint64_t>(tensor.uint64_data()));
        case onnx::TensorProto::UINT32:
            return widened(elements.read<std::uint32_t>(tensor.uint64_data()));
        case onnx::TensorProto::INT32:
            return widened(elements.read<std::int32_t>(tensor.int32_data()));
        case onnx::TensorProto::INT16:
            return widened(elements.read<std::int16_t>(tensor.int32_data()));
        case onnx::TensorProto::UINT16:
            return widened(elements.read<std::uint16_t>(tensor.int32_data()));
        case onnx::TensorProto::INT8:
            return widened(elements.read<std::int8_t>(tensor.int32_data()));
        case kUint4:
            return widened(elements.readHalfBytes());
        case kInt4: {
            std::vector<std::int64_t> values = widened(elements.readHalfBytes());
            for (std::int64_t& value : values) value -= value >= 8 ? 16 : 0;
            return values;
        }
        default:
            return widened(elements.read<std::uint8_t>(tensor.int32_data()));
    }
}

std::uint64_t numberIn(const std::string& text, const std::string& key, const std::string& place) {
    std::uint64_t value = 0;
    const char* end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, value);
    if (parsed.ec != std::errc() || parsed.ptr != end) {
        throw Error(place, "its external data has the " + key + " '" + text.substr(0, 40) +
                               "', expected a number");
    }
    return value;
}

}  // namespace

std::string ExternalData::read(const onnx::TensorProto& tensor, std::size_t bytes,
                               const std::string& place) {
    if (!folder_) {
        throw Error(place, "its data is in another file; save the model with all data inside");
    }
    std::string location;
    std::uint64_t offset = 0;
    std::uint64_t length = bytes;
    for (const onnx::StringStringEntryProto& entry : tensor.external_data()) {
        if (entry.key() == "location") location = entry.value();
        if (entry.key() == "offset") offset = numberIn(entry.value(), "offset", place);
        if (entry.key() == "length") length = numberIn(entry.value(), "length", place);
    }
    const fs::path name = location;
    if (location.empty() || name.is_absolute() ||
        std::find(name.begin(), name.end(), "..") != name.end()) {
        throw Error(place, "its data is in '" + location.substr(0, 200) +
                               "'; expected a file in the folder of the network");
    }
    const fs::path path = *folder_ / name;
    std::error_code unknown;
    if (!fs::is_regular_file(path, unknown)) {
        throw Error(place, "its data is in " + path.string() + ", which is missing");
    }
    // A link may lead out of the folder as well.
    const fs::path home = fs::canonical(folder_->empty() ? fs::path(".") : *folder_, unknown);
    const fs::path real = fs::canonical(path, unknown);
    if (std::mismatch(home.begin(), home.end(), real.begin(), real.end()).first != home.end()) {
        throw Error(place, "its data is in " + path.string() +
                               ", which leads out of the folder of the network");
    }
    if (length != bytes) {
        throw Error(place, "has " + std::to_string(length) + " bytes of external data, its shape " +
                               "asks for " + std::to_string(bytes));
    }
    const std::uint64_t size = fs::file_size(path, unknown);
    std::ifstream file(path, std::ios::binary);
    std::string data;
    if (!unknown && offset <= size && bytes <= size - offset) data.resize(bytes);
    if (data.size() != bytes || !file.seekg(static_cast<std::streamoff>(offset)) ||
        !file.read(data.data(), static_cast<std::streamsize>(bytes))) {
        throw Error(place, "its data, " + std::to_string(bytes) + " bytes at " +
                               std::to_string(offset) + " of " + path.string() +
                               ", is beyond the end of the file");
    }
    fingerprint_ = brownout::fingerprint(fingerprint_ + brownout::fingerprint(data));
    return data;
}

TensorContent contentOf(const onnx::TensorProto& tensor, const std::string& place,
                        ExternalData& external) {
    if (tensor.has_segment()) throw Error(place, "segmented tensors are not supported");
    Shape shape = shapeOf(tensor, place);
    const Elements elements(tensor, elementCount(shape), place, external);
    if (isFloatType(tensor.data_type())) return floatsOf(tensor, std::move(shape), elements);
    const IntegerType* type = integerTypeOf(tensor.data_type());
    if (type == nullptr) {
        throw Error(place, "has the type " + typeName(tensor.data_type()) +
                               ", expected floating-point numbers, integers or truth values");
    }
    IntTensor result;
    result.shape = std::move(shape);
    result.values = integerValuesOf(tensor, elements);
    result.bits = type->bits;
    result.isSigned = type->isSigned;
    if (type->bits == 1) {
        for (std::int64_t& value : result.values) value = value != 0 ? 1 : 0;
    }
    return result;
}

std::string typeName(int type) {
    if (type == kInt4) return "INT4";
    if (type == kUint4) return "UINT4";
    return onnx::TensorProto::DataType_IsValid(type)
               ? onnx::TensorProto::DataType_Name(static_cast<onnx::TensorProto::DataType>(type))
               : "number " + std::to_string(type);
}

bool isFloatType(int type) {
    return type == onnx::TensorProto::FLOAT || type == onnx::TensorProto::FLOAT16 ||
           type == onnx::TensorProto::BFLOAT16 || type == onnx::TensorProto::DOUBLE;
}

bool isNumberType(int type) { return isFloatType(type) || integerTypeOf(type) != nullptr; }

}  // namespace brownout
