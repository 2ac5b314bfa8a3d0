#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/span.h"
#include "inference/network.h"

namespace brownout {

/// Most bytes of pixels that are held in memory: 1 GiB, as the file has them or as floats.
constexpr std::size_t kMaxDatasetBytes = std::size_t{1} << 30;

/// Number of images that stands for all there are.
constexpr std::size_t kAllImages = static_cast<std::size_t>(-1);

/// Label of an image that has none.
constexpr std::int32_t kNoLabel = -1;

/// Labelled images. Immutable; copies share their content, and any number of threads may read it.
/// Pixels are floats in [0, 1] (bytes / 255), or, where the file has floats, those as they are;
/// bytes stay bytes in memory.
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
    };
    /// Takes what a reader has read. Throws Error if labels and pixels don't fit together.
    explicit Dataset(Content content);

    std::size_t size() const { return size_; }
    const Shape& shape() const { return state_->content.shape; }
    std::size_t imageElements() const { return elementCount(shape()); }
    int label(std::size_t i) const { return state_->content.labels[i]; }
    /// Tells whether the images have labels; where they don't, all are kNoLabel.
    bool hasLabels() const { return state_->content.labels[0] != kNoLabel; }
    /// Returns the number of values that a regressor should give each image; 0: nobody says.
    std::size_t targetElements() const;
    /// Returns the values that a regressor should give image `i`.
    Span<const float> targets(std::size_t i) const;
    /// Writes images first to first + count - 1, which must exist, imageElements() floats each.
    void read(std::size_t first, std::size_t count, float* images) const;
    /// Returns the first `count` images. Throws Error if there are fewer.
    Dataset take(std::size_t count) const;
    const std::string& name() const { return state_->content.name; }
    const std::string& place() const { return state_->content.place; }
    /// Returns a name of the content, pixels and labels, of all images that were read, also where
    /// fewer were taken later.
    std::string fingerprint() const;

 private:
    struct State {
        Content content;
        std::string fingerprint;
    };
    std::shared_ptr<const State> state_;
    std::size_t size_ = 0;
};

/// Opens the test images of
/// - "fashion-mnist": Debian's package dataset-fashion-mnist;
/// - a folder with IDX files (t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte, or else
/// train-...),
///   plain or .gz;
/// - an IDX file of images with that of its labels beside it, or both as "IMAGES,LABELS";
/// - a folder with CIFAR-10's binary test_batch.bin, or one such batch file;
/// - an HDF5 file with `images` (N, C, H, W or N, H, W; uint8 or float) and `labels` (N), or
///   `targets` (N, ...; numbers), or both.
///
/// Reads, and unpacks, the first `most` images only (or all, if there are fewer), so that a file
/// that holds more than fits in memory can be used in part. Throws Error naming the file and the
/// place in it, also if those images take more than kMaxDatasetBytes.
Dataset openDataset(const std::string& spec, std::size_t most = kAllImages);

/// Shape of the images a network takes and the number of its classes.
struct NetworkInterface {
    Shape imageShape;
    std::size_t classes = 0;
};

/// Returns the interface of a network. Throws Error if its output is not one row of classes.
NetworkInterface interfaceOf(const Network& network);

/// Throws Error naming both unless the images have the shape that the network takes (a network that
/// takes flat vectors takes images of as many pixels).
void checkShape(const Network& network, const Dataset& dataset);

/// Does what checkShape does. Throws Error, too, unless every label is one of the network's
/// classes.
void checkFits(const Network& network, const Dataset& dataset);

}  // namespace brownout
