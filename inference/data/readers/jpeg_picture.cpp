// JPEG files with libjpeg-turbo. The library reports errors by calling a function that may not
// return; it leaves by longjmp, over no object that has a destructor.

#include <csetjmp>
#include <cstddef>
#include <cstdio>
// The library's header needs <cstdio> before it.
#include <jpeglib.h>

#include <cstring>

#include "base/error.h"
#include "inference/data/readers/picture.h"

namespace brownout {
namespace {

/// Scans of a progressive picture: encoders write some ten. Each takes the time of a whole picture.
constexpr int kMostScans = 500;

/// Pixels that a byte of Huffman codes can give: a bit at least for each block of 8 x 8.
constexpr std::size_t kMostPerByte = 512;

/// The library's error handler, with the way out and the message.
struct JpegErrors {
    jpeg_error_mgr manager;  ///< first, so that the library's pointer is one to this
    std::jmp_buf out;
    char message[JMSG_LENGTH_MAX];
};

JpegErrors& errorsOf(j_common_ptr jpeg) { return *reinterpret_cast<JpegErrors*>(jpeg->err); }

[[noreturn]] void leave(j_common_ptr jpeg) {
    jpeg->err->format_message(jpeg, errorsOf(jpeg).message);
    std::longjmp(errorsOf(jpeg).out, 1);
}

[[noreturn]] void leaveWith(j_common_ptr jpeg, const char* message) {
    std::strncpy(errorsOf(jpeg).message, message, JMSG_LENGTH_MAX - 1);
    std::longjmp(errorsOf(jpeg).out, 1);
}

void ignoreMessage(j_common_ptr /*jpeg*/, int /*level*/) {}

void nothing(j_decompress_ptr /*jpeg*/) {}

/// The library asks for more bytes than there are. It would take grey for the rest of the picture.
boolean endOfBytes(j_decompress_ptr jpeg) {
    leaveWith(reinterpret_cast<j_common_ptr>(jpeg), "the file ends within it");
}

void skipBytes(j_decompress_ptr jpeg, long count) {
    if (count <= 0) return;
    if (static_cast<std::size_t>(count) > jpeg->src->bytes_in_buffer) endOfBytes(jpeg);
    jpeg->src->next_input_byte += count;
    jpeg->src->bytes_in_buffer -= static_cast<std::size_t>(count);
}

void countScans(j_common_ptr jpeg) {
    if (reinterpret_cast<j_decompress_ptr>(jpeg)->input_scan_number > kMostScans) {
        leaveWith(jpeg, "more than 500 scans");
    }
}

/// The library's decompressor and all that it points to, freed at the end.
class JpegReader {
 public:
    explicit JpegReader(Span<const std::uint8_t> bytes) {
        jpeg.err = jpeg_std_error(&errors.manager);
        errors.manager.error_exit = leave;
        errors.manager.emit_message = ignoreMessage;
        source.next_input_byte = bytes.data();
        source.bytes_in_buffer = bytes.size();
        source.init_source = nothing;
        source.fill_input_buffer = endOfBytes;
        source.skip_input_data = skipBytes;
        source.resync_to_restart = jpeg_resync_to_restart;
        source.term_source = nothing;
        progress.progress_monitor = countScans;
    }
    JpegReader(const JpegReader&) = delete;
    JpegReader& operator=(const JpegReader&) = delete;
    ~JpegReader() { jpeg_destroy_decompress(&jpeg); }

    JpegErrors errors{};
    jpeg_source_mgr source{};
    jpeg_progress_mgr progress{};
    jpeg_decompress_struct jpeg{};
};

/// Reads the header and chooses the colours of the rows. Returns false after an error.
bool readHeader(JpegReader& reader) {
    // NOLINTNEXTLINE(cert-err52-cpp): the library has no other way
    if (setjmp(reader.errors.out) != 0) return false;
    jpeg_create_decompress(&reader.jpeg);
    reader.jpeg.src = &reader.source;
    reader.jpeg.progress = &reader.progress;
    jpeg_read_header(&reader.jpeg, TRUE);
    if (reader.jpeg.num_components == 1) {
        reader.jpeg.out_color_space = JCS_GRAYSCALE;
    } else if (reader.jpeg.num_components == 4) {
        reader.jpeg.out_color_space = JCS_CMYK;
    } else {
        reader.jpeg.out_color_space = JCS_RGB;
    }
    jpeg_calc_output_dimensions(&reader.jpeg);
    return true;
}

bool readRows(JpegReader& reader, std::uint8_t* rows, std::size_t rowBytes) {
    // NOLINTNEXTLINE(cert-err52-cpp)
    if (setjmp(reader.errors.out) != 0) return false;
    jpeg_start_decompress(&reader.jpeg);
    while (reader.jpeg.output_scanline < reader.jpeg.output_height) {
        JSAMPROW row = rows + reader.jpeg.output_scanline * rowBytes;
        jpeg_read_scanlines(&reader.jpeg, &row, 1);
    }
    return true;
}

/// Returns a * b / 255, rounded.
unsigned share(unsigned a, unsigned b) {
    const unsigned product = a * b + 128;
    return ((product >> 8) + product) >> 8;
}

/// Makes red, green and blue of inks that are stored inverted, as Pillow does.
void inksToRgb(std::vector<std::uint8_t>& bytes) {
    for (std::size_t i = 0; 4 * i < bytes.size(); ++i) {
        const unsigned white = bytes[4 * i + 3];
        for (std::size_t c = 0; c < 3; ++c) {
            const unsigned ink = 255U - bytes[4 * i + c];
            bytes[3 * i + c] = static_cast<std::uint8_t>(white - share(ink, white));
        }
    }
    bytes.resize(bytes.size() / 4 * 3);
}

}  // namespace

DecodedRows decodeJpeg(const std::string& place, Span<const std::uint8_t> bytes) {
    JpegReader reader(bytes);
    const auto damaged = [&] {
        return Error(place,
                     std::string("is a damaged JPEG picture (") + reader.errors.message + ")");
    };
    if (!readHeader(reader)) throw damaged();
    DecodedRows decoded;
    const auto channels = static_cast<unsigned>(reader.jpeg.out_color_components);
    makeRoom(place, {reader.jpeg.output_height, reader.jpeg.output_width}, channels, bytes.size(),
             reader.jpeg.arith_code != 0 ? kMostPicturePixels : kMostPerByte, decoded);
    if (!readRows(reader, decoded.bytes.data(), std::size_t{decoded.size.width} * channels)) {
        throw damaged();
    }
    if (channels == 4) {
        inksToRgb(decoded.bytes);
        decoded.channels = 3;
    }
    return decoded;
}

}  // namespace brownout
