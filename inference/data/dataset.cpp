#include "inference/data/dataset.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <new>
#include <optional>

#include "base/error.h"
#include "base/fingerprint.h"
#include "inference/data/dataset_readers.h"
#include "inference/engines/float_engine.h"
#include "inference/plan/plan.h"

namespace brownout {

namespace fs = std::filesystem;

namespace {

const char* const kFashionMnistFolder = "/usr/share/datasets/fashion-mnist";

bool isFile(const fs::path& path) {
    std::error_code code;
    return fs::is_regular_file(path, code);
}

bool isFolder(const fs::path& path) {
    std::error_code code;
    return fs::is_directory(path, code);
}

/// `stem` or `stem`.gz in `folder`, whichever exists.
std::optional<fs::path> plainOrPacked(const fs::path& folder, const std::string& stem) {
    for (const char* ending : {"", ".gz"}) {
        if (isFile(folder / (stem + ending))) {
            return folder / (stem + ending);
        }
    }
    return std::nullopt;
}

std::optional<Dataset::Content> readIdxFolder(const fs::path& folder, std::size_t most) {
    for (const std::string split : {"t10k", "train"}) {
        const auto images = plainOrPacked(folder, split + "-images-idx3-ubyte");
        const auto labels = plainOrPacked(folder, split + "-labels-idx1-ubyte");
        if (images && labels) {
            Dataset::Content content = readIdx(*images, *labels, most);
            content.name = folder.filename().string() + " (" + split + ")";
            return content;
        }
        if (images || labels) {
            throw Error(folder.string(), "has only the " +
                                             std::string(images ? "images" : "labels") + " of '" +
                                             split + "'");
        }
    }
    return std::nullopt;
}

Dataset::Content readFolder(const fs::path& folder, std::size_t most) {
    if (::access(folder.c_str(), R_OK | X_OK) != 0) {
        throw ioError(folder.string(), "cannot be read", errno);
    }
    if (auto idx = readIdxFolder(folder, most)) {
        return *idx;
    }
    for (const fs::path& batch :
         {folder / "test_batch.bin", folder / "cifar-10-batches-bin" / "test_batch.bin"}) {
        if (isFile(batch)) {
            Dataset::Content content = readCifar10(batch, most);
            content.name = "cifar-10 (test_batch)";
            return content;
        }
    }
    throw Error(folder.string(),
                "has neither IDX files (t10k-images-idx3-ubyte[.gz], ...) nor a test_batch.bin");
}

/// The labels' file that belongs to an IDX file of images.
fs::path labelsBeside(const fs::path& images) {
    std::string name = images.filename().string();
    const std::size_t at = name.find("images");
    if (at == std::string::npos) {
        throw Error(images.string(),
                    "doesn't tell where its labels are; give both files as IMAGES,LABELS");
    }
    name.replace(at, 6, "labels");
    const std::size_t axes = name.find("idx3");
    if (axes != std::string::npos) {
        name.replace(axes, 4, "idx1");
    }
    return images.parent_path() / name;
}

std::string firstBytes(const fs::path& path) {
    std::ifstream stream(path, std::ios::binary);
    if (!stream) throw ioError(path.string(), "cannot be read", errno);
    std::string bytes(8, '\0');
    stream.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    bytes.resize(static_cast<std::size_t>(stream.gcount()));
    return bytes;
}

Dataset::Content readSingleFile(const fs::path& path, std::size_t most) {
    Dataset::Content content;
    const std::string first = firstBytes(path);
    if (first.empty()) {
        throw Error(path.string(), "is empty");
    }
    if (first == "\x89HDF\r\n\x1a\n" || path.extension() == ".h5" || path.extension() == ".hdf5") {
        content = readHdf5Dataset(path, most);
    } else if (looksLikeIdx(path)) {
        content = readIdx(path, labelsBeside(path), most);
    } else if (path.extension() == ".bin") {
        content = readCifar10(path, most);
    } else {
        throw Error(path.string(), "is no data set: expected IDX, CIFAR-10 binary or HDF5");
    }
    content.name = path.filename().string();
    return content;
}

Dataset::Content readFashionMnist(std::size_t most) {
    const fs::path folder = kFashionMnistFolder;
    if (!isFolder(folder)) {
        throw Error("fashion-mnist", folder.string() +
                                         " is missing: install the Debian package "
                                         "dataset-fashion-mnist");
    }
    Dataset::Content content = readFolder(folder, most);
    content.name = "fashion-mnist";
    return content;
}

}  // namespace

Dataset::Dataset(Content content) {
    const std::size_t pixels = content.bytes.size() + content.floats.size();
    if (content.labels.empty() || pixels != content.labels.size() * elementCount(content.shape)) {
        throw Error(content.place, "has " + std::to_string(content.labels.size()) + " labels and " +
                                       std::to_string(pixels) + " pixels");
    }
    if (content.targets.size() % content.labels.size() != 0) {
        throw Error(content.place, "has " + std::to_string(content.targets.size()) +
                                       " targets for " + std::to_string(content.labels.size()) +
                                       " images");
    }
    auto state = std::make_shared<State>();
    auto view = [](const auto& values) {
        return std::string_view(reinterpret_cast<const char*>(values.data()),
                                values.size() * sizeof(values[0]));
    };
    state->fingerprint = brownout::fingerprint(
        toString(content.shape) + brownout::fingerprint(view(content.bytes)) +
        brownout::fingerprint(view(content.floats)) + brownout::fingerprint(view(content.labels)) +
        (content.targets.empty() ? "" : brownout::fingerprint(view(content.targets))));
    size_ = content.labels.size();
    state->content = std::move(content);
    state_ = std::move(state);
}

void Dataset::read(std::size_t first, std::size_t count, float* images) const {
    const std::size_t elements = imageElements();
    const Content& content = state_->content;
    if (!content.floats.empty()) {
        std::copy_n(content.floats.begin() + static_cast<std::ptrdiff_t>(first * elements),
                    count * elements, images);
        return;
    }
    const std::uint8_t* bytes = content.bytes.data() + first * elements;
    for (std::size_t i = 0; i < count * elements; ++i) {
        images[i] = static_cast<float>(bytes[i]) / 255.0F;
    }
}

std::size_t Dataset::targetElements() const {
    return state_->content.targets.size() / state_->content.labels.size();
}

Span<const float> Dataset::targets(std::size_t i) const {
    const std::size_t elements = targetElements();
    return {state_->content.targets.data() + i * elements, elements};
}

Dataset Dataset::take(std::size_t count) const {
    if (count == 0 || count > size_) {
        throw Error(place(),
                    "has " + std::to_string(size_) + " images, asked for " + std::to_string(count));
    }
    Dataset part = *this;
    part.size_ = count;
    return part;
}

std::string Dataset::fingerprint() const { return state_->fingerprint; }

namespace {

Dataset::Content contentOf(const std::string& spec, std::size_t most) {
    if (spec == "fashion-mnist") return readFashionMnist(most);
    if (isFolder(spec)) return readFolder(spec, most);
    if (isFile(spec)) return readSingleFile(spec, most);
    std::error_code problem;
    if (fs::exists(spec, problem)) {
        throw Error(spec, "is a device or a pipe; expected a file or a folder");
    }
    const std::size_t comma = spec.find(',');
    if (comma != std::string::npos) {
        Dataset::Content content = readIdx(spec.substr(0, comma), spec.substr(comma + 1), most);
        content.name = fs::path(spec.substr(0, comma)).filename().string();
        return content;
    }
    if (problem) throw Error(spec, "cannot be read: " + problem.message());
    throw Error(spec,
                "there is no such file or folder, nor a data set of that name "
                "(known: fashion-mnist)");
}

}  // namespace

Error tooManyImages(const std::string& place) {
    return Error(place, "holds more than " + std::to_string(kMaxDatasetBytes >> 20) +
                            " MiB of images, the most that is read into memory; ask for fewer");
}

Dataset openDataset(const std::string& spec, std::size_t most) {
    try {
        return Dataset(contentOf(spec, most));
    } catch (const std::bad_alloc&) {
        throw Error(spec, "there is not enough memory to read it");
    }
}

NetworkInterface interfaceOf(const Network& network) {
    const Plan plan = makePlan(network, singleImageShapes(network), kernels::kScalar);
    const Shape& input = plan.inputs.at(0).shape;
    if (plan.outputs.empty() || plan.outputs[0].shape.empty() || plan.outputs[0].shape[0] != 1) {
        throw Error(network.file, "the output is not one row of classes an image");
    }
    return {{input.begin() + 1, input.end()}, elementCount(plan.outputs[0].shape)};
}

void checkShape(const Network& network, const Dataset& dataset) {
    const NetworkInterface interface = interfaceOf(network);
    const bool flat = interface.imageShape.size() == 1 &&
                      elementCount(interface.imageShape) == dataset.imageElements();
    if (interface.imageShape != dataset.shape() && !flat) {
        throw Error(network.file, "takes images of the shape " + toString(interface.imageShape) +
                                      ", those of " + dataset.name() + " have " +
                                      toString(dataset.shape()));
    }
}

void checkFits(const Network& network, const Dataset& dataset) {
    checkShape(network, dataset);
    const NetworkInterface interface = interfaceOf(network);
    if (!dataset.hasLabels()) throw Error(dataset.place(), "has no labels, which classes need");
    for (std::size_t i = 0; i < dataset.size(); ++i) {
        if (static_cast<std::size_t>(dataset.label(i)) >= interface.classes) {
            throw Error(dataset.place(), "image " + std::to_string(i) + " has the label " +
                                             std::to_string(dataset.label(i)) + ", " +
                                             network.file + " has only " +
                                             std::to_string(interface.classes) + " classes");
        }
    }
}

}  // namespace brownout
