// PNG files with libpng. The library reports errors by calling a function that may not return; it
// leaves by longjmp, over no object that has a destructor.

#include <png.h>

#include <csetjmp>
#include <cstring>

#include "base/error.h"
#include "inference/data/readers/picture.h"

namespace brownout {
namespace {

/// Pixels that a byte of a file can give: deflate packs 1032 bytes into one, and a byte holds 8
/// pixels of one bit.
constexpr std::size_t kMostPerByte = 8 * 1040;

/// The bytes of a file, how far they are read, and the message of what went wrong.
struct PngSource {
    Span<const std::uint8_t> bytes;
    std::size_t at = 0;
    char message[200] = {};
};

void takeError(png_structp png, png_const_charp message) {
    auto* source = static_cast<PngSource*>(png_get_error_ptr(png));
    std::strncpy(source->message, message, sizeof source->message - 1);
    png_longjmp(png, 1);
}

void ignoreWarning(png_structp /*png*/, png_const_charp /*message*/) {}

void readBytes(png_structp png, png_bytep to, std::size_t count) {
    auto* source = static_cast<PngSource*>(png_get_io_ptr(png));
    if (count > source->bytes.size() - source->at) png_error(png, "the file ends within it");
    std::memcpy(to, source->bytes.data() + source->at, count);
    source->at += count;
}

/// The library's reader, freed at the end.
class PngReader {
 public:
    PngReader(const std::string& place, PngSource& source) {
        png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &source, takeError, ignoreWarning);
        info = png == nullptr ? nullptr : png_create_info_struct(png);
        if (info == nullptr) {
            free();
            throw Error(place, "the PNG library cannot be used");
        }
        png_set_read_fn(png, &source, readBytes);
        png_set_user_limits(png, 1U << 20, 1U << 20);
        png_set_chunk_malloc_max(png, 8U << 20);
        png_set_chunk_cache_max(png, 128);
    }
    PngReader(const PngReader&) = delete;
    PngReader& operator=(const PngReader&) = delete;
    ~PngReader() { free(); }

    png_structp png = nullptr;
    png_infop info = nullptr;

 private:
    void free() { png_destroy_read_struct(&png, &info, nullptr); }
};

/// The facts that the first chunks state.
struct PngHeader {
    png_uint_32 width = 0;
    png_uint_32 height = 0;
    int depth = 0;
    int colour = 0;
    unsigned channels = 0;  ///< channels of the rows that are asked for: 1 or 3, or 1 of 2 bytes
    std::size_t rowBytes = 0;
};

/// Reads the header and asks for rows of 8 bits a channel, but for 16-bit grey. Returns false after
/// an error.
bool readHeader(PngReader& reader, PngHeader& header) {
    // NOLINTNEXTLINE(cert-err52-cpp): the library has no other way
    if (setjmp(png_jmpbuf(reader.png)) != 0) return false;
    png_structp png = reader.png;
    png_read_info(png, reader.info);
    png_get_IHDR(png, reader.info, &header.width, &header.height, &header.depth, &header.colour,
                 nullptr, nullptr, nullptr);
    if (header.colour == PNG_COLOR_TYPE_PALETTE) png_set_palette_to_rgb(png);
    if (header.colour == PNG_COLOR_TYPE_GRAY && header.depth < 8) {
        png_set_expand_gray_1_2_4_to_8(png);
    }
    const bool grey16 = header.colour == PNG_COLOR_TYPE_GRAY && header.depth == 16;
    if (header.depth == 16 && !grey16) png_set_strip_16(png);
    png_set_strip_alpha(png);
    png_set_interlace_handling(png);
    png_read_update_info(png, reader.info);
    header.channels = png_get_channels(png, reader.info);
    header.rowBytes = png_get_rowbytes(png, reader.info);
    return true;
}

bool readRows(PngReader& reader, png_bytepp rows) {
    // NOLINTNEXTLINE(cert-err52-cpp)
    if (setjmp(png_jmpbuf(reader.png)) != 0) return false;
    png_read_image(reader.png, rows);
    png_read_end(reader.png, nullptr);
    return true;
}

}  // namespace

DecodedRows decodePng(const std::string& place, Span<const std::uint8_t> bytes) {
    PngSource source{bytes};
    PngReader reader(place, source);
    const auto damaged = [&] {
        return Error(place, std::string("is a damaged PNG picture (") + source.message + ")");
    };
    PngHeader header;
    if (!readHeader(reader, header)) throw damaged();
    DecodedRows decoded;
    const bool grey16 = header.depth == 16 && header.channels == 1 &&
                        header.rowBytes == std::size_t{2} * header.width;
    makeRoom(place, {header.height, header.width}, grey16 ? 2 : header.channels, bytes.size(),
             kMostPerByte, decoded);
    if (decoded.bytes.size() != header.rowBytes * header.height ||
        (header.channels != 1 && header.channels != 3)) {
        throw Error(place, "is a PNG picture of an unknown kind");
    }
    std::vector<png_bytep> rows(header.height);
    for (std::size_t y = 0; y < rows.size(); ++y) {
        rows[y] = decoded.bytes.data() + y * header.rowBytes;
    }
    if (!readRows(reader, rows.data())) throw damaged();
    if (grey16) {
        for (std::size_t i = 0; 2 * i < decoded.bytes.size(); ++i) {
            decoded.bytes[i] = decoded.bytes[2 * i] != 0 ? 255 : decoded.bytes[2 * i + 1];
        }
        decoded.bytes.resize(decoded.bytes.size() / 2);
        decoded.channels = 1;
    }
    return decoded;
}

}  // namespace brownout
