#include "inference/data/layout.h"

#include <algorithm>

#include "base/error.h"

namespace brownout {
namespace {

/// Returns `known` if it is a shape that `network` allows.
bool matches(const Shape& network, const Shape& known) {
    return std::equal(
        network.begin(), network.end(), known.begin(), known.end(),
        [](std::int64_t wanted, std::int64_t size) { return wanted == -1 || wanted == size; });
}

Shape withoutOnes(Shape shape) {
    shape.erase(std::remove(shape.begin(), shape.end(), 1), shape.end());
    return shape;
}

bool isKnown(const Shape& shape) { return std::count(shape.begin(), shape.end(), -1) == 0; }

/// Returns the network's shape for images that match it once axes of size 1 are dropped.
std::optional<Shape> sameButForOnes(const Shape& network, const Shape& data) {
    const Shape sizes = withoutOnes(data);
    if (!matches(withoutOnes(network), sizes)) return std::nullopt;
    Shape shape = network;
    auto next = sizes.begin();
    for (std::int64_t& size : shape) {
        if (size != 1) size = *next++;
    }
    return shape;
}

std::optional<Shape> fitsAsStored(const Shape& network, const Shape& data) {
    if (matches(network, data)) return data;
    if (const auto shape = sameButForOnes(network, data)) return shape;
    const bool flatNetwork = network.size() == 1;
    if (!flatNetwork && data.size() != 1) return std::nullopt;
    if (flatNetwork && network[0] == -1) {
        return Shape{static_cast<std::int64_t>(elementCount(data))};
    }
    if (isKnown(network) && elementCount(network) == elementCount(data)) return network;
    return std::nullopt;
}

}  // namespace

std::vector<Layout> layoutsFor(const Shape& networkShape, const Shape& dataShape) {
    if (const auto shape = fitsAsStored(networkShape, dataShape)) {
        return {{*shape, AxisOrder::kAsStored}};
    }
    std::vector<Layout> layouts;
    if (networkShape.size() != 3 || dataShape.size() != 3) return layouts;
    const Shape toEnd = {dataShape[1], dataShape[2], dataShape[0]};
    const Shape toFront = {dataShape[2], dataShape[0], dataShape[1]};
    if (matches(networkShape, toEnd)) layouts.push_back({toEnd, AxisOrder::kChannelsToEnd});
    if (matches(networkShape, toFront)) layouts.push_back({toFront, AxisOrder::kChannelsToFront});
    return layouts;
}

FittedDataset fitTo(const Network& network, const Dataset& data) {
    const Shape wanted = imageShapeOf(network);
    const std::string shapes = "takes images of the shape " + toString(wanted) + ", those of " +
                               data.name() + " have " + toString(data.shape());
    const std::vector<Layout> layouts = layoutsFor(wanted, data.shape());
    if (layouts.empty()) throw Error(network.file, shapes);
    if (layouts.size() > 1) {
        throw Error(network.file, shapes +
                                      ", whose channels may be first or last: store them in the "
                                      "order of the network");
    }
    const Layout& layout = layouts[0];
    FittedDataset fitted{data.inLayout(layout), ""};
    if (layout.order != AxisOrder::kAsStored && withoutOnes(layout.shape).size() == 3) {
        fitted.note = network.file + ": " + shapes + ": their channels are moved to the " +
                      (layout.order == AxisOrder::kChannelsToEnd ? "end" : "front");
    }
    return fitted;
}

void checkFits(const Network& network, const Dataset& data) {
    if (!data.hasLabels()) throw Error(data.place(), "has no labels, which classes need");
    const Dataset fitted = fitTo(network, data).data;
    const std::size_t classes = interfaceOf(withImageShape(network, fitted.shape())).classes;
    for (std::size_t i = 0; i < data.size(); ++i) {
        if (static_cast<std::size_t>(data.label(i)) >= classes) {
            throw Error(data.place(), "image " + std::to_string(i) + " has the label " +
                                          std::to_string(data.label(i)) + ", " + network.file +
                                          " has only " + std::to_string(classes) + " classes");
        }
    }
}

}  // namespace brownout
