#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/input.h"
#include "base/span.h"
#include "inference/data/dataset.h"

namespace brownout {

// Readers read the first `most` images, or all there are if there are fewer. Each throws Error
// naming the file and the place in it, also if those images take more than kMaxDatasetBytes.

/// Reads a pair of IDX files, plain or gzip.
Dataset::Content readIdx(const std::filesystem::path& images, const std::filesystem::path& labels,
                         std::size_t most);
/// Returns true if the file starts (after unpacking) like an IDX file of unsigned bytes.
bool looksLikeIdx(const std::filesystem::path& path);

/// The two data sets named after the Canadian Institute for Advanced Research.
enum class Cifar { k10, k100 };

/// Reads a binary batch, plain or gzip: records of one label byte (CIFAR-100: a coarse and a fine
/// one, of which the fine one is taken) and 3 x 32 x 32 pixels.
Dataset::Content readCifar(const std::filesystem::path& path, Cifar kind, std::size_t most);

/// Reads a batch that Python pickled: `data` (N, 3072; uint8) and `labels` or `fine_labels`.
Dataset::Content readPythonBatch(const std::filesystem::path& path, std::size_t most);
/// Does so with the content of the file.
Dataset::Content readPythonBatch(const std::string& place, Span<const std::uint8_t> content,
                                 std::size_t most);

/// Reads an HDF5 file with `images` and `labels`.
Dataset::Content readHdf5Dataset(const std::filesystem::path& path, std::size_t most);

/// Reads images and labels of NumPy's .npy format.
Dataset::Content readNpyPair(Input& images, Input& labels, std::size_t most);
/// Reads images and labels each from a .npy file, or from a .npz file that holds one array.
Dataset::Content readNpyFiles(const std::filesystem::path& images,
                              const std::filesystem::path& labels, std::size_t most);
/// Reads a .npz file: the arrays `x_test` and `y_test`, `images` and `labels`, or what else such
/// arrays are called.
Dataset::Content readNpz(const std::filesystem::path& path, std::size_t most);
/// Does so with the content of the file.
Dataset::Content readNpz(const std::string& place, Span<const std::uint8_t> content,
                         std::size_t most);

/// A picture and its class.
struct LabelledPicture {
    std::filesystem::path file;
    std::int32_t label = 0;
    std::string place;  ///< name in messages: the file, behind the line that names it
};

/// Reads a list of pictures, lines of `file,label` with or without a header; `folder` is the one
/// that relative names start from. Throws Error at the line.
std::vector<LabelledPicture> readPictureList(Input& input, const std::filesystem::path& folder,
                                             std::size_t most);
/// Lists the pictures of a folder of class folders in torchvision's order, the class being the rank
/// of its folder's name. Throws Error naming the folder.
std::vector<LabelledPicture> listClassFolders(const std::filesystem::path& folder);
/// Decodes the first pictures, resizes and crops them, in the colours that fit the network.
/// Throws Error naming the picture, also where one has another size than the first.
Dataset::Content readPictures(const std::vector<LabelledPicture>& pictures,
                              const DataRequest& request);

/// Resizes and crops the images of an array as if they were pictures.
Dataset::Content resizedAndCropped(Dataset::Content content, const Preprocessing& steps);

/// Returns the Error of a file whose images are too many to be held in memory.
Error tooManyImages(const std::string& place);

/// Returns the content of a file of at most `most` bytes. Throws Error naming the file.
std::vector<std::uint8_t> readWhole(const std::filesystem::path& path, std::size_t most);

}  // namespace brownout
