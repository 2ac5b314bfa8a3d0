#pragma once

#include <onnx/onnx_pb.h>

#include <filesystem>
#include <optional>
#include <string>
#include <variant>

#include "base/fingerprint.h"
#include "inference/tensor.h"

namespace brownout {

/// The files beside a network that hold the data of its tensors. Reads no file outside the folder
/// of the network.
class ExternalData {
 public:
    /// `folder` absent: of a network that came as bytes, whose data can't be elsewhere.
    explicit ExternalData(std::optional<std::filesystem::path> folder)
        : folder_(std::move(folder)) {}

    /// Returns the `bytes` bytes of a tensor's data, and takes them into fingerprint(). Throws
    /// Error naming `place` if the tensor names a file outside the folder, or one that doesn't have
    /// them.
    std::string read(const onnx::TensorProto& tensor, std::size_t bytes, const std::string& place);

    /// Returns a name of all that was read, in its order; empty if nothing was.
    std::string fingerprint() const { return fingerprint_; }

 private:
    std::optional<std::filesystem::path> folder_;
    std::string fingerprint_;
};

using TensorContent = std::variant<FloatTensor, IntTensor>;

/// Reads the numbers of a tensor: floating-point numbers of 16 to 64 bits as float, integers of 4
/// to 64 bits and truth values as integers. Throws Error naming `place` for other types, impossible
/// shapes, and data that don't fit the shape.
TensorContent contentOf(const onnx::TensorProto& tensor, const std::string& place,
                        ExternalData& external);

/// Returns the name of an element type, "FLOAT16", or its number.
std::string typeName(int type);

/// Returns whether a type is that of floating-point numbers.
bool isFloatType(int type);

/// Returns whether elements of this type can be fed to a network, as floats.
bool isNumberType(int type);

}  // namespace brownout
