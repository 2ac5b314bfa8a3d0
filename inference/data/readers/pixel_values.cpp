#include "inference/data/readers/pixel_values.h"

#include <algorithm>

#include "base/error.h"

namespace brownout {
namespace {

/// Returns the axis along which `channels` channels lie. Throws Error if there is none, or two.
std::size_t channelAxis(const Shape& shape, std::size_t channels, const std::string& place) {
    const auto wanted = static_cast<std::int64_t>(channels);
    const bool first = shape.size() > 1 && shape.front() == wanted;
    const bool last = shape.size() > 2 && shape.back() == wanted;
    if (first == last) {
        throw Error(place, "has images of the shape " + toString(shape) + ", in which " +
                               (first ? "the first and the last axis"
                                      : "neither the first nor the "
                                        "last axis") +
                               " may be " + std::to_string(channels) + " channels, as " +
                               "mean, std or bgr ask for");
    }
    return first ? 0 : shape.size() - 1;
}

float valueOf(const std::vector<double>& list, std::size_t channel, float usual) {
    if (list.empty()) return usual;
    return static_cast<float>(list[list.size() == 1 ? 0 : channel]);
}

}  // namespace

PixelValues::PixelValues(const Shape& shape, const Preprocessing& steps, bool bytes,
                         const std::string& place) {
    std::size_t channels = steps.bgr ? 3 : 1;
    for (const std::vector<double>* list : {&steps.mean, &steps.std}) {
        if (list->size() <= 1) continue;
        if (channels != 1 && channels != list->size()) {
            throw Error(place, "mean, std and bgr ask for different numbers of channels: " +
                                   std::to_string(channels) + " and " +
                                   std::to_string(list->size()));
        }
        channels = list->size();
    }
    pixels_ = elementCount(shape) / channels;
    if (channels > 1) {
        const bool first = channelAxis(shape, channels, place) == 0;
        channelStride_ = first ? pixels_ : 1;
        pixelStride_ = first ? 1 : channels;
    }
    plainFloats_ = !bytes && steps.keepsValues();
    for (std::size_t c = 0; c < channels; ++c) {
        Channel channel;
        channel.from = steps.bgr ? channels - 1 - c : c;
        channel.scale = static_cast<float>(steps.scale.value_or(1));
        channel.mean = valueOf(steps.mean, c, 0);
        channel.std = valueOf(steps.std, c, 1);
        for (std::size_t byte = 0; byte < 256; ++byte) {
            // torchvision's ToTensor divides: byte * (1 / 255) may differ in the last bit.
            const bool usual = !steps.scale || *steps.scale == 1.0 / 255;
            const float value = usual ? static_cast<float>(byte) / 255.0F
                                      : static_cast<float>(byte) * channel.scale;
            channel.ofByte[byte] = (value - channel.mean) / channel.std;
        }
        channels_.push_back(channel);
    }
}

template <typename Pixel, typename Convert>
void PixelValues::forEach(const Pixel* image, float* numbers, const Convert& convert) const {
    for (std::size_t c = 0; c < channels_.size(); ++c) {
        const Channel& channel = channels_[c];
        const Pixel* from = image + channel.from * channelStride_;
        float* to = numbers + c * channelStride_;
        for (std::size_t i = 0; i < pixels_; ++i) {
            to[i * pixelStride_] = convert(channel, from[i * pixelStride_]);
        }
    }
}

void PixelValues::apply(const std::uint8_t* image, float* numbers) const {
    forEach(image, numbers,
            [](const Channel& channel, std::uint8_t byte) { return channel.ofByte[byte]; });
}

void PixelValues::apply(const float* image, float* numbers) const {
    if (plainFloats_) {
        std::copy_n(image, pixels_, numbers);
        return;
    }
    forEach(image, numbers, [](const Channel& channel, float value) {
        return (value * channel.scale - channel.mean) / channel.std;
    });
}

}  // namespace brownout
