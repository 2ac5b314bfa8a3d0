#include "emulation/scenario/scenario_subject.h"

#include "base/error.h"
#include "emulation/network_codes.h"
#include "inference/data/layout.h"
#include "inference/engines/prefixes.h"
#include "inference/inspect.h"

namespace brownout {

std::unique_ptr<Engine> ScenarioSubject::makeEngine() const {
    auto engine = brownout::makeEngine(network, {task->outputs(), {}, false});
    for (const ChangedCode& changed : tested.stored->prepared) {
        engine->patch(changed.tensor, changed.element, changed.code);
    }
    engine->keep();
    return engine;
}

double ScenarioSubject::accessCost() const {
    const double dataBits = static_cast<double>(protection->wordBits()) * protection->blockWords();
    return (dataBits + protection->checkBits()) / dataBits;
}

ScenarioSubject scenarioSubject(NetworkRequest network, const Dataset& data,
                                const MemoryRequest& memory, const SramGeometry& geometry) {
    if (network.formats.size() != 1) throw UsageError("format", "expected one number format");
    if (memory.protections.size() != 1) throw UsageError("protection", "expected one protection");
    FittedDataset fitted = fitTo(network.network, data);
    network.network = withImageShape(std::move(network.network), fitted.data.shape());
    auto task = classification();
    task->check(network.network, fitted.data);
    std::vector<std::string> notes;
    if (!data.note().empty()) notes.push_back(data.note());
    if (!fitted.note.empty()) notes.push_back(fitted.note);
    notes.insert(notes.end(), network.network.notes.begin(), network.network.notes.end());

    EncodedNetwork encoded(network.network, network.formats.front(), network.store);
    auto protection = protectionFor(memory.protections.front(), geometry.wordBits(), encoded);
    const CheckPlacement placement(geometry, *protection);
    MemoryMap map = layOut(encoded, placement, memory.layout);
    NetworkUnderTest tested{std::make_shared<const StoredNetwork>(
                                storeNetwork(encoded, map, protection, memory.detected)),
                            {}};
    ScenarioSubject subject{
        std::move(encoded), std::move(fitted.data), std::move(task),   std::move(protection),
        placement,          std::move(map),         std::move(tested), std::move(notes)};
    const auto engine = subject.makeEngine();
    subject.tested.prefixes = engine->makePrefixes(subject.data.size(), memoryForPrefixes());
    std::vector<double> margins;
    subject.tested.clean =
        cleanScoresOf(*engine, *subject.task, subject.data, {0, subject.data.size()},
                      subject.tested.prefixes.get(), margins);
    return subject;
}

}  // namespace brownout
