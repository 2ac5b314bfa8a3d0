// Data sets in NumPy's .npz files: zip archives of .npy files.

#include <algorithm>
#include <array>
#include <fstream>

#include "base/error.h"
#include "inference/data/readers/dataset_readers.h"
#include "inference/data/readers/zip_archive.h"

namespace brownout {
namespace {

/// Names of images and of their labels, those of test sets first.
constexpr std::array<std::array<const char*, 2>, 16> kPairs = {{{"x_test", "y_test"},
                                                                {"X_test", "y_test"},
                                                                {"X_test", "Y_test"},
                                                                {"test_images", "test_labels"},
                                                                {"test_data", "test_labels"},
                                                                {"images", "labels"},
                                                                {"x", "y"},
                                                                {"X", "y"},
                                                                {"X", "Y"},
                                                                {"data", "labels"},
                                                                {"data", "targets"},
                                                                {"data", "target"},
                                                                {"data", "label"},
                                                                {"images", "targets"},
                                                                {"arr_0", "arr_1"},
                                                                {"x_train", "y_train"}}};

bool has(const std::vector<std::string>& names, const std::string& array) {
    return std::find(names.begin(), names.end(), array + ".npy") != names.end();
}

Dataset::Content readArchive(const ZipArchive& archive, std::size_t most) {
    const std::vector<std::string> names = archive.names();
    for (const auto& [images, labels] : kPairs) {
        if (!has(names, images) || !has(names, labels)) continue;
        const auto pixels = archive.open(std::string(images) + ".npy");
        const auto classes = archive.open(std::string(labels) + ".npy");
        return readNpyPair(*pixels, *classes, most);
    }
    std::string found;
    for (const std::string& name : names) {
        if (found.size() < 200) found += (found.empty() ? "" : ", ") + name;
    }
    throw Error(archive.place(), "has the arrays " + (found.empty() ? "(none)" : found) +
                                     "; expected images and labels, x_test and y_test, or x and y");
}

/// A .npy file, or the only member of a .npz file.
class ArrayFile {
 public:
    explicit ArrayFile(const std::filesystem::path& path) {
        std::ifstream stream(path, std::ios::binary);
        char start[2] = {};
        stream.read(start, sizeof start);
        if (start[0] != 'P' || start[1] != 'K') {
            input_ = openInput(path.string());
            return;
        }
        archive_ = std::make_unique<ZipArchive>(path);
        const std::vector<std::string> names = archive_->names();
        if (names.size() != 1) {
            throw Error(path.string(), "has " + std::to_string(names.size()) +
                                           " arrays, expected one: images or labels");
        }
        input_ = archive_->open(names[0]);
    }
    Input& input() { return *input_; }

 private:
    std::unique_ptr<ZipArchive> archive_;
    std::unique_ptr<Input> input_;
};

}  // namespace

Dataset::Content readNpyFiles(const std::filesystem::path& images,
                              const std::filesystem::path& labels, std::size_t most) {
    ArrayFile pixels(images);
    ArrayFile classes(labels);
    return readNpyPair(pixels.input(), classes.input(), most);
}

Dataset::Content readNpz(const std::filesystem::path& path, std::size_t most) {
    return readArchive(ZipArchive(path), most);
}

Dataset::Content readNpz(const std::string& place, Span<const std::uint8_t> content,
                         std::size_t most) {
    return readArchive(ZipArchive(place, content), most);
}

}  // namespace brownout
