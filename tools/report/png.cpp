#include "tools/report/png.h"

#include <zlib.h>

#include "base/error.h"

namespace brownout {
namespace {

void appendBigEndian(std::string& bytes, std::uint32_t number) {
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(number >> shift);
}

void appendChunk(std::string& file, const std::string& type, const std::string& data) {
    appendBigEndian(file, static_cast<std::uint32_t>(data.size()));
    const std::string checked = type + data;
    file += checked;
    appendBigEndian(
        file, static_cast<std::uint32_t>(::crc32(0, reinterpret_cast<const Bytef*>(checked.data()),
                                                 static_cast<uInt>(checked.size()))));
}

std::string deflated(const std::string& bytes) {
    uLongf size = ::compressBound(bytes.size());
    std::string packed(size, '\0');
    if (::compress2(reinterpret_cast<Bytef*>(packed.data()), &size,
                    reinterpret_cast<const Bytef*>(bytes.data()), bytes.size(),
                    Z_BEST_COMPRESSION) != Z_OK) {
        throw Error("fault map", "cannot be compressed");
    }
    packed.resize(size);
    return packed;
}

}  // namespace

std::string encodePng(const IndexedImage& image) {
    std::string file = "\x89PNG\r\n\x1a\n";
    std::string header;
    appendBigEndian(header, image.width);
    appendBigEndian(header, image.height);
    header += std::string("\x08\x03\x00\x00\x00", 5);  // 8 bits, palette, no interlacing
    appendChunk(file, "IHDR", header);

    std::string colours;
    std::string opacities;
    for (const auto& [red, green, blue, opacity] : image.palette) {
        for (const auto part : {red, green, blue}) colours += static_cast<char>(part);
        opacities += static_cast<char>(opacity);
    }
    appendChunk(file, "PLTE", colours);
    appendChunk(file, "tRNS", opacities);

    std::string lines;
    lines.reserve(image.pixels.size() + image.height);
    for (std::uint32_t y = 0; y < image.height; ++y) {
        lines += '\0';  // no filter
        lines.append(
            reinterpret_cast<const char*>(image.pixels.data()) + std::size_t{y} * image.width,
            image.width);
    }
    appendChunk(file, "IDAT", deflated(lines));
    appendChunk(file, "IEND", "");
    return file;
}

std::string base64(const std::string& bytes) {
    static constexpr char kDigits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        std::uint32_t group = 0;
        for (std::size_t j = 0; j < 3; ++j) {
            group <<= 8;
            if (i + j < bytes.size()) group |= static_cast<unsigned char>(bytes[i + j]);
        }
        for (std::size_t j = 0; j < 4; ++j) {
            text += i + j > bytes.size() ? '=' : kDigits[group >> (18 - 6 * j) & 63];
        }
    }
    return text;
}

}  // namespace brownout
