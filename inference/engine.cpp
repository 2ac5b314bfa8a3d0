#include "inference/engine.h"

#include "inference/final_softmax.h"
#include "inference/float_engine.h"

namespace brownout {

std::unique_ptr<Engine> makeEngine(const EncodedNetwork& network, EngineOutputs outputs,
                                   const std::string& instructionSet) {
    const auto scores =
        outputs == EngineOutputs::kScores ? withoutFinalSoftmax(network.model()) : std::nullopt;
    return std::make_unique<FloatEngine>(scores ? *scores : network.model(), network,
                                         instructionSet);
}

std::unique_ptr<Engine> makeEngine(const Model& network, EngineOutputs outputs,
                                   const std::string& instructionSet) {
    const auto scores =
        outputs == EngineOutputs::kScores ? withoutFinalSoftmax(network) : std::nullopt;
    return std::make_unique<FloatEngine>(scores ? *scores : network, instructionSet);
}

}  // namespace brownout
