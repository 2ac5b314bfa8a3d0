#pragma once

#include <map>
#include <string>
#include <vector>

#include "inference/plan/builder.h"

namespace brownout {

/// A node compiled as several simpler ones. Parts name each other by the names that add() returns;
/// nobody else sees these values.
class Parts {
 public:
    /// The inputs of `node` may be read by any number of parts.
    Parts(PlanBuilder& builder, const Node& node);

    using Attributes = std::map<std::string, AttributeValue>;

    /// Compiles a part and returns the name of its result.
    std::string add(const std::string& op, const std::vector<std::string>& inputs,
                    Attributes attributes = {});
    /// Compiles the part that makes an output of the node.
    void finish(const std::string& op, const std::vector<std::string>& inputs,
                Attributes attributes = {}, std::size_t output = 0);
    /// Defines a constant and returns its name.
    std::string constant(const FloatTensor& tensor);
    std::string constant(float value) { return constant(FloatTensor{{}, {value}}); }
    std::string constant(const std::vector<std::int64_t>& values);

    /// Moves the elements of a value (see rearrange) and returns the name of the result.
    std::string rearranged(const std::string& of, const Shape& shape,
                           std::vector<std::int32_t> table);

    /// Lets the one part that reads `name` be merged into the part that makes it.
    std::string onceRead(const std::string& name);

 private:
    Node part(const std::string& op, const std::vector<std::string>& inputs, Attributes attributes,
              std::string output) const;
    std::string nextName();

    PlanBuilder& builder_;
    const Node& node_;
    int next_ = 0;
};

}  // namespace brownout
