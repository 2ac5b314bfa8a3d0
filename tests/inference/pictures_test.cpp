// Pictures as Pillow and torchvision decode, convert, resize and crop them.

#include <sstream>

#include "base/atomic_file.h"
#include "inference/data/readers/picture.h"
#include "inference/data/readers/resample.h"
#include "tests/inference/data_folder.h"

namespace brownout::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

const fs::path kPictures = fs::path(BROWNOUT_INFERENCE_DATA) / "pictures";

Picture decode(const std::string& bytes, Colour colour = Colour::kRgb) {
    return decodePicture("it", {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()},
                         colour);
}

std::string refusal(const std::string& bytes) {
    try {
        decode(bytes);
        return "";
    } catch (const Error& error) {
        return error.what();
    }
}

Preprocessing steps(const std::string& resize, const std::string& crop) {
    PreprocessingOptions options;
    if (resize != "-") options.resize = resize;
    if (crop != "-") options.crop = crop;
    return preprocessingOf({}, options).steps;
}

std::vector<std::uint8_t> fromHex(const std::string& text) {
    std::vector<std::uint8_t> bytes;
    for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
        bytes.push_back(static_cast<std::uint8_t>(std::stoi(text.substr(i, 2), nullptr, 16)));
    }
    return bytes;
}

// pictures/make.py wrote the pictures, and what Pillow makes of them, to expected.txt. PNG files
// and all arithmetic on pixels must agree to the bit; JPEG decoders may differ by 1.
TEST(Pictures, AreDecodedConvertedResizedAndCroppedAsByPillow) {
    std::istringstream lines(readFile(kPictures / "expected.txt"));
    std::string name, mode, resize, crop, hex;
    PixelSize size;
    int cases = 0;
    while (lines >> name >> mode >> resize >> crop >> size.height >> size.width >> hex) {
        SCOPED_TRACE(name + " " + mode + " resize " + resize + " crop " + crop);
        const Colour colour = mode == "RGB" ? Colour::kRgb : Colour::kGrey;
        const Picture picture = resizedAndCropped("it", decode(readFile(kPictures / name), colour),
                                                  steps(resize, crop));
        EXPECT_EQ(picture.size, size);
        const std::vector<std::uint8_t> expected = fromHex(hex);
        ASSERT_EQ(picture.planes.size(), expected.size());
        const int most = name.find(".png") != std::string::npos ? 0 : 1;
        for (std::size_t i = 0; i < expected.size(); ++i) {
            ASSERT_LE(std::abs(picture.planes[i] - expected[i]), most) << "byte " << i;
        }
        ++cases;
    }
    EXPECT_EQ(cases, 2 * 19 + 7 + 2 + 7);
}

TEST(Pictures, SizesFollowTorchvision) {
    EXPECT_EQ(resizedSize({375, 500}, steps("256", "-")), (PixelSize{256, 341}));
    EXPECT_EQ(resizedSize({500, 375}, steps("256", "-")), (PixelSize{341, 256}));
    EXPECT_EQ(resizedSize({300, 300}, steps("256", "-")), (PixelSize{256, 256}));
    EXPECT_EQ(resizedSize({375, 500}, steps("10x20", "-")), (PixelSize{10, 20}));
    EXPECT_EQ(resizedSize({375, 500}, steps("-", "8")), (PixelSize{375, 500}));
}

TEST(Pictures, ThatEndTooSoonAreRefusedAndNeverFilledWithGrey) {
    for (const char* name : {"rgb.png", "palette.png", "ycc.jpg", "progressive.JPEG", "cmyk.jpg"}) {
        const std::string bytes = readFile(kPictures / name);
        EXPECT_EQ(refusal(bytes), "");
        for (std::size_t length = 0; length + 30 < bytes.size(); length += 3) {
            const std::string line = refusal(bytes.substr(0, length));
            ASSERT_NE(line, "") << name << " of " << length << " bytes";
            ASSERT_EQ(line.find('\n'), std::string::npos);
            ASSERT_EQ(line.compare(0, 4, "it: "), 0) << line;
        }
    }
    const std::string jpeg = readFile(kPictures / "ycc.jpg");
    EXPECT_EQ(refusal(jpeg.substr(0, jpeg.size() - 40)),
              "it: is a damaged JPEG picture (the file ends within it)");
    const std::string png = readFile(kPictures / "rgb.png");
    EXPECT_EQ(refusal(png.substr(0, png.size() - 40)),
              "it: is a damaged PNG picture (the file ends within it)");
    EXPECT_EQ(refusal("GIF89a.............."), "it: is neither a PNG nor a JPEG picture");
    EXPECT_EQ(refusal(""), "it: is empty");
}

// Sizes stand at byte 16 of a PNG and behind the frame's marker, FF C0, of a JPEG; the PNG's
// checksum of its header is that of zlib's crc32.
TEST(Pictures, ThatWouldFillTheMemoryAreRefusedBeforeTheyDo) {
    std::string jpeg = readFile(kPictures / "ycc.jpg");
    const std::size_t frame = jpeg.find("\xff\xc0");
    ASSERT_NE(frame, std::string::npos);
    jpeg.replace(frame + 5, 4, std::string("\xff\xdc\xff\xdc", 4));
    EXPECT_EQ(refusal(jpeg), "it: has 65500 x 65500 pixels, expected 1 to 67108864");
    jpeg.replace(frame + 5, 4, std::string("\x1f\x40\x1f\x40", 4));
    EXPECT_EQ(refusal(jpeg), "it: is too small for its 8000 x 8000 pixels: truncated or corrupted");
    const auto png = [](const std::string& size, const std::string& checksum) {
        std::string bytes = readFile(kPictures / "rgb.png");
        bytes.replace(16, 8, size);
        bytes.replace(29, 4, checksum);
        return bytes;
    };
    // 8000 x 8000 in 178 bytes, and 65536 x 65536.
    EXPECT_THAT(refusal(png(std::string("\0\0\x1f\x40\0\0\x1f\x40", 8), "\x89\x93\x3a\xa3")),
                HasSubstr("is too small for its 8000 x 8000 pixels"));
    EXPECT_THAT(refusal(png(std::string("\0\1\0\0\0\1\0\0", 8), "\xe3\xe6\xa7\xb4")),
                HasSubstr("has 65536 x 65536 pixels"));
}

TEST(Pictures, MayBeOnePixelAndGrowToMany) {
    Picture pixel;
    pixel.channels = 1;
    pixel.size = {1, 1};
    pixel.planes = {77};
    const Picture grown = resized(pixel, {3, 5});
    EXPECT_THAT(grown.planes, testing::AllOf(testing::SizeIs(15), testing::Each(77)));
}

}  // namespace
}  // namespace brownout::test
