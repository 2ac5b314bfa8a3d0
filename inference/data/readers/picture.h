#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/span.h"
#include "inference/data/preprocessing.h"

namespace brownout {

/// A picture of 8-bit channels, one plane after the other: (channels, height, width).
struct Picture {
    std::uint32_t channels = 0;
    PixelSize size;
    std::vector<std::uint8_t> planes;

    std::size_t planeBytes() const { return std::size_t{size.height} * size.width; }
};

/// Colours that a picture is converted to, as Pillow's convert("RGB") and convert("L").
enum class Colour { kRgb, kGrey };

/// Most pixels of a stored picture: more is taken for an attempt to fill the memory.
constexpr std::size_t kMostPicturePixels = std::size_t{1} << 26;

/// Returns true if the bytes begin as PNG and JPEG files do.
bool looksLikePicture(Span<const std::uint8_t> bytes);

/// Decodes a PNG or JPEG file. Alpha is dropped; 16-bit colours keep their upper bytes; 16-bit grey
/// saturates at 255, as in Pillow; CMYK is taken as Adobe's programs write it, inverted. Throws
/// Error naming `place` if it is neither, damaged, cut off or too large.
Picture decodePicture(const std::string& place, Span<const std::uint8_t> bytes, Colour colour);

/// Rows of a picture as a library decodes them, 1 (grey) or 3 (red, green, blue) bytes a pixel.
struct DecodedRows {
    unsigned channels = 0;
    PixelSize size;
    std::vector<std::uint8_t> bytes;
};

/// Decodes a PNG file. Throws Error as decodePicture does.
DecodedRows decodePng(const std::string& place, Span<const std::uint8_t> bytes);
/// Decodes a JPEG file. Throws Error as decodePicture does.
DecodedRows decodeJpeg(const std::string& place, Span<const std::uint8_t> bytes);

/// Makes room for `channels` bytes for each pixel of `size`. Throws Error naming `place` where
/// there are more pixels than kMostPicturePixels, than a file of `fileBytes` can hold if each of
/// its bytes gives `mostPerByte`, or none.
void makeRoom(const std::string& place, PixelSize size, unsigned channels, std::size_t fileBytes,
              std::size_t mostPerByte, DecodedRows& rows);

}  // namespace brownout
