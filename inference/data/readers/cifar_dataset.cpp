// CIFAR-10 and CIFAR-100: binary batches, plain or gzip, and batches that Python pickled.

#include <algorithm>

#include "base/error.h"
#include "inference/data/readers/dataset_readers.h"
#include "inference/data/readers/pickle.h"
#include "inference/data/readers/unpacked_file.h"

namespace brownout {
namespace {

constexpr std::size_t kPixels = 3 * 32 * 32;
constexpr std::size_t kMostPickleBytes = std::size_t{1} << 30;

std::string nameOf(Cifar kind) { return kind == Cifar::k10 ? "CIFAR-10" : "CIFAR-100"; }

}  // namespace

Dataset::Content readCifar(const std::filesystem::path& path, Cifar kind, std::size_t most) {
    const std::size_t labels = kind == Cifar::k10 ? 1 : 2;
    const int classes = kind == Cifar::k10 ? 10 : 100;
    const std::size_t record = labels + kPixels;
    constexpr std::size_t kPiece = 256;
    UnpackedFile file(path);
    Dataset::Content content;
    content.place = file.path();
    content.shape = {3, 32, 32};
    std::size_t read = 0;
    while (content.labels.size() < most) {
        const auto records = file.read(record * std::min(kPiece, most - content.labels.size()));
        read += records.size();
        if (records.size() % record != 0 || read == 0) {
            throw Error(file.path(), "has " + std::to_string(read) +
                                         " bytes, not a multiple of the " + std::to_string(record) +
                                         " of a " + nameOf(kind) +
                                         " record: truncated or of another kind");
        }
        if (records.empty()) break;
        for (std::size_t at = 0; at < records.size(); at += record) {
            const int label = records[at + labels - 1];
            if (label >= classes) {
                throw Error(file.path(), "image " + std::to_string(content.labels.size()) +
                                             " has the label " + std::to_string(label) +
                                             ", expected 0 to " + std::to_string(classes - 1));
            }
            content.labels.push_back(label);
            const auto first = records.begin() + static_cast<std::ptrdiff_t>(at + labels);
            content.bytes.insert(content.bytes.end(), first, first + kPixels);
        }
        if (content.bytes.size() > kMaxDatasetBytes) throw tooManyImages(file.path());
    }
    return content;
}

Dataset::Content readPythonBatch(const std::string& place, Span<const std::uint8_t> bytes,
                                 std::size_t most) {
    const Pickle pickle(place, bytes);
    const PickleValue* data = Pickle::find(pickle.root(), "data");
    const PickleValue* labels = nullptr;
    for (const char* name : {"fine_labels", "labels"}) {
        if (labels == nullptr) labels = Pickle::find(pickle.root(), name);
    }
    if (data == nullptr || labels == nullptr) {
        throw Error(place,
                    "has no 'data' and 'labels' or 'fine_labels'; expected a batch of CIFAR");
    }
    const PickledArray pixels = pickle.array(*data, "'data'");
    const std::vector<std::uint64_t>& sizes = pixels.sizes;
    if (sizes.size() != 2 || sizes[1] != kPixels || pixels.type != "u1" || pixels.fortranOrder ||
        sizes[0] == 0 || pixels.bytes.size() % kPixels != 0 ||
        pixels.bytes.size() / kPixels != sizes[0]) {
        throw Error(place, "'data' is no array of (N, 3072) bytes");
    }
    if (labels->kind != PickleValue::Kind::kList || labels->items.size() != sizes[0]) {
        throw Error(place, "'labels' is no list of " + std::to_string(sizes[0]) + " labels");
    }
    const std::size_t count = std::min<std::size_t>(most, labels->items.size());
    if (count > kMaxDatasetBytes / kPixels) throw tooManyImages(place);
    Dataset::Content content;
    content.place = place;
    content.shape = {3, 32, 32};
    content.bytes.assign(pixels.bytes.begin(),
                         pixels.bytes.begin() + static_cast<std::ptrdiff_t>(count * kPixels));
    for (std::size_t i = 0; i < count; ++i) {
        const PickleValue& label = *labels->items[i];
        if (label.kind != PickleValue::Kind::kInteger || label.integer < 0 || label.integer > 99) {
            throw Error(place, "label " + std::to_string(i) + " is no number from 0 to 99");
        }
        content.labels.push_back(static_cast<std::int32_t>(label.integer));
    }
    return content;
}

Dataset::Content readPythonBatch(const std::filesystem::path& path, std::size_t most) {
    return readPythonBatch(path.string(), readWhole(path, kMostPickleBytes), most);
}

}  // namespace brownout
