#include "inference/engines/engine.h"

#include "inference/engines/float_engine.h"
#include "inference/graph/final_softmax.h"

namespace brownout {

std::unique_ptr<Engine> makeEngine(const EncodedNetwork& network, EngineOutputs outputs,
                                   const std::string& instructionSet) {
    const auto scores =
        outputs == EngineOutputs::kScores ? withoutFinalSoftmax(network.graph()) : std::nullopt;
    return std::make_unique<FloatEngine>(scores ? *scores : network.graph(), network,
                                         instructionSet);
}

std::unique_ptr<Engine> makeEngine(const Network& network, EngineOutputs outputs,
                                   const std::string& instructionSet) {
    const auto scores =
        outputs == EngineOutputs::kScores ? withoutFinalSoftmax(network) : std::nullopt;
    return std::make_unique<FloatEngine>(scores ? *scores : network, instructionSet);
}

}  // namespace brownout
