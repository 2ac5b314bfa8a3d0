// The ways into what a network keeps in files beside it, and into binarised networks.

#include <onnx/onnx_pb.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "base/temporary_files.h"
#include "inference/engines/engine.h"
#include "inference/onnx/onnx_import.h"
#include "inference/onnx/onnx_tensor.h"
#include "tests/fuzz/expectations.h"
#include "tests/fuzz/fuzz_targets.h"

namespace brownout::fuzz {
namespace {

namespace fs = std::filesystem;

constexpr char kInside = 0x11;
constexpr char kOutside = 0x77;

void writeBytes(const fs::path& path, std::size_t count, char value) {
    std::ofstream(path, std::ios::binary) << std::string(count, value);
}

/// A folder of a network: its own files hold nothing but kInside; links lead out of it, where files
/// hold nothing but kOutside.
class NetworkFolder {
 public:
    NetworkFolder() {
        fs::create_directories(folder() / "sub");
        writeBytes(folder() / "data", 96, kInside);
        writeBytes(folder() / "sub" / "data", 8, kInside);
        writeBytes(folder() / "empty", 0, kInside);
        writeBytes(all_ / "secret", 96, kOutside);
        fs::create_symlink(all_ / "secret", folder() / "link");
        fs::create_directory_symlink(all_.path(), folder() / "up");
        fs::create_symlink(folder() / "data", folder() / "sub" / "home");
        fs::create_symlink("loop", folder() / "loop");
    }
    fs::path folder() const { return all_ / "network"; }

 private:
    TemporaryFolder all_;
};

bool allInside(const std::string& bytes) {
    return std::all_of(bytes.begin(), bytes.end(), [](char byte) { return byte == kInside; });
}

std::size_t valuesOf(const TensorContent& content) {
    return std::visit([](const auto& tensor) { return tensor.values.size(); }, content);
}

/// The first byte is the number of bytes that are asked for, the rest is a TensorProto.
void fuzzExternalData(const std::uint8_t* data, std::size_t size) {
    static const NetworkFolder beside;
    if (size == 0) return;
    onnx::TensorProto tensor;
    if (!tensor.ParseFromArray(data + 1, static_cast<int>(size - 1))) return;
    expectErrorsOfOneLine([&] {
        ExternalData external(beside.folder());
        const std::string bytes = external.read(tensor, data[0], "input");
        require(bytes.size() == data[0] && allInside(bytes), "bytes of another file");
        require(!external.fingerprint().empty(), "bytes without a fingerprint");
    });
    expectErrorsOfOneLine([&] {
        ExternalData external(beside.folder());
        const TensorContent content = contentOf(tensor, "input", external);
        const auto shape = std::visit([](const auto& one) { return one.shape; }, content);
        require(valuesOf(content) == elementCount(shape), "values that don't fit the shape");
        const auto* integers = std::get_if<IntTensor>(&content);
        if (external.fingerprint().empty() || integers == nullptr || integers->bits != 8) return;
        for (const std::int64_t value : integers->values) require(value == kInside, "a secret");
    });
    expectErrorsOfOneLine([&] {
        ExternalData none(std::nullopt);
        contentOf(tensor, "input", none);
        require(none.fingerprint().empty(), "a file of a network that has none");
    });
}

/// A network in QONNX, as it is computed with with bits where it can be: scores are the same each
/// time.
void fuzzBinarised(const std::uint8_t* data, std::size_t size) {
    constexpr std::size_t kMost = 20'000;
    expectErrorsOfOneLine([&] {
        const std::string bytes(reinterpret_cast<const char*>(data), size);
        const Network network = importOnnxBytes(bytes, "input");
        const auto engine = makeEngine(network);
        if (engine->bytes() > (std::size_t{8} << 20)) return;
        require(engine->outputs() > 0, "an engine without outputs");
        if (engine->outputs() > kMost || engine->imageElements() > kMost) return;
        const std::vector<float> image(engine->imageElements(), 0.5F);
        std::vector<float> scores(engine->outputs());
        std::vector<float> again(engine->outputs());
        engine->run(image.data(), 1, scores.data());
        engine->run(image.data(), 1, again.data());
        for (std::size_t i = 0; i < scores.size(); ++i) {
            const bool isNumber = scores[i] == scores[i];
            require(isNumber == (again[i] == again[i]) && (!isNumber || scores[i] == again[i]),
                    "scores that change");
        }
    });
}

}  // namespace

std::vector<FuzzTarget> networkTargets() {
    return {{"external-data", fuzzExternalData}, {"binarised", fuzzBinarised}};
}

}  // namespace brownout::fuzz
