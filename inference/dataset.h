#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "inference/model.h"

namespace brownout {

/// Labelled images. Immutable; copies share their content, and any number of threads may read it.
/// Pixels are floats in [0, 1] (bytes / 255), or, where the file has floats, those as they are;
/// bytes stay bytes in memory.
class Dataset {
 public:
    /// What a reader makes: either `bytes` or `floats` holds all images, one after the other.
    struct Content {
        std::string name;
        std::string place;  ///< File(s) it came from, for messages.
        Shape shape;        ///< (C, H, W)
        std::vector<std::uint8_t> bytes;
        std::vector<float> floats;
        std::vector<std::int32_t> labels;
    };
    explicit Dataset(Content content);

    std::size_t size() const { return size_; }
    const Shape& shape() const { return state_->content.shape; }
    std::size_t imageElements() const { return elementCount(shape()); }
    int label(std::size_t i) const { return state_->content.labels[i]; }
    /// Writes images first to first + count - 1, imageElements() floats each. They must exist.
    void read(std::size_t first, std::size_t count, float* images) const;
    /// The first `count` images. Throws Error if there are fewer.
    Dataset take(std::size_t count) const;
    const std::string& name() const { return state_->content.name; }
    const std::string& place() const { return state_->content.place; }
    /// Names the content of the whole set, pixels and labels, also where only the first images are
    /// taken.
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
/// - a folder with IDX files (t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte; if there are no
/// t10k
///   files, train-...), plain or .gz;
/// - an IDX file of images with that of its labels beside it, or both as "IMAGES,LABELS";
/// - a folder with CIFAR-10's binary test_batch.bin, or one such batch file;
/// - an HDF5 file with `images` (N, C, H, W or N, H, W; uint8 or float) and `labels` (N).
/// name() says which it was. Throws Error naming the file and the place in it.
Dataset openDataset(const std::string& spec);

/// Shape of the images a network takes and the number of its classes.
struct NetworkInterface {
    Shape imageShape;
    std::size_t classes = 0;
};
NetworkInterface interfaceOf(const Model& model);

/// Throws Error naming both unless the images have the shape that the network takes (a network that
/// takes flat vectors takes images of as many pixels) and every label is one of its classes.
void checkFits(const Model& model, const Dataset& dataset);

}  // namespace brownout
