#include "inference/plan/parts.h"

#include "inference/plan/moves.h"

namespace brownout {

namespace {

/// More readers than one: nothing is merged into the part that makes the value.
constexpr std::size_t kMany = 2;

}  // namespace

Parts::Parts(PlanBuilder& builder, const Node& node) : builder_(builder), node_(node) {
    for (const std::string& name : node.inputs) builder_.setReaders(name, kMany);
}

std::string Parts::nextName() {
    // A line break: no exporter has it in names.
    std::string name = node_.outputs.at(0) + "\n" + std::to_string(next_++);
    builder_.setReaders(name, kMany);
    return name;
}

Node Parts::part(const std::string& op, const std::vector<std::string>& inputs,
                 Attributes attributes, std::string output) const {
    return {node_.name, op, inputs, {std::move(output)}, std::move(attributes), node_.file};
}

std::string Parts::add(const std::string& op, const std::vector<std::string>& inputs,
                       Attributes attributes) {
    std::string name = nextName();
    builder_.compilePart(part(op, inputs, std::move(attributes), name));
    return name;
}

void Parts::finish(const std::string& op, const std::vector<std::string>& inputs,
                   Attributes attributes, std::size_t output) {
    builder_.compilePart(part(op, inputs, std::move(attributes), node_.outputs.at(output)));
}

std::string Parts::constant(const FloatTensor& tensor) {
    std::string name = nextName();
    builder_.defineConstant(part("Constant", {}, {}, name), 0, tensor);
    return name;
}

std::string Parts::constant(const std::vector<std::int64_t>& values) {
    std::string name = nextName();
    builder_.defineIntegers(part("Constant", {}, {}, name), 0,
                            {static_cast<std::int64_t>(values.size())}, values);
    return name;
}

std::string Parts::rearranged(const std::string& of, const Shape& shape,
                              std::vector<std::int32_t> table) {
    std::string name = nextName();
    const Node moving = part("Rearrange", {of}, {}, name);
    rearrange(builder_, moving, 0, builder_.input(moving, 0), shape, std::move(table));
    return name;
}

std::string Parts::onceRead(const std::string& name) {
    builder_.setReaders(name, 1);
    return name;
}

}  // namespace brownout
