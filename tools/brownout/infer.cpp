#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/atomic_file.h"
#include "base/numbers.h"
#include "base/threads.h"
#include "emulation/guessing.h"
#include "inference/data/dataset.h"
#include "inference/data/layout.h"
#include "inference/data/logits_file.h"
#include "inference/engines/engine.h"
#include "inference/graph/final_softmax.h"
#include "inference/onnx/onnx_import.h"
#include "inference/ranking.h"
#include "tools/brownout/commands.h"
#include "tools/brownout/data_options.h"
#include "tools/brownout/network_options.h"
#include "tools/brownout/output.h"
#include "tools/report/progress.h"
#include "tools/results/json_values.h"

namespace brownout {
namespace {

namespace po = boost::program_options;

/// What engines give for all images.
struct Outputs {
    std::vector<float> values;  ///< (N, ofAnImage)
    std::size_t ofAnImage = 0;
    std::string instructionSet, arithmetic;
};

/// Runs all images, on threads with an engine each that take block after block.
Outputs runAll(const std::function<std::unique_ptr<Engine>()>& newEngine, const Dataset& data,
               const CommonOptions& common) {
    ProgressDisplay progress(terminalErrors(), progressStyleFor(STDERR_FILENO, common.quiet),
                             "images", data.size());
    auto first = newEngine();
    Outputs outputs{{}, first->outputs(), first->instructionSet(), first->arithmetic()};
    outputs.values.resize(data.size() * outputs.ofAnImage);
    // Few images are shared out: engines run them one by one where that is faster.
    const std::size_t share = (data.size() + common.threads - 1) / common.threads;
    const std::size_t block = std::clamp<std::size_t>(share, 1, first->lanes());
    const std::size_t blocks = (data.size() + block - 1) / block;
    std::atomic<std::size_t> next{0};
    std::atomic<bool> stop{false};
    const auto threads = static_cast<unsigned>(std::min<std::size_t>(common.threads, blocks));
    onThreads(threads, stop, [&](unsigned worker) {
        const auto engine = worker == 0 ? std::move(first) : newEngine();
        std::vector<float> images(block * engine->imageElements());
        for (std::size_t b = next++; b < blocks && !stop; b = next++) {
            const std::size_t count = std::min(block, data.size() - b * block);
            data.read(b * block, count, images.data());
            engine->run(images.data(), count,
                        outputs.values.data() + b * block * outputs.ofAnImage);
            progress.advance(count);
        }
    });
    return outputs;
}

/// Returns the class of each image, -1 where an output is not a number.
std::vector<std::int32_t> predictionsOf(const std::vector<float>& scores, std::size_t classes) {
    std::vector<std::int32_t> predictions;
    for (std::size_t first = 0; first < scores.size(); first += classes) {
        const auto best = firstOf({scores.data() + first, classes});
        predictions.push_back(best ? static_cast<std::int32_t>(*best) : -1);
    }
    return predictions;
}

}  // namespace

ExitStatus runInfer(const std::vector<std::string>& arguments) {
    CommandLine line(
        "infer --model FILE --data DATA [--out logits.h5] [options]",
        "Runs a network on images without faults and prints its error. The weights are those of "
        "the file in\n"
        "float, or with --quantized (or any of --format, --bits, --quantizer, --store) as a sweep "
        "stores "
        "them.\n"
        "--out writes an HDF5 file with 'logits' (N, classes) and 'predictions' (N), to compare "
        "with another\n"
        "runtime.",
        "  brownout infer -m inference/zoo/fashion-rquant.onnx -d fashion-mnist --out logits.h5\n"
        "  brownout infer -m inference/zoo/fashion-rquant.onnx -d fashion-mnist --bits 4");
    line.options().add_options()  //
        ("model,m", po::value<std::string>()->value_name("FILE"), "the network, ONNX");
    addDataOptions(line);
    line.options().add_options()                                                                 //
        ("out,o", po::value<std::string>()->value_name("FILE"), "write logits and predictions")  //
        ("quantized", po::bool_switch(), "with the weights as the memory holds them");
    addStorageOptions(line);
    addEngineOptions(line);
    if (!line.parse(arguments)) return ExitStatus::kSuccess;
    line.require("model", "the network to run");
    line.require("data", "the images to run it on");

    if (line.has("out")) checkCanWrite(line.get<std::string>("out"));
    Network network = importOnnx(line.get<std::string>("model"));
    const FittedDataset fitted = fitTo(network, openData(line, {&network}));
    const Dataset& data = fitted.data;
    network = withImageShape(std::move(network), data.shape());
    const bool labelled = data.hasLabels();
    if (labelled) checkFits(network, data);
    for (const std::string& note : {data.note(), fitted.note}) {
        if (!note.empty()) std::cerr << "warning: " << note << "\n";
    }
    const bool quantized = line.get<bool>("quantized") || line.has("format") || line.has("bits") ||
                           line.has("quantizer") || line.has("store");
    const StorageSettings storage = storageOf(network, line);
    std::optional<EncodedNetwork> stored;
    if (quantized) stored.emplace(network, storage.format, storage.store);
    const auto engineFor = [&](EngineOutputs outputs) {
        const EngineSettings settings{outputs, {}, line.get<bool>("exact")};
        return stored ? makeEngine(*stored, settings) : makeEngine(network, settings);
    };
    const auto run = [&](EngineOutputs outputs) {
        return runAll([&] { return engineFor(outputs); }, data, line.common());
    };
    const Outputs scores = run(EngineOutputs::kScores);
    const auto predictions = predictionsOf(scores.values, scores.ofAnImage);
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < data.size(); ++i) wrong += predictions[i] != data.label(i);
    if (line.has("out")) {
        const bool own = !withoutFinalSoftmax(network);
        const Outputs logits = own ? scores : run(EngineOutputs::kOwn);
        writeLogits(line.get<std::string>("out"), logits.values, logits.ofAnImage, predictions);
    }
    const auto warning = labelled
                             ? guessingWarning(network.file, wrong, data.size(), scores.ofAnImage)
                             : std::nullopt;
    if (warning) std::cerr << "warning: " << *warning << "\n";
    const double error = static_cast<double>(wrong) / static_cast<double>(data.size());
    const std::string weights =
        quantized ? storage.format->description() + ", stored: " + nameOf(storage.store)
        : scores.arithmetic.find("integer") == 0 || scores.arithmetic.find("bits") == 0
            ? "codes of the file"
            : "float";
    if (line.common().json) {
        std::cout << jsonText(nlohmann::json{
                         {"model", network.file},
                         {"data", data.name()},
                         {"images", data.size()},
                         {"wrong", labelled ? nlohmann::json(wrong) : nlohmann::json()},
                         {"error", labelled ? nlohmann::json(error) : nlohmann::json()},
                         {"weights", weights},
                         {"instruction_set", scores.instructionSet},
                         {"arithmetic", scores.arithmetic}})
                  << "\n";
    } else {
        std::cout << network.file << " on " << data.size() << " images of " << data.name()
                  << ", weights " << weights << ": "
                  << (labelled
                          ? "error " + percent(error) + " % (" + std::to_string(wrong) + " wrong)"
                          : std::string("no labels to compare with"))
                  << "\n";
    }
    return ExitStatus::kSuccess;
}

}  // namespace brownout
