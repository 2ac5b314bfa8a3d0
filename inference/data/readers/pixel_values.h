#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "inference/data/preprocessing.h"

namespace brownout {

/// The numbers that a network takes, made of stored pixels: (stored * scale - mean) / std, in
/// floats, for each channel.
class PixelValues {
 public:
    /// Throws Error naming `place` if the steps need channels that the images don't have.
    PixelValues(const Shape& shape, const Preprocessing& steps, bool bytes,
                const std::string& place);

    /// Writes the numbers of one image, in the order in which it is stored.
    void apply(const std::uint8_t* image, float* numbers) const;
    void apply(const float* image, float* numbers) const;

 private:
    struct Channel {
        std::size_t from = 0;  ///< channel that it is made of
        float scale = 1;
        float mean = 0;
        float std = 1;
        std::array<float, 256> ofByte{};
    };
    template <typename Pixel, typename Convert>
    void forEach(const Pixel* image, float* numbers, const Convert& convert) const;

    std::vector<Channel> channels_;
    std::size_t channelStride_ = 0;  ///< elements from a channel to the next
    std::size_t pixelStride_ = 1;
    std::size_t pixels_ = 0;
    bool plainFloats_ = false;
};

}  // namespace brownout
