// Pictures become images of one size: decoded, resized, cropped.

#include <algorithm>
#include <atomic>
#include <exception>
#include <functional>
#include <mutex>

#include "base/error.h"
#include "base/threads.h"
#include "inference/data/layout.h"
#include "inference/data/readers/dataset_readers.h"
#include "inference/data/readers/picture.h"
#include "inference/data/readers/resample.h"

namespace brownout {
namespace {

/// Pictures for which a thread is worth its start.
constexpr std::size_t kPicturesAThread = 8;

constexpr std::size_t kMostPictureBytes = std::size_t{256} << 20;

Shape shapeOf(std::uint32_t channels, PixelSize size) {
    return {channels, size.height, size.width};
}

std::string textOf(PixelSize size) {
    return std::to_string(size.height) + " x " + std::to_string(size.width) + " pixels";
}

/// Returns the colours in which pictures of this size fit what the network takes.
Colour colourFor(const Shape& networkShape, PixelSize size) {
    if (networkShape.empty()) return Colour::kRgb;
    const bool coloured = !layoutsFor(networkShape, shapeOf(3, size)).empty();
    const bool grey = !layoutsFor(networkShape, shapeOf(1, size)).empty();
    if (coloured != grey) return coloured ? Colour::kRgb : Colour::kGrey;
    const bool plane = networkShape.size() == 2;
    const bool oneChannel =
        networkShape.size() == 3 && (networkShape.front() == 1 || networkShape.back() == 1);
    return !coloured && (plane || oneChannel) ? Colour::kGrey : Colour::kRgb;
}

Picture read(const LabelledPicture& picture, Colour colour, const Preprocessing& steps) {
    std::vector<std::uint8_t> bytes;
    try {
        bytes = readWhole(picture.file, kMostPictureBytes);
    } catch (const Error& error) {
        const std::string text = error.what();
        const std::string file = picture.file.string() + ": ";
        if (text.compare(0, file.size(), file) != 0) throw;
        throw Error(picture.place, text.substr(file.size()));
    }
    return resizedAndCropped(picture.place, decodePicture(picture.place, bytes, colour), steps);
}

/// Calls `work(i)` for each i from 1 to count - 1 on threads. What the first of them throws is
/// thrown, whichever thread came to it first: numbers are taken in ascending order, so that those
/// before one that fails are being worked on, and will be.
void forEachBehindFirst(std::size_t count, unsigned threads,
                        const std::function<void(std::size_t)>& work) {
    std::atomic<std::size_t> next{1};
    std::atomic<bool> stop{false};
    std::mutex mutex;
    std::size_t failed = count;
    std::exception_ptr failure;
    const std::size_t most = std::max<std::size_t>(count / kPicturesAThread, 1);
    onThreads(static_cast<unsigned>(std::min<std::size_t>(threads, most)), stop, [&](unsigned) {
        for (std::size_t i = next++; i < count && !stop; i = next++) {
            try {
                work(i);
            } catch (...) {
                const std::lock_guard<std::mutex> lock(mutex);
                stop = true;
                if (i > failed) return;
                failed = i;
                failure = std::current_exception();
            }
        }
    });
    if (failure) std::rethrow_exception(failure);
}

}  // namespace

Dataset::Content readPictures(const std::vector<LabelledPicture>& pictures,
                              const DataRequest& request) {
    const std::size_t count = std::min(request.most, pictures.size());
    Dataset::Content content;
    content.sized = true;
    if (count == 0) return content;
    Picture first = read(pictures[0], Colour::kRgb, request.steps);
    const PixelSize size = first.size;
    const Colour colour = colourFor(request.networkShape, size);
    if (colour == Colour::kGrey) first = read(pictures[0], colour, request.steps);
    content.shape = shapeOf(first.channels, size);
    if (first.planes.size() > kMaxDatasetBytes / count) {
        throw tooManyImages(pictures[0].file.parent_path().string());
    }
    content.bytes.resize(first.planes.size() * count);
    std::copy(first.planes.begin(), first.planes.end(), content.bytes.begin());
    forEachBehindFirst(count, request.threads, [&](std::size_t i) {
        const Picture picture = read(pictures[i], colour, request.steps);
        if (picture.size != size) {
            throw Error(pictures[i].place, "has " + textOf(picture.size) + ", " +
                                               pictures[0].file.string() + " " + textOf(size) +
                                               ": give pictures of one size, or a resize and a "
                                               "crop");
        }
        std::copy(picture.planes.begin(), picture.planes.end(),
                  content.bytes.begin() + static_cast<std::ptrdiff_t>(i * first.planes.size()));
    });
    for (std::size_t i = 0; i < count; ++i) content.labels.push_back(pictures[i].label);
    return content;
}

Dataset::Content resizedAndCropped(Dataset::Content content, const Preprocessing& steps) {
    if (!steps.changesSize()) return content;
    const Shape& shape = content.shape;
    const bool last = shape.size() == 3 && shape[0] != 1 && shape[0] != 3;
    const std::int64_t channels = shape.size() != 3 ? 0 : shape[last ? 2 : 0];
    if (content.bytes.empty() || (channels != 1 && channels != 3)) {
        throw Error(content.place, "has images of the shape " + toString(shape) +
                                       (content.bytes.empty() ? " that are not bytes" : "") +
                                       "; resize and crop take bytes of 1 or 3 channels");
    }
    Picture stored;
    stored.channels = static_cast<std::uint32_t>(channels);
    stored.size = {static_cast<std::uint32_t>(shape[last ? 0 : 1]),
                   static_cast<std::uint32_t>(shape[last ? 1 : 2])};
    const std::size_t elements = elementCount(shape);
    const std::size_t pixels = stored.planeBytes();
    std::vector<std::uint8_t> bytes;
    for (std::size_t i = 0; i < content.labels.size(); ++i) {
        const std::uint8_t* image = content.bytes.data() + i * elements;
        Picture picture = stored;
        picture.planes.assign(image, image + elements);
        for (std::size_t at = 0; last && at < elements; ++at) {
            picture.planes[at % stored.channels * pixels + at / stored.channels] = image[at];
        }
        picture = resizedAndCropped(content.place, std::move(picture), steps);
        if (i == 0) {
            content.shape = shapeOf(picture.channels, picture.size);
            if (picture.planes.size() > kMaxDatasetBytes / content.labels.size()) {
                throw tooManyImages(content.place);
            }
            bytes.reserve(picture.planes.size() * content.labels.size());
        }
        bytes.insert(bytes.end(), picture.planes.begin(), picture.planes.end());
    }
    content.bytes = std::move(bytes);
    return content;
}

}  // namespace brownout
