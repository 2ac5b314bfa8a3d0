#include "inference/plan/constants.h"

#include "inference/plan/builder.h"

namespace brownout {

std::map<std::string, std::variant<FloatTensor, IntTensor>> constantResults(
    const Network& network) {
    PlanBuilder builder(network, kernels::kScalar);
    builder.compileNodes();
    std::map<std::string, ValueRef> places;
    std::map<std::string, std::variant<FloatTensor, IntTensor>> results;
    for (const Node& node : network.nodes) {
        for (const std::string& name : node.outputs) {
            const PlanValue* value = builder.find(name);
            if (name.empty() || value == nullptr) continue;
            if (value->kind == PlanValue::Kind::kInteger) {
                results[name] = IntTensor{value->shape, value->integers};
            } else {
                places[name] = builder.refOf(*value);
                results[name] = FloatTensor{value->shape, {}};
            }
        }
    }
    const Plan plan = builder.finish();
    std::vector<float> uniform = plan.uniformImage;
    std::vector<float> packed(plan.packedSize);
    for (const Plan::PackedParameter& parameter : plan.packedParameters) {
        parameter.packing.pack(network.parameters.at(parameter.parameter).values.data(),
                               packed.data());
    }
    const PlanMemory memory = {plan.kernels, nullptr, nullptr, uniform.data(), packed.data()};
    for (const Step& step : plan.uniformSteps) step(memory);
    for (const auto& [name, place] : places) {
        auto& result = std::get<FloatTensor>(results.at(name));
        const float* from = memory.data(place);
        result.values.assign(from, from + elementCount(result.shape));
    }
    return results;
}

}  // namespace brownout
