#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/span.h"
#include "inference/data/preprocessing.h"
#include "inference/network.h"

namespace brownout {

/// Most bytes of pixels that are held in memory: 1 GiB, as the file has them or as floats.
constexpr std::size_t kMaxDatasetBytes = std::size_t{1} << 30;

/// Number of images that stands for all there are.
constexpr std::size_t kAllImages = static_cast<std::size_t>(-1);

/// Label of an image that has none.
constexpr std::int32_t kNoLabel = -1;

/// Places that the axes of an image go to.
enum class AxisOrder {
    kAsStored,
    kChannelsToEnd,   ///< (C, H, W) becomes (H, W, C)
    kChannelsToFront  ///< (H, W, C) becomes (C, H, W)
};

/// A shape to give images in, and the way in which they come to it.
struct Layout {
    Shape shape;
    AxisOrder order = AxisOrder::kAsStored;
};

/// Labelled images. Immutable; copies share their content, and any number of threads may read it.
/// Pixels are floats in [0, 1] (bytes / 255), or, where the file has other numbers, those as they
/// are, unless the steps of Preprocessing say otherwise; bytes stay bytes in memory.
class Dataset {
 public:
    /// The images of a file: either `bytes` or `floats` holds them all, one after the other.
    struct Content {
        std::string name;
        std::string place;  ///< file(s) that the images came from, for messages
        Shape shape;        ///< (C, H, W)
        std::vector<std::uint8_t> bytes;
        std::vector<float> floats;
        std::vector<std::int32_t> labels;  ///< classes; kNoLabel for all where there are none
        std::vector<float> targets = {};   ///< as many values for each image, or none at all
        std::string note = {};             ///< one line that the user should know, or empty
        bool sized = false;                ///< true if images are already resized and cropped
    };
    /// Takes what a reader has read, resized, cropped and with its final labels, and does the rest
    /// of the steps when images are read. Throws Error if labels and pixels don't fit together, or
    /// the steps need channels that there aren't.
    explicit Dataset(Content content, const Preprocessing& steps = {});

    std::size_t size() const { return size_; }
    const Shape& shape() const { return layout_.shape; }
    std::size_t imageElements() const { return elementCount(shape()); }
    int label(std::size_t i) const;
    /// Tells whether the images have labels; where they don't, all are kNoLabel.
    bool hasLabels() const;
    /// Returns the number of values that a regressor should give each image; 0: nobody says.
    std::size_t targetElements() const;
    /// Returns the values that a regressor should give image `i`.
    Span<const float> targets(std::size_t i) const;
    /// Writes images first to first + count - 1, which must exist, imageElements() floats each.
    void read(std::size_t first, std::size_t count, float* images) const;
    /// Returns the first `count` images. Throws Error if there are fewer.
    Dataset take(std::size_t count) const;
    /// Returns the same images in another layout of as many elements; see layoutsFor.
    Dataset inLayout(const Layout& layout) const;
    const std::string& name() const;
    const std::string& place() const;
    /// Returns one line that the user should know, or nothing.
    const std::string& note() const;
    /// Returns a name of the content, pixels and labels, of all images that were read, also where
    /// fewer were taken later, and of what their values become. Layouts don't change it.
    const std::string& fingerprint() const;

 private:
    struct State;
    std::shared_ptr<const State> state_;
    std::size_t size_ = 0;
    Layout layout_;
};

/// Images to read, and what to make of them.
struct DataRequest {
    std::size_t most = kAllImages;  ///< the first images of a file that has more
    Preprocessing steps;
    /// Shape of the images that the network takes, -1 where free. PNG and JPEG pictures are read as
    /// grey where grey ones fit it and coloured ones don't; without it they are coloured.
    Shape networkShape;
    unsigned threads = 1;  ///< that decode pictures; what is read doesn't depend on it
};

/// Opens the test images of
/// - "fashion-mnist": Debian's package dataset-fashion-mnist;
/// - a folder of one folder a class, which holds PNG and JPEG pictures: torchvision's ImageFolder;
/// - a CSV file of `file,label` lines, with or without a header; files are relative to its folder;
/// - .npz (images or x_test ..., labels or y_test ...), or two .npy files as "IMAGES,LABELS";
/// - an HDF5 file with `images` (N, C, H, W or N, H, W; any number type) and `labels` (N), or
///   `targets` (N, ...; numbers), or both;
/// - a folder with IDX files (MNIST, Fashion-MNIST, KMNIST: t10k-images-idx3-ubyte and
///   t10k-labels-idx1-ubyte, or else train-...; EMNIST: emnist-letters-test-...), plain or .gz;
/// - an IDX file of images with that of its labels beside it, or both as "IMAGES,LABELS";
/// - CIFAR-10 and CIFAR-100 (fine labels), binary (.gz too) or as Python batches: folder or file;
/// - the root folder that torchvision downloaded one of these to.
///
/// Reads, unpacks and decodes the first `most` images only (or all, if there are fewer), so that a
/// file that holds more than fits in memory can be used in part. Throws Error naming the file and
/// the place in it, also if those images take more than kMaxDatasetBytes.
Dataset openDataset(const std::string& spec, const DataRequest& request);
Dataset openDataset(const std::string& spec, std::size_t most = kAllImages);

/// Shape of the images a network takes and the number of its classes.
struct NetworkInterface {
    Shape imageShape;
    std::size_t classes = 0;
};

/// Returns the interface of a network. Throws Error if its output is not one row of classes.
NetworkInterface interfaceOf(const Network& network);

}  // namespace brownout
