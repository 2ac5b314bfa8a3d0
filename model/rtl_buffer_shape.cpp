#include "model/rtl_buffer_shape.h"

#include "base/error.h"
#include "model/check_placement.h"

namespace brownout {
namespace {

std::string shapeOf(const SramGeometry& geometry) {
    return std::to_string(geometry.arrays) + " data arrays of " + std::to_string(geometry.rows) +
           " x " + std::to_string(geometry.columns) + " (column mux " +
           std::to_string(geometry.columnMux) + ": " + std::to_string(geometry.wordsPerArray()) +
           " words of " + std::to_string(geometry.wordBits()) + " bits)";
}

}  // namespace

void checkFits(const RtlBufferShape& buffer, const SramGeometry& chip, const Protection& protection,
               const std::string& chipName) {
    requireSingleWords(protection, "the RTL buffer " + buffer.name);
    const SramGeometry data = CheckPlacement(chip, protection).dataGeometry();
    std::string expected;
    if (data.wordBits() != buffer.dataBits) {
        expected = "words of " + std::to_string(buffer.dataBits) + " bits";
    } else if (buffer.rowsPerBank > 0 && data.wordsPerArray() > buffer.rowsPerBank) {
        expected = "at most " + std::to_string(buffer.rowsPerBank) + " words an array";
    } else if (buffer.rowsPerBank > 0 && data.arrays > buffer.words / buffer.rowsPerBank) {
        expected = "at most " + std::to_string(buffer.words / buffer.rowsPerBank) + " data arrays";
    } else if (data.words() > buffer.words) {
        expected = "at most " + std::to_string(buffer.words) + " words";
    } else {
        return;
    }
    throw Error(chipName, shapeOf(data) + " don't fit the RTL buffer " + buffer.name +
                              "; it takes " + expected);
}

}  // namespace brownout
