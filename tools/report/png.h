#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace brownout {

/// Image of at most 256 colours, row by row from the top.
struct IndexedImage {
    std::uint32_t width = 0;
    std::uint32_t height = 0;
    std::vector<std::array<std::uint8_t, 4>> palette;  ///< red, green, blue, opacity
    std::vector<std::uint8_t> pixels;                  ///< indices into the palette

    /// Returns the pixel at column `x` and row `y`, to be read or set.
    std::uint8_t& at(std::uint32_t x, std::uint32_t y) {
        return pixels[std::size_t{y} * width + x];
    }
};

/// Encodes the image as a PNG file (ISO/IEC 15948). A pixel of the image is one pixel of the file;
/// nothing is smoothed.
std::string encodePng(const IndexedImage& image);

/// Encodes bytes in base64 (RFC 4648), for data URIs.
std::string base64(const std::string& bytes);

}  // namespace brownout
