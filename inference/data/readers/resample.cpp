// Bilinear resampling as Pillow does it. A pixel of the result is a weighted mean of the pixels
// under a triangle around its centre, 2 pixels wide where the picture grows and 2 pixels of the
// result wide where it shrinks. Weights are fixed-point numbers of 22 bits after the point,
// rounded; their products are summed in 32 bits, rounded to bytes and clipped. Rows are resampled
// first, to bytes, then columns: all of this can be seen in the last bit of a pixel.

#include "inference/data/readers/resample.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace brownout {
namespace {

constexpr int kPointBits = 22;

/// The pixels that one pixel of the result is made of, and their weights.
struct Window {
    std::size_t first = 0;
    std::vector<std::int32_t> weights;
};

std::vector<Window> windowsOf(std::uint32_t from, std::uint32_t to) {
    const double step = static_cast<double>(from) / to;
    const double support = std::max(step, 1.0);  // half the width of the triangle
    std::vector<Window> windows(to);
    std::vector<double> weights;
    for (std::uint32_t i = 0; i < to; ++i) {
        const double centre = (i + 0.5) * step;
        const auto first = static_cast<int>(std::max(centre - support + 0.5, 0.0));
        const int end = std::min(static_cast<int>(centre + support + 0.5), static_cast<int>(from));
        weights.clear();
        double sum = 0;
        for (int x = first; x < end; ++x) {
            const double distance = std::abs((x - centre + 0.5) * (1.0 / support));
            weights.push_back(distance < 1.0 ? 1.0 - distance : 0.0);
            sum += weights.back();
        }
        windows[i].first = static_cast<std::size_t>(first);
        for (const double weight : weights) {
            const double share = sum != 0 ? weight / sum : weight;
            windows[i].weights.push_back(
                static_cast<std::int32_t>(0.5 + share * (1 << kPointBits)));
        }
    }
    return windows;
}

/// Returns the weighted mean of pixels `stride` bytes apart.
std::uint8_t meanOf(const std::uint8_t* pixels, std::size_t stride, const Window& window) {
    std::int32_t sum = 1 << (kPointBits - 1);
    pixels += window.first * stride;
    for (std::size_t i = 0; i < window.weights.size(); ++i) {
        sum += pixels[i * stride] * window.weights[i];
    }
    return static_cast<std::uint8_t>(std::clamp(sum >> kPointBits, 0, 255));
}

Picture madeFor(const Picture& picture, PixelSize size) {
    Picture result;
    result.channels = picture.channels;
    result.size = size;
    result.planes.resize(result.planeBytes() * picture.channels);
    return result;
}

Picture resampledRows(const Picture& picture, std::uint32_t width) {
    const std::vector<Window> windows = windowsOf(picture.size.width, width);
    Picture result = madeFor(picture, {picture.size.height, width});
    std::uint8_t* to = result.planes.data();
    const std::size_t rows = std::size_t{picture.channels} * picture.size.height;
    for (std::size_t row = 0; row < rows; ++row) {
        const std::uint8_t* from = picture.planes.data() + row * picture.size.width;
        for (const Window& window : windows) *to++ = meanOf(from, 1, window);
    }
    return result;
}

Picture resampledColumns(const Picture& picture, std::uint32_t height) {
    const std::vector<Window> windows = windowsOf(picture.size.height, height);
    Picture result = madeFor(picture, {height, picture.size.width});
    std::uint8_t* to = result.planes.data();
    const std::size_t width = picture.size.width;
    for (std::size_t c = 0; c < picture.channels; ++c) {
        const std::uint8_t* from = picture.planes.data() + c * picture.planeBytes();
        for (const Window& window : windows) {
            for (std::size_t x = 0; x < width; ++x) *to++ = meanOf(from + x, width, window);
        }
    }
    return result;
}

/// Returns half of `pixels` as Python's round() does: halves go to the even neighbour.
int halfOf(int pixels) { return static_cast<int>(std::nearbyint(pixels / 2.0)); }

/// Returns the first pixel of the crop along an axis, in the picture: negative where it is padded.
int cropStart(std::uint32_t size, std::uint32_t crop) {
    const int spare = static_cast<int>(size) - static_cast<int>(crop);
    return spare >= 0 ? halfOf(spare) : -(-spare / 2);
}

}  // namespace

PixelSize resizedSize(PixelSize size, const Preprocessing& steps) {
    if (!steps.resize) return size;
    if (steps.resize->width != 0) return *steps.resize;
    const std::uint64_t side = steps.resize->height;
    const bool portrait = size.width <= size.height;
    const std::uint64_t longer = portrait ? size.height : size.width;
    const std::uint64_t shorter = portrait ? size.width : size.height;
    const auto other = static_cast<std::uint32_t>(
        std::min<std::uint64_t>(side * longer / shorter, kMostPicturePixels));
    const auto given = static_cast<std::uint32_t>(side);
    return portrait ? PixelSize{other, given} : PixelSize{given, other};
}

Picture resized(const Picture& picture, PixelSize size) {
    Picture result = picture;
    if (size.width != picture.size.width) result = resampledRows(result, size.width);
    if (size.height != picture.size.height) result = resampledColumns(result, size.height);
    return result;
}

Picture centreCropped(const Picture& picture, PixelSize size) {
    Picture result = madeFor(picture, size);
    const int top = cropStart(picture.size.height, size.height);
    const int left = cropStart(picture.size.width, size.width);
    const int width = static_cast<int>(picture.size.width);
    const int begin = std::max(0, -left);
    const int end = std::min(static_cast<int>(size.width), width - left);
    for (std::size_t c = 0; c < picture.channels; ++c) {
        for (int y = 0; y < static_cast<int>(size.height); ++y) {
            const int from = y + top;
            if (from < 0 || from >= static_cast<int>(picture.size.height)) continue;
            const std::uint8_t* row = picture.planes.data() + c * picture.planeBytes() +
                                      static_cast<std::size_t>(from) * picture.size.width;
            std::copy(row + begin + left, row + end + left,
                      result.planes.data() + c * result.planeBytes() +
                          static_cast<std::size_t>(y) * size.width + begin);
        }
    }
    return result;
}

Picture resizedAndCropped(const std::string& place, Picture picture, const Preprocessing& steps) {
    const PixelSize size = resizedSize(picture.size, steps);
    if (std::uint64_t{size.height} * size.width > kMostPicturePixels) {
        throw Error(place, "would have " + std::to_string(size.height) + " x " +
                               std::to_string(size.width) + " pixels after resizing, more than " +
                               std::to_string(kMostPicturePixels));
    }
    if (size != picture.size) picture = resized(picture, size);
    if (steps.crop && *steps.crop != picture.size) picture = centreCropped(picture, *steps.crop);
    return picture;
}

}  // namespace brownout
