#include "tools/report/fault_map.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "tests/results/sample_campaign.h"
#include "tools/report/png.h"

namespace brownout {
namespace {

using testing::HasSubstr;

std::uint32_t bigEndian(const std::string& bytes, std::size_t at) {
    std::uint32_t number = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        number = number << 8 | static_cast<unsigned char>(bytes.at(at + i));
    }
    return number;
}

/// A PNG reader just for what we write: checks each chunk's CRC and gives back the pixels.
IndexedImage decodePng(const std::string& png) {
    IndexedImage image;
    std::string packed;
    EXPECT_EQ(png.substr(0, 8), "\x89PNG\r\n\x1a\n");
    std::size_t at = 8;
    std::string type;
    while (type != "IEND") {
        const auto size = bigEndian(png, at);
        type = png.substr(at + 4, 4);
        const auto data = png.substr(at + 8, size);
        const auto checked = type + data;
        EXPECT_EQ(bigEndian(png, at + 8 + size),
                  ::crc32(0, reinterpret_cast<const Bytef*>(checked.data()),
                          static_cast<uInt>(checked.size())));
        if (type == "IHDR") {
            image.width = bigEndian(data, 0);
            image.height = bigEndian(data, 4);
        }
        if (type == "IDAT") packed += data;
        at += 12 + size;
    }
    EXPECT_EQ(at, png.size());
    uLongf size = (image.width + 1UL) * image.height;
    std::string lines(size, '\0');
    EXPECT_EQ(::uncompress(reinterpret_cast<Bytef*>(lines.data()), &size,
                           reinterpret_cast<const Bytef*>(packed.data()), packed.size()),
              Z_OK);
    EXPECT_EQ(size, lines.size());
    for (std::uint32_t y = 0; y < image.height; ++y) {
        const auto line = lines.substr(y * (image.width + 1UL), image.width + 1UL);
        EXPECT_EQ(line[0], '\0');
        image.pixels.insert(image.pixels.end(), line.begin() + 1, line.end());
    }
    return image;
}

std::size_t count(const IndexedImage& image, int ink) {
    return static_cast<std::size_t>(std::count(image.pixels.begin(), image.pixels.end(), ink));
}

TEST(Png, ComesBackPixelForPixel) {
    IndexedImage image;
    image.width = 5;
    image.height = 3;
    image.palette = {{0, 0, 0, 0}, {255, 0, 0, 255}, {0, 0, 255, 128}};
    for (std::uint8_t i = 0; i < 15; ++i) image.pixels.push_back(i % 3);
    const auto back = decodePng(encodePng(image));
    EXPECT_EQ(back.width, 5U);
    EXPECT_EQ(back.height, 3U);
    EXPECT_EQ(back.pixels, image.pixels);
}

// Test vectors of RFC 4648, section 10.
TEST(Base64, AgreesWithTheStandardsVectors) {
    EXPECT_EQ(base64(""), "");
    EXPECT_EQ(base64("f"), "Zg==");
    EXPECT_EQ(base64("fo"), "Zm8=");
    EXPECT_EQ(base64("foo"), "Zm9v");
    EXPECT_EQ(base64("foob"), "Zm9vYg==");
    EXPECT_EQ(base64("fooba"), "Zm9vYmE=");
    EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
    EXPECT_EQ(base64("\xff\xfe"), "//4=");
}

TEST(FaultMap, ShowsEveryCellWhereManyFail) {
    const SramGeometry geometry{2, 300, 64, 1};
    std::vector<FaultyCell> cells;
    for (std::uint32_t i = 0; i < 21000; ++i) {
        cells.push_back({i, 1.F, i % 3 != 0 ? 1.F : 0.F, i % 3 != 1 ? 1.F : 0.F});
    }
    const auto map = drawFaultMap(geometry, cells);
    EXPECT_EQ(map.cellsPerPixel, 1U);
    EXPECT_EQ(map.markPixels, 1U);
    EXPECT_EQ(map.only1to0, 7000U);
    EXPECT_EQ(map.only0to1, 7000U);
    EXPECT_EQ(map.bothWays, 7000U);
    const auto image = decodePng(map.png);
    EXPECT_EQ(count(image, 2), 7000U);
    EXPECT_EQ(count(image, 3), 7000U);
    EXPECT_EQ(count(image, 4), 7000U);
    EXPECT_EQ(count(image, 1), 2 * 300 * 64 - 21000U);
}

TEST(FaultMap, MarksAFewCellsLargeEnoughToBeSeen) {
    const SramGeometry geometry{32, 512, 64, 1};
    const FaultyCell inTheMiddle{std::uint32_t{200} * 64 + 32, 1.F, 1.F, 0.F};
    const FaultyCell inACorner{0, 1.F, 0.F, 1.F};
    const std::vector<FaultyCell> cells = {inTheMiddle, inACorner};
    const auto map = drawFaultMap(geometry, cells);
    EXPECT_EQ(map.markPixels, 7U);
    const auto image = decodePng(map.png);
    EXPECT_EQ(count(image, 2), 49U);
    EXPECT_EQ(count(image, 3), 16U) << "cut at the edges of its array";
}

TEST(FaultMap, OfALargeChipStaysSmall) {
    for (const SramGeometry geometry :
         {SramGeometry{2060, 1024, 16, 1}, SramGeometry{1, 65536, 64, 1},
          SramGeometry{4096, 8192, 128, 2}, SramGeometry{100000, 8, 8, 1}}) {
        const std::vector<FaultyCell> cells = {
            {static_cast<std::uint32_t>(geometry.cells() - 1), 1.F, 1.F, 1.F}};
        const auto map = drawFaultMap(geometry, cells);
        EXPECT_LE(map.width, 1600U);
        EXPECT_LE(map.height, 2000U);
        EXPECT_GT(count(decodePng(map.png), 4), 0U);
    }
}

TEST(FaultMap, WithoutFaultsIsDrawnToo) {
    EXPECT_EQ(count(decodePng(drawFaultMap(SramGeometry{}, {}).png), 1), 512U * 64U);
}

TEST(FaultMap, RefusesACellOutsideTheChip) {
    const std::vector<FaultyCell> cells = {{512 * 64, 1.F, 1.F, 1.F}};
    EXPECT_THAT(errorOf([&] { drawFaultMap(SramGeometry{}, cells); }), HasSubstr("cell 32768"));
}

}  // namespace
}  // namespace brownout
