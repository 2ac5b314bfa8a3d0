#include "model/accelerator/weight_order.h"

#include <algorithm>

namespace brownout {
namespace {

/// One of the two sizes, in blocks.
struct Blocked {
    std::uint64_t total = 1, block = 1;

    std::uint64_t blocks() const { return (total + block - 1) / block; }
    std::uint64_t begin(std::uint64_t number) const { return number * block; }
    std::uint64_t end(std::uint64_t number) const { return std::min(total, (number + 1) * block); }
};

}  // namespace

std::vector<std::uint32_t> weightOrder(const WeightBlocks& blocks, std::uint64_t depth,
                                       std::uint64_t filters) {
    const Blocked ofDepth{depth, std::max<std::uint64_t>(1, blocks.depth)};
    const Blocked ofFilters{filters, std::max<std::uint64_t>(1, blocks.filters)};
    const Blocked& outer = blocks.filtersOutside ? ofFilters : ofDepth;
    const Blocked& inner = blocks.filtersOutside ? ofDepth : ofFilters;
    const std::uint64_t tile = std::max<std::uint64_t>(1, blocks.tile);
    std::vector<std::uint32_t> order;
    order.reserve(depth * filters);
    const auto addBlock = [&](std::uint64_t filterBlock, std::uint64_t depthBlock) {
        for (std::uint64_t n = ofFilters.begin(filterBlock); n < ofFilters.end(filterBlock); ++n) {
            for (std::uint64_t k = ofDepth.begin(depthBlock); k < ofDepth.end(depthBlock); ++k) {
                order.push_back(static_cast<std::uint32_t>(n * depth + k));
            }
        }
    };
    for (std::uint64_t first = 0; first < outer.blocks(); first += tile) {
        for (std::uint64_t within = 0; within < inner.blocks(); ++within) {
            for (std::uint64_t o = first; o < std::min(outer.blocks(), first + tile); ++o) {
                blocks.filtersOutside ? addBlock(o, within) : addBlock(within, o);
            }
        }
    }
    return order;
}

}  // namespace brownout
