// The ways into the readers of data sets.

#include <algorithm>

#include "inference/data/readers/dataset_readers.h"
#include "inference/data/readers/picture.h"
#include "inference/data/readers/resample.h"
#include "tests/fuzz/expectations.h"
#include "tests/fuzz/fuzz_targets.h"

namespace brownout::fuzz {
namespace {

constexpr std::size_t kMost = 4;

/// Checks that what was read is a data set of at most kMost images.
void check(Dataset::Content content) {
    require(content.labels.size() <= kMost, "more images than were asked for");
    for (const std::int32_t label : content.labels) require(label >= 0, "a negative label");
    const Dataset data(std::move(content));
    std::vector<float> pixels(data.imageElements());
    data.read(data.size() - 1, 1, pixels.data());
}

/// Returns whether a picture is large enough to take long, and not so large that it is refused for
/// its pixels or for the bytes that they are said to fit in: a matter of time, not of bytes. Sizes
/// are looked for wherever a JPEG's header may stand.
bool takesLong(const std::uint8_t* bytes, std::size_t size) {
    const auto is = [&](std::uint64_t height, std::uint64_t width, std::uint64_t mostPerByte) {
        const std::uint64_t pixels = height * width;
        return pixels > 1U << 12 && pixels <= kMostPicturePixels && pixels / mostPerByte <= size;
    };
    const auto number = [&](std::size_t at, int digits) {
        std::uint64_t value = 0;
        for (int i = 0; i < digits; ++i) value = value << 8 | bytes[at + i];
        return value;
    };
    if (size >= 24 && bytes[0] == 0x89) return is(number(20, 4), number(16, 4), 8320);
    for (std::size_t i = 0; i + 9 <= size; ++i) {
        if (bytes[i] != 0xFF || bytes[i + 1] < 0xC0 || bytes[i + 1] > 0xCF) continue;
        // From 0xC8 on codes are arithmetic, of which a byte may give any number of pixels.
        const std::uint64_t mostPerByte = bytes[i + 1] < 0xC8 ? 512 : kMostPicturePixels;
        if (is(number(i + 5, 2), number(i + 7, 2), mostPerByte)) return true;
    }
    return false;
}

/// The first byte chooses colours, a resize and a crop.
void fuzzPicture(const std::uint8_t* data, std::size_t size) {
    if (size == 0 || takesLong(data + 1, size - 1)) return;
    const std::uint8_t flags = data[0];
    Preprocessing steps;
    if ((flags & 2) != 0) steps.resize = PixelSize{1U + (flags >> 4), 0};
    if ((flags & 4) != 0) steps.resize = PixelSize{1U + (flags >> 4), 9};
    if ((flags & 8) != 0) steps.crop = PixelSize{5, 1U + (flags >> 4)};
    const Colour colour = (flags & 1) != 0 ? Colour::kGrey : Colour::kRgb;
    expectErrorsOfOneLine([&] {
        Picture picture = decodePicture("input", {data + 1, size - 1}, colour);
        require(picture.channels == ((flags & 1) != 0 ? 1U : 3U), "channels");
        picture = resizedAndCropped("input", std::move(picture), steps);
        require(picture.planes.size() == picture.channels * picture.planeBytes(), "pixels");
    });
}

void fuzzPictureList(const std::uint8_t* data, std::size_t size) {
    const auto input = memoryInput("input", {reinterpret_cast<const char*>(data), size});
    expectErrorsOfOneLine([&] {
        const auto pictures = readPictureList(*input, "folder", kMost);
        require(!pictures.empty() && pictures.size() <= kMost, "pictures");
        for (const LabelledPicture& picture : pictures) require(picture.label >= 0, "a label");
    });
}

/// The first byte says how long the images' file is; the rest is that of the labels.
void fuzzNpyPair(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return;
    const std::string bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    const std::size_t length = std::min<std::size_t>(bytes.size(), data[0]);
    const auto images = memoryInput("input images", bytes.substr(0, length));
    const auto labels = memoryInput("input labels", bytes.substr(length));
    expectErrorsOfOneLine([&] { check(readNpyPair(*images, *labels, kMost)); });
}

void fuzzNpz(const std::uint8_t* data, std::size_t size) {
    expectErrorsOfOneLine([&] { check(readNpz("input", {data, size}, kMost)); });
}

void fuzzPickle(const std::uint8_t* data, std::size_t size) {
    expectErrorsOfOneLine([&] { check(readPythonBatch("input", {data, size}, kMost)); });
}

}  // namespace

std::vector<FuzzTarget> dataTargets() {
    return {{"picture", fuzzPicture},
            {"picture-list", fuzzPictureList},
            {"npy-pair", fuzzNpyPair},
            {"npz", fuzzNpz},
            {"pickle", fuzzPickle}};
}

}  // namespace brownout::fuzz
