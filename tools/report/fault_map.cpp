#include "tools/report/fault_map.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "tools/report/png.h"

namespace brownout {
namespace {

constexpr std::uint32_t kMaxWidth = 1600;
constexpr std::uint32_t kMaxHeight = 2000;
constexpr std::uint32_t kGap = 8;

enum Ink : std::uint8_t { kPaper, kArray, k0to1, k1to0, kBoth };

/// Where the tiles go.
struct Tiling {
    std::uint32_t across = 1;         ///< tiles side by side
    std::uint32_t cellsPerPixel = 1;  ///< along each side
    std::uint32_t tileWidth = 1;      ///< pixels
    std::uint32_t tileHeight = 1;
    std::uint32_t gap = kGap;
    std::uint32_t width = 1;
    std::uint32_t height = 1;
};

Tiling tilingFor(const SramGeometry& geometry, std::uint32_t across, std::uint32_t cellsPerPixel) {
    Tiling tiling;
    tiling.across = across;
    tiling.cellsPerPixel = cellsPerPixel;
    tiling.tileWidth = (geometry.columns + cellsPerPixel - 1) / cellsPerPixel;
    tiling.tileHeight = (geometry.rows + cellsPerPixel - 1) / cellsPerPixel;
    tiling.gap =
        std::clamp<std::uint32_t>(std::min(tiling.tileWidth, tiling.tileHeight) / 4, 1, kGap);
    const auto down = (geometry.arrays + across - 1) / across;
    tiling.width = across * (tiling.tileWidth + tiling.gap) + tiling.gap;
    tiling.height = down * (tiling.tileHeight + tiling.gap) + tiling.gap;
    return tiling;
}

/// Returns how far a tiling is from a picture a little wider than high, without empty places.
double badness(const Tiling& tiling, std::uint32_t arrays) {
    const double aspect = static_cast<double>(tiling.width) / tiling.height;
    const auto down = (arrays + tiling.across - 1) / tiling.across;
    const double empty = static_cast<double>(down) * tiling.across / arrays - 1;
    return std::abs(std::log(aspect / 1.3)) + 2 * empty;
}

Tiling bestTiling(const SramGeometry& geometry) {
    for (std::uint32_t cellsPerPixel = 1;; ++cellsPerPixel) {
        Tiling best = tilingFor(geometry, 1, cellsPerPixel);
        // No picture is wider than it has pixels, so more tiles side by side than that can't fit.
        const auto most = std::min(geometry.arrays, kMaxWidth);
        for (std::uint32_t across = 2; across <= most; ++across) {
            const auto tiling = tilingFor(geometry, across, cellsPerPixel);
            if (badness(tiling, geometry.arrays) < badness(best, geometry.arrays)) best = tiling;
        }
        const bool fits = best.width <= kMaxWidth && best.height <= kMaxHeight;
        const bool smallest = best.tileWidth == 1 && best.tileHeight == 1;
        if (fits || smallest) return best;
    }
}

/// A lone pixel can't be seen on a phone: where few cells fail, each gets a larger mark.
std::uint32_t markFor(std::size_t failing) {
    return failing <= 500 ? 7 : failing <= 3000 ? 5 : failing <= 20000 ? 3 : 1;
}

Ink inkOf(const FaultyCell& cell) {
    if (cell.p01 > 0 && cell.p10 > 0) return kBoth;
    return cell.p01 > 0 ? k0to1 : k1to0;
}

void drawMark(IndexedImage& image, const Tiling& tiling, const CellAddress& address,
              std::uint32_t markPixels, Ink ink) {
    const std::int64_t left =
        tiling.gap + address.array % tiling.across * (tiling.tileWidth + tiling.gap);
    const std::int64_t top =
        tiling.gap + address.array / tiling.across * (tiling.tileHeight + tiling.gap);
    const std::int64_t x = left + address.column / tiling.cellsPerPixel;
    const std::int64_t y = top + address.row / tiling.cellsPerPixel;
    const std::int64_t reach = markPixels / 2;
    for (auto py = std::max(top, y - reach); py <= std::min(top + tiling.tileHeight - 1, y + reach);
         ++py) {
        for (auto px = std::max(left, x - reach);
             px <= std::min(left + tiling.tileWidth - 1, x + reach); ++px) {
            auto& pixel = image.at(static_cast<std::uint32_t>(px), static_cast<std::uint32_t>(py));
            const bool otherWay = pixel > kArray && pixel != ink;
            // Several cells share a pixel only in scaled-down pictures; marks may overlap freely.
            pixel = otherWay && tiling.cellsPerPixel > 1 ? kBoth : ink;
        }
    }
}

void drawArrays(IndexedImage& image, const Tiling& tiling, std::uint32_t arrays) {
    for (std::uint32_t array = 0; array < arrays; ++array) {
        const auto left = tiling.gap + array % tiling.across * (tiling.tileWidth + tiling.gap);
        const auto top = tiling.gap + array / tiling.across * (tiling.tileHeight + tiling.gap);
        for (std::uint32_t y = 0; y < tiling.tileHeight; ++y) {
            auto* row = &image.at(left, top + y);
            std::fill(row, row + tiling.tileWidth, kArray);
        }
    }
}

}  // namespace

FaultMapImage drawFaultMap(const SramGeometry& geometry, Span<const FaultyCell> failing) {
    geometry.validate();
    const auto tiling = bestTiling(geometry);
    IndexedImage image;
    image.width = tiling.width;
    image.height = tiling.height;
    // Paper is transparent and an array half so: both fit light and dark pages.
    image.palette = {{0, 0, 0, 0},
                     {128, 128, 128, 46},
                     {0xd5, 0x5e, 0x00, 255},
                     {0x00, 0x72, 0xb2, 255},
                     {0xcc, 0x79, 0xa7, 255}};
    image.pixels.assign(std::size_t{tiling.width} * tiling.height, kPaper);
    drawArrays(image, tiling, geometry.arrays);

    FaultMapImage map;
    map.width = tiling.width;
    map.height = tiling.height;
    map.cellsPerPixel = tiling.cellsPerPixel;
    map.markPixels = markFor(failing.size());
    for (const auto& cell : failing) {
        if (cell.cell >= geometry.cells()) {
            throw Error("fault map", "cell " + std::to_string(cell.cell) +
                                         " is outside a chip of " +
                                         std::to_string(geometry.cells()) + " cells");
        }
        const Ink ink = inkOf(cell);
        (ink == kBoth ? map.bothWays : ink == k0to1 ? map.only0to1 : map.only1to0) += 1;
        drawMark(image, tiling, addressOfCell(geometry, cell.cell), map.markPixels, ink);
    }
    map.png = encodePng(image);
    return map;
}

}  // namespace brownout
