// Data sets in NumPy's .npy files.

#include <algorithm>

#include "base/error.h"
#include "base/npy_elements.h"
#include "inference/data/readers/dataset_readers.h"
#include "inference/data/readers/number_arrays.h"

namespace brownout {
namespace {

constexpr std::uint64_t kMostFortranElements = std::uint64_t{1} << 32;
constexpr std::size_t kPiece = std::size_t{1} << 16;

/// Reads the elements of the first `rows` rows of an array whose first axis runs fastest, so that
/// they are spread over all of the file.
template <typename Number>
std::vector<Number> readFortranRows(Input& input, const NpyHeader& header, std::uint64_t rows) {
    if (header.elements() > kMostFortranElements) {
        throw input.error("has the shape " + npyShape(header) +
                          " in Fortran order, of which all would have to be read; store it in C "
                          "order");
    }
    std::vector<Number> kept;  // in the order of the file
    readNpyElements(input, header, header.elements(),
                    [&](std::uint64_t number, std::uint64_t bits) {
                        if (number % header.shape[0] < rows) {
                            kept.push_back(static_cast<Number>(npyNumber(bits, header)));
                        }
                    });
    std::vector<Number> ordered(kept.size());
    const std::size_t rank = header.shape.size();
    std::vector<std::uint64_t> stride(rank, 1);  // in C order
    for (std::size_t axis = rank - 1; axis-- > 0;) {
        stride[axis] = stride[axis + 1] * header.shape[axis + 1];
    }
    std::vector<std::uint64_t> at(rank, 0);
    std::uint64_t to = 0;
    for (const Number value : kept) {
        ordered[to] = value;
        for (std::size_t axis = 0; axis < rank; ++axis) {
            to += stride[axis];
            if (++at[axis] < (axis == 0 ? rows : header.shape[axis])) break;
            to -= at[axis] * stride[axis];
            at[axis] = 0;
        }
    }
    return ordered;
}

/// Reads the elements of the first `rows` rows, the last axis running fastest. Memory grows with
/// what is really there.
template <typename Number>
std::vector<Number> readRows(Input& input, const NpyHeader& header, std::uint64_t rows) {
    if (header.fortranOrder && header.shape.size() > 1) {
        return readFortranRows<Number>(input, header, rows);
    }
    std::vector<Number> numbers;
    readNpyElements(input, header, header.elements() / header.shape[0] * rows,
                    [&](std::uint64_t, std::uint64_t bits) {
                        numbers.push_back(static_cast<Number>(npyNumber(bits, header)));
                    });
    return numbers;
}

/// Reads the header of an array of at least one row, and returns how many of them to read. Throws
/// Error naming the input if those take more than kMaxDatasetBytes.
NpyHeader readHeader(Input& input, std::size_t most, std::uint64_t& rows) {
    NpyHeader header = readNpyHeader(input);
    if (header.shape.empty() || header.elements() == 0) {
        throw input.error("has the shape " + npyShape(header) + ", expected (N, ...)");
    }
    rows = std::min<std::uint64_t>(most, header.shape[0]);
    const std::uint64_t elementBytes = header.bytes == 1 ? 1 : sizeof(float);
    if (header.elements() / header.shape[0] > kMaxDatasetBytes / elementBytes / rows) {
        throw tooManyImages(input.name());
    }
    return header;
}

/// Reads the first `rows` rows of bytes as they are, where they lie in C order.
std::vector<std::uint8_t> readByteRows(Input& input, const NpyHeader& header, std::uint64_t rows) {
    if (header.fortranOrder && header.shape.size() > 1) {
        return readFortranRows<std::uint8_t>(input, header, rows);
    }
    std::vector<std::uint8_t> bytes;
    const std::size_t count = header.elements() / header.shape[0] * rows;
    while (bytes.size() < count) {
        const std::size_t before = bytes.size();
        bytes.resize(std::min(count, before + std::max(kPiece, before)));
        const std::size_t got =
            input.read(reinterpret_cast<char*>(bytes.data()) + before, bytes.size() - before);
        if (before + got < bytes.size()) throw npyEndsEarly(input, header, before + got);
    }
    char more = 0;
    if (rows == header.shape[0] && input.read(&more, 1) != 0) throw npyGoesOn(input, header);
    return bytes;
}

}  // namespace

Dataset::Content readNpyPair(Input& images, Input& labels, std::size_t most) {
    Dataset::Content content;
    content.place = images.name();
    std::uint64_t rows = 0;
    const NpyHeader pixels = readHeader(images, most, rows);
    content.shape = shapeOfImages(pixels.shape, images.name());
    if (pixels.kind == NpyKind::kUnsigned && pixels.bytes == 1) {
        content.bytes = readByteRows(images, pixels, rows);
    } else {
        content.floats = readRows<float>(images, pixels, rows);
        checkFinite(content, images.name());
    }
    const NpyHeader classes = readHeader(labels, most, rows);
    checkLabelSizes(classes.shape, pixels.shape[0], labels.name());
    content.labels = classesOf(readRows<double>(labels, classes, rows),
                               classes.shape.size() == 2 ? classes.shape[1] : 1, labels.name());
    return content;
}

}  // namespace brownout
