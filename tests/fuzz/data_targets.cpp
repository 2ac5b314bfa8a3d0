// The ways into the readers of data sets.

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "base/error.h"
#include "inference/data/readers/dataset_readers.h"
#include "inference/data/readers/picture.h"
#include "inference/data/readers/resample.h"
#include "tests/fuzz/fuzz_targets.h"

namespace brownout::fuzz {
namespace {

constexpr std::size_t kMost = 4;

void require(bool good, const char* what) {
    if (good) return;
    std::fprintf(stderr, "fuzz target: %s\n", what);
    std::abort();
}

/// Calls `read`, whose errors must be one line that begins with the input's name.
template <typename Read>
void expectErrorsOfOneLine(const Read& read) {
    try {
        read();
    } catch (const Error& error) {
        const std::string line = error.what();
        require(line.compare(0, 5, "input") == 0, "an error that names no place");
        require(line.size() < 4000 && line.find('\n') == std::string::npos, "a line break");
    }
}

/// Checks that what was read is a data set of at most kMost images.
void check(Dataset::Content content) {
    require(content.labels.size() <= kMost, "more images than were asked for");
    for (const std::int32_t label : content.labels) require(label >= 0, "a negative label");
    const Dataset data(std::move(content));
    std::vector<float> pixels(data.imageElements());
    data.read(data.size() - 1, 1, pixels.data());
}

/// The first byte chooses colours, a resize and a crop.
void fuzzPicture(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return;
    const std::uint8_t flags = data[0];
    Preprocessing steps;
    if ((flags & 2) != 0) steps.resize = PixelSize{1U + (flags >> 4), 0};
    if ((flags & 4) != 0) steps.resize = PixelSize{1U + (flags >> 4), 9};
    if ((flags & 8) != 0) steps.crop = PixelSize{5, 1U + (flags >> 4)};
    const Colour colour = (flags & 1) != 0 ? Colour::kGrey : Colour::kRgb;
    expectErrorsOfOneLine([&] {
        Picture picture = decodePicture("input", {data + 1, size - 1}, colour);
        require(picture.channels == ((flags & 1) != 0 ? 1U : 3U), "channels");
        if (picture.planeBytes() > 1U << 20) return;  // a matter of time
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
