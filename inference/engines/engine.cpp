#include "inference/engines/engine.h"

#include "inference/engines/float_engine.h"
#include "inference/graph/bit_regions.h"
#include "inference/graph/final_softmax.h"
#include "inference/graph/integer_regions.h"

namespace brownout {

namespace {

/// Returns the part of a network that gives the wanted outputs.
Network graphFor(const Network& network, EngineOutputs outputs) {
    auto scores = outputs == EngineOutputs::kScores ? withoutFinalSoftmax(network) : std::nullopt;
    return scores ? *std::move(scores) : network;
}

}  // namespace

std::unique_ptr<Engine> makeEngine(const EncodedNetwork& network, const EngineSettings& settings) {
    const bool direct = settings.exact || !network.bounded();
    const Network graph = graphFor(network.graph(), settings.outputs);
    return std::make_unique<FloatEngine>(withBitRegions(withIntegerRegions(graph, &network), &network), network,
                                         settings.instructionSet,
                                         direct ? Summation::kDirect : Summation::kFast);
}

std::unique_ptr<Engine> makeEngine(const Network& network, const EngineSettings& settings) {
    const Network graph = graphFor(network, settings.outputs);
    return std::make_unique<FloatEngine>(withBitRegions(withIntegerRegions(graph, nullptr), nullptr),
                                         settings.instructionSet,
                                         settings.exact ? Summation::kDirect : Summation::kFast);
}

}  // namespace brownout
