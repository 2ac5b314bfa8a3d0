#include "inference/data/readers/picture.h"

#include <cstring>

#include "base/error.h"

namespace brownout {
namespace {

bool startsWith(Span<const std::uint8_t> bytes, const char* magic, std::size_t count) {
    return bytes.size() >= count && std::memcmp(bytes.data(), magic, count) == 0;
}

bool looksLikePng(Span<const std::uint8_t> bytes) {
    return startsWith(bytes, "\x89PNG\r\n\x1a\n", 8);
}

bool looksLikeJpeg(Span<const std::uint8_t> bytes) { return startsWith(bytes, "\xff\xd8\xff", 3); }

/// Returns the luma of ITU-R 601-2 in 16-bit fixed point, rounded: Pillow's "L".
std::uint8_t greyOf(const std::uint8_t* rgb) {
    return static_cast<std::uint8_t>(
        (rgb[0] * 19595U + rgb[1] * 38470U + rgb[2] * 7471U + 32768U) >> 16);
}

}  // namespace

bool looksLikePicture(Span<const std::uint8_t> bytes) {
    return looksLikePng(bytes) || looksLikeJpeg(bytes);
}

void makeRoom(const std::string& place, PixelSize size, unsigned channels, std::size_t fileBytes,
              std::size_t mostPerByte, DecodedRows& rows) {
    const std::size_t pixels = std::size_t{size.height} * size.width;
    const std::string sides = std::to_string(size.height) + " x " + std::to_string(size.width);
    if (pixels == 0 || pixels > kMostPicturePixels) {
        throw Error(
            place, "has " + sides + " pixels, expected 1 to " + std::to_string(kMostPicturePixels));
    }
    if (pixels / mostPerByte > fileBytes) {
        throw Error(place, "is too small for its " + sides + " pixels: truncated or corrupted");
    }
    rows.channels = channels;
    rows.size = size;
    rows.bytes.resize(pixels * channels);
}

Picture decodePicture(const std::string& place, Span<const std::uint8_t> bytes, Colour colour) {
    if (bytes.empty()) throw Error(place, "is empty");
    if (!looksLikePicture(bytes)) throw Error(place, "is neither a PNG nor a JPEG picture");
    DecodedRows rows = looksLikePng(bytes) ? decodePng(place, bytes) : decodeJpeg(place, bytes);
    Picture picture;
    picture.size = rows.size;
    picture.channels = colour == Colour::kRgb ? 3 : 1;
    const std::size_t pixels = picture.planeBytes();
    const std::uint8_t* from = rows.bytes.data();
    if (rows.channels == 1 && picture.channels == 1) {
        picture.planes = std::move(rows.bytes);
        return picture;
    }
    picture.planes.resize(pixels * picture.channels);
    if (picture.channels == 1) {
        for (std::size_t i = 0; i < pixels; ++i) picture.planes[i] = greyOf(from + 3 * i);
        return picture;
    }
    for (std::size_t i = 0; i < pixels; ++i) {
        for (std::size_t c = 0; c < 3; ++c) {
            picture.planes[c * pixels + i] = rows.channels == 1 ? from[i] : from[3 * i + c];
        }
    }
    return picture;
}

}  // namespace brownout
