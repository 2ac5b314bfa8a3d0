// Which reader a data set is for: by its name, by what is in a folder, by how a file begins.

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <new>
#include <optional>

#include "base/error.h"
#include "base/text.h"
#include "inference/data/dataset.h"
#include "inference/data/readers/dataset_readers.h"
#include "inference/data/readers/picture.h"

namespace brownout {
namespace {

namespace fs = std::filesystem;

const char* const kFashionMnistFolder = "/usr/share/datasets/fashion-mnist";

bool isFile(const fs::path& path) {
    std::error_code code;
    return fs::is_regular_file(path, code);
}

bool isFolder(const fs::path& path) {
    std::error_code code;
    return fs::is_directory(path, code);
}

/// Returns `stem` or `stem`.gz in `folder`, whichever exists.
std::optional<fs::path> plainOrPacked(const fs::path& folder, const std::string& stem) {
    for (const char* ending : {"", ".gz"}) {
        if (isFile(folder / (stem + ending))) {
            return folder / (stem + ending);
        }
    }
    return std::nullopt;
}

/// Says of EMNIST what surprises: its pictures lie on their side.
void addNote(const fs::path& images, Dataset::Content& content) {
    if (startsWith(images.filename().string(), "emnist-")) {
        content.note = images.string() +
                       ": EMNIST stores its images transposed; they are read as they are stored, "
                       "as torchvision does";
    }
}

Dataset::Content readIdxPair(const fs::path& images, const fs::path& labels, std::size_t most) {
    Dataset::Content content = readIdx(images, labels, most);
    addNote(images, content);
    return content;
}

std::optional<Dataset::Content> readIdxSplit(const fs::path& folder, const std::string& split,
                                             std::size_t most) {
    const auto images = plainOrPacked(folder, split + "-images-idx3-ubyte");
    const auto labels = plainOrPacked(folder, split + "-labels-idx1-ubyte");
    if (!images && !labels) return std::nullopt;
    if (!images || !labels) {
        throw Error(folder.string(), "has only the " + std::string(images ? "images" : "labels") +
                                         " of '" + split + "'");
    }
    Dataset::Content content = readIdxPair(*images, *labels, most);
    content.name = folder.filename().string() + " (" + split + ")";
    return content;
}

/// Returns the parts of EMNIST in a folder, "emnist-letters-test" and so on: those of tests if
/// there are any.
std::vector<std::string> emnistSplits(const fs::path& folder) {
    for (const std::string part : {"test", "train"}) {
        std::vector<std::string> splits;
        for (const char* kind : {"balanced", "byclass", "bymerge", "digits", "letters", "mnist"}) {
            const std::string split = std::string("emnist-") + kind + "-" + part;
            if (plainOrPacked(folder, split + "-images-idx3-ubyte")) splits.push_back(split);
        }
        if (!splits.empty()) return splits;
    }
    return {};
}

std::string joined(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
    return text;
}

std::optional<Dataset::Content> readIdxFolder(const fs::path& folder, std::size_t most) {
    for (const char* split : {"t10k", "train"}) {
        if (auto content = readIdxSplit(folder, split, most)) return content;
    }
    const std::vector<std::string> splits = emnistSplits(folder);
    if (splits.size() > 1) {
        throw Error(folder.string(), "has several parts of EMNIST (" + joined(splits) +
                                         "): name the file of images of one");
    }
    return splits.empty() ? std::nullopt : readIdxSplit(folder, splits[0], most);
}

/// Reads the test batch of CIFAR that a folder holds.
std::optional<Dataset::Content> readCifarFolder(const fs::path& folder, std::size_t most) {
    Dataset::Content content;
    if (const auto batch = plainOrPacked(folder, "test_batch.bin")) {
        content = readCifar(*batch, Cifar::k10, most);
        content.name = "cifar-10 (test_batch)";
    } else if (const auto coarseAndFine = plainOrPacked(folder, "test.bin")) {
        content = readCifar(*coarseAndFine, Cifar::k100, most);
        content.name = "cifar-100 (test)";
    } else if (isFile(folder / "test_batch")) {
        content = readPythonBatch(folder / "test_batch", most);
        content.name = "cifar-10 (test_batch)";
    } else if (isFile(folder / "test") && isFile(folder / "meta")) {
        content = readPythonBatch(folder / "test", most);
        content.name = "cifar-100 (test)";
    } else {
        return std::nullopt;
    }
    return content;
}

std::optional<Dataset::Content> readPlainFolder(const fs::path& folder, std::size_t most) {
    if (auto idx = readIdxFolder(folder, most)) return idx;
    return readCifarFolder(folder, most);
}

/// Returns true if readPlainFolder would find something to read.
bool holdsDataset(const fs::path& folder) {
    for (const char* file : {"t10k-images-idx3-ubyte", "train-images-idx3-ubyte", "test_batch.bin",
                             "test.bin", "test_batch", "test"}) {
        if (plainOrPacked(folder, file)) return true;
    }
    return !emnistSplits(folder).empty();
}

/// Reads the one data set that torchvision downloaded below a folder.
std::optional<Dataset::Content> readRootFolder(const fs::path& folder, std::size_t most) {
    std::vector<std::string> found;
    for (const char* below :
         {"raw", "MNIST/raw", "FashionMNIST/raw", "KMNIST/raw", "EMNIST/raw", "cifar-10-batches-py",
          "cifar-10-batches-bin", "cifar-100-python", "cifar-100-binary"}) {
        if (holdsDataset(folder / below)) found.emplace_back(below);
    }
    if (found.empty()) return std::nullopt;
    if (found.size() > 1) {
        throw Error(folder.string(), "has several data sets (" + joined(found) + "): name one");
    }
    auto content = readPlainFolder(folder / found[0], most);
    if (found[0].size() > 4 && found[0].substr(found[0].size() - 4) == "/raw") {
        const std::string& name = content->name;
        content->name = found[0].substr(0, found[0].size() - 4) + name.substr(name.find(' '));
    }
    return content;
}

Dataset::Content readList(const fs::path& list, const DataRequest& request) {
    const auto input = openInput(list.string());
    Dataset::Content content =
        readPictures(readPictureList(*input, list.parent_path(), request.most), request);
    content.place = list.string();
    return content;
}

Dataset::Content readFolder(const fs::path& folder, const DataRequest& request) {
    if (::access(folder.c_str(), R_OK | X_OK) != 0) {
        throw ioError(folder.string(), "cannot be read", errno);
    }
    if (auto content = readPlainFolder(folder, request.most)) return *content;
    if (auto content = readRootFolder(folder, request.most)) return *content;
    Dataset::Content content;
    if (isFile(folder / "labels.csv")) {
        content = readList(folder / "labels.csv", request);
    } else {
        const auto pictures = listClassFolders(folder);
        if (pictures.empty()) {
            throw Error(folder.string(),
                        "has neither IDX files (t10k-images-idx3-ubyte[.gz], ...) nor a batch of "
                        "CIFAR (test_batch.bin, test_batch, ...), a labels.csv, or folders of PNG "
                        "and JPEG pictures, one a class");
        }
        content = readPictures(pictures, request);
        content.place = folder.string();
    }
    const fs::path plain = folder.has_filename() ? folder : folder.parent_path();
    content.name = plain.filename().string();
    return content;
}

/// Returns the file of labels that belongs to a file of images.
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
    std::string bytes(8, '\0');
    bytes.resize(openInput(path.string())->read(bytes.data(), bytes.size()));
    return bytes;
}

bool looksLikeNumPy(const std::string& first) {
    return startsWith(first, "\x93NUMPY") || startsWith(first, "PK\x03\x04") ||
           startsWith(first, "PK\x05\x06");
}

/// Returns true if a file begins as a pickle of protocol 2 to 5 does.
bool looksLikePickle(const std::string& first) {
    return first.size() > 2 && first[0] == '\x80' && first[1] >= 2 && first[1] <= 5;
}

bool isBinaryBatch(const fs::path& path) {
    return path.extension() == ".bin" ||
           (path.extension() == ".gz" && path.stem().extension() == ".bin");
}

/// Returns the kind of CIFAR that a binary batch of this name is.
Cifar cifarOf(const fs::path& path) {
    const std::string name = path.filename().string();
    return startsWith(name, "test.bin") || startsWith(name, "train.bin") ? Cifar::k100 : Cifar::k10;
}

Dataset::Content readSingleFile(const fs::path& path, const DataRequest& request) {
    const std::size_t most = request.most;
    const std::string first = firstBytes(path);
    if (first.empty()) throw Error(path.string(), "is empty");
    if (first == "\x89HDF\r\n\x1a\n" || path.extension() == ".h5" || path.extension() == ".hdf5") {
        return readHdf5Dataset(path, most);
    }
    if (path.extension() == ".csv") return readList(path, request);
    if (startsWith(first, "PK")) return readNpz(path, most);
    if (startsWith(first, "\x93NUMPY")) return readNpyFiles(path, labelsBeside(path), most);
    if (looksLikePickle(first)) return readPythonBatch(path, most);
    if (looksLikeIdx(path)) return readIdxPair(path, labelsBeside(path), most);
    if (isBinaryBatch(path)) return readCifar(path, cifarOf(path), most);
    if (looksLikePicture({reinterpret_cast<const std::uint8_t*>(first.data()), first.size()})) {
        throw Error(path.string(),
                    "is one picture; expected a folder of class folders, or a CSV file of "
                    "file,label");
    }
    throw Error(path.string(),
                "is no data set: expected HDF5, IDX, .npz, .npy, a CSV file of file,label, or a "
                "batch of CIFAR");
}

Dataset::Content readPair(const fs::path& images, const fs::path& labels, std::size_t most) {
    const bool arrays = isFile(images) && looksLikeNumPy(firstBytes(images));
    Dataset::Content content =
        arrays ? readNpyFiles(images, labels, most) : readIdxPair(images, labels, most);
    content.name = images.filename().string();
    return content;
}

Dataset::Content readFashionMnist(const DataRequest& request) {
    const fs::path folder = kFashionMnistFolder;
    if (!isFolder(folder)) {
        throw Error("fashion-mnist", folder.string() +
                                         " is missing: install the Debian package "
                                         "dataset-fashion-mnist");
    }
    Dataset::Content content = readFolder(folder, request);
    content.name = "fashion-mnist";
    return content;
}

Dataset::Content contentOf(const std::string& spec, const DataRequest& request) {
    if (spec == "fashion-mnist") return readFashionMnist(request);
    if (isFolder(spec)) return readFolder(spec, request);
    if (isFile(spec)) {
        Dataset::Content content = readSingleFile(spec, request);
        content.name = fs::path(spec).filename().string();
        return content;
    }
    std::error_code problem;
    if (fs::exists(spec, problem)) {
        throw Error(spec, "is a device or a pipe; expected a file or a folder");
    }
    const std::size_t comma = spec.find(',');
    if (comma != std::string::npos) {
        return readPair(spec.substr(0, comma), spec.substr(comma + 1), request.most);
    }
    if (problem) throw Error(spec, "cannot be read: " + problem.message());
    throw Error(spec,
                "there is no such file or folder, nor a data set of that name "
                "(known: fashion-mnist)");
}

/// Adds to the labels, if there are any.
void addToLabels(std::int32_t offset, Dataset::Content& content) {
    if (content.labels.empty() || content.labels[0] == kNoLabel) return;
    for (std::size_t i = 0; i < content.labels.size(); ++i) {
        const std::int64_t label = std::int64_t{content.labels[i]} + offset;
        if (label < 0 || label > 0x7FFFFFFF) {
            throw Error(content.place, "image " + std::to_string(i) + " has the label " +
                                           std::to_string(content.labels[i]) +
                                           ", with the offset " + std::to_string(label));
        }
        content.labels[i] = static_cast<std::int32_t>(label);
    }
}

}  // namespace

Error tooManyImages(const std::string& place) {
    return Error(place, "holds more than " + std::to_string(kMaxDatasetBytes >> 20) +
                            " MiB of images, the most that is read into memory; ask for fewer");
}

std::vector<std::uint8_t> readWhole(const fs::path& path, std::size_t most) {
    if (fs::exists(path) && !isFile(path)) throw Error(path.string(), "is not a file");
    const auto input = openInput(path.string());
    std::vector<std::uint8_t> bytes;
    constexpr std::size_t kPiece = std::size_t{1} << 16;
    for (;;) {
        const std::size_t before = bytes.size();
        bytes.resize(before + std::max(kPiece, before));
        const std::size_t got =
            input->read(reinterpret_cast<char*>(bytes.data()) + before, bytes.size() - before);
        const bool end = got < bytes.size() - before;
        bytes.resize(before + got);
        if (bytes.size() > most) {
            throw Error(path.string(), "has more than " + std::to_string(most >> 20) + " MiB");
        }
        if (end) return bytes;
    }
}

Dataset openDataset(const std::string& spec, const DataRequest& request) {
    try {
        Dataset::Content content = contentOf(spec, request);
        if (!content.sized) content = resizedAndCropped(std::move(content), request.steps);
        addToLabels(request.steps.labelsOffset, content);
        return Dataset(std::move(content), request.steps);
    } catch (const std::bad_alloc&) {
        throw Error(spec, "there is not enough memory to read it");
    }
}

Dataset openDataset(const std::string& spec, std::size_t most) {
    DataRequest request;
    request.most = most;
    return openDataset(spec, request);
}

}  // namespace brownout
