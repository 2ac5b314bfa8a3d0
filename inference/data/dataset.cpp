#include "inference/data/dataset.h"

#include <algorithm>

#include "base/error.h"
#include "base/fingerprint.h"
#include "inference/data/readers/pixel_values.h"
#include "inference/plan/plan.h"

namespace brownout {
namespace {

/// Returns a name of what the values of pixels become, empty where that is the usual.
std::string nameOfValues(const Preprocessing& steps) {
    if (steps.keepsValues()) return "";
    Fingerprinter name;
    name.addNumber(steps.scale.value_or(0));
    name.addNumber(steps.bgr ? 1 : 0);
    for (const std::vector<double>* list : {&steps.mean, &steps.std}) {
        name.addNumber(static_cast<double>(list->size()));
        for (const double value : *list) name.addNumber(value);
    }
    return name.finish();
}

std::string nameOf(const Dataset::Content& content, const Preprocessing& steps) {
    auto view = [](const auto& values) {
        return std::string_view(reinterpret_cast<const char*>(values.data()),
                                values.size() * sizeof(values[0]));
    };
    return fingerprint(toString(content.shape) + fingerprint(view(content.bytes)) +
                       fingerprint(view(content.floats)) + fingerprint(view(content.labels)) +
                       (content.targets.empty() ? "" : fingerprint(view(content.targets))) +
                       nameOfValues(steps));
}

/// Returns the content if it has as many pixels and labels as its shape asks for.
Dataset::Content checked(Dataset::Content content) {
    const std::size_t pixels = content.bytes.size() + content.floats.size();
    if (content.labels.empty() || pixels != content.labels.size() * elementCount(content.shape)) {
        throw Error(content.place, "has " + std::to_string(content.labels.size()) + " labels and " +
                                       std::to_string(pixels) + " pixels");
    }
    if (content.targets.size() % content.labels.size() != 0) {
        throw Error(content.place, "has " + std::to_string(content.targets.size()) +
                                       " targets for " + std::to_string(content.labels.size()) +
                                       " images");
    }
    return content;
}

/// Copies an image with its channels moved; `shape` is that of the result.
void moveChannels(const float* image, const Layout& layout, float* to) {
    const auto size = [&](std::size_t axis) {
        return static_cast<std::size_t>(layout.shape.at(axis));
    };
    const bool toEnd = layout.order == AxisOrder::kChannelsToEnd;
    const std::size_t channels = size(toEnd ? 2 : 0);
    const std::size_t pixels = toEnd ? size(0) * size(1) : size(1) * size(2);
    const std::size_t rows = toEnd ? channels : pixels;  // the image as it is stored
    const std::size_t columns = toEnd ? pixels : channels;
    for (std::size_t row = 0; row < rows; ++row) {
        for (std::size_t column = 0; column < columns; ++column) {
            to[column * rows + row] = image[row * columns + column];
        }
    }
}

}  // namespace

struct Dataset::State {
    State(Content read, const Preprocessing& steps)
        : content(checked(std::move(read))),
          values(content.shape, steps, content.floats.empty(), content.place),
          fingerprint(nameOf(content, steps)) {}

    Content content;
    PixelValues values;
    std::string fingerprint;
};

Dataset::Dataset(Content content, const Preprocessing& steps)
    : state_(std::make_shared<const State>(std::move(content), steps)) {
    size_ = state_->content.labels.size();
    layout_.shape = state_->content.shape;
}

int Dataset::label(std::size_t i) const { return state_->content.labels[i]; }
bool Dataset::hasLabels() const { return state_->content.labels[0] != kNoLabel; }

void Dataset::read(std::size_t first, std::size_t count, float* images) const {
    const std::size_t elements = imageElements();
    const Content& content = state_->content;
    const bool moves = layout_.order != AxisOrder::kAsStored;
    std::vector<float> stored(moves ? elements : 0);
    for (std::size_t i = 0; i < count; ++i) {
        float* to = images + i * elements;
        float* numbers = moves ? stored.data() : to;
        const std::size_t at = (first + i) * elements;
        if (content.floats.empty()) {
            state_->values.apply(content.bytes.data() + at, numbers);
        } else {
            state_->values.apply(content.floats.data() + at, numbers);
        }
        if (moves) moveChannels(numbers, layout_, to);
    }
}

std::size_t Dataset::targetElements() const {
    return state_->content.targets.size() / state_->content.labels.size();
}

Span<const float> Dataset::targets(std::size_t i) const {
    const std::size_t elements = targetElements();
    return {state_->content.targets.data() + i * elements, elements};
}

Dataset Dataset::take(std::size_t count) const {
    if (count == 0 || count > size_) {
        throw Error(place(),
                    "has " + std::to_string(size_) + " images, asked for " + std::to_string(count));
    }
    Dataset part = *this;
    part.size_ = count;
    return part;
}

Dataset Dataset::inLayout(const Layout& layout) const {
    if (elementCount(layout.shape) != elementCount(state_->content.shape)) {
        throw Error(place(), "images of the shape " + toString(state_->content.shape) +
                                 " can't become " + toString(layout.shape));
    }
    Dataset other = *this;
    other.layout_ = layout;
    return other;
}

const std::string& Dataset::name() const { return state_->content.name; }
const std::string& Dataset::place() const { return state_->content.place; }
const std::string& Dataset::note() const { return state_->content.note; }
const std::string& Dataset::fingerprint() const { return state_->fingerprint; }

NetworkInterface interfaceOf(const Network& network) {
    const Plan plan = makePlan(network, singleImageShapes(network), kernels::kScalar);
    const Shape& input = plan.inputs.at(0).shape;
    if (plan.outputs.empty() || plan.outputs[0].shape.empty() || plan.outputs[0].shape[0] != 1) {
        throw Error(network.file, "the output is not one row of classes an image");
    }
    return {{input.begin() + 1, input.end()}, elementCount(plan.outputs[0].shape)};
}

}  // namespace brownout
