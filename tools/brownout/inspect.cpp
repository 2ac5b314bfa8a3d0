#include "inference/inspect.h"

#include <algorithm>
#include <iomanip>
#include <iostream>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "model/memory_map.h"
#include "tools/brownout/commands.h"
#include "tools/brownout/network_options.h"
#include "tools/campaign/numbers.h"
#include "tools/campaign/trial.h"

namespace brownout {
namespace {

namespace po = boost::program_options;
using nlohmann::json;

json toJson(const NetworkInfo& info, const Model& model, const StorageSettings& storage,
            const MemoryMap& map) {
    json layers = json::array();
    for (const LayerInfo& layer : info.layers) {
        layers.push_back({{"name", layer.name},
                          {"op", layer.op},
                          {"output", layer.outputShape},
                          {"parameters", layer.parameters},
                          {"macs", layer.macs},
                          {"stored_codes", layer.storedCodes},
                          {"stored_bits", layer.storedBits}});
    }
    return {{"file", info.file},
            {"producer", info.producer},
            {"opset", info.opset},
            {"metadata", model.metadata},
            {"input", info.imageShape},
            {"classes", info.classes},
            {"parameters", info.parameters},
            {"macs", info.macs},
            {"stored",
             {{"what", nameOf(storage.store)},
              {"quantizer", storage.quantizer.toString()},
              {"bits_per_code", storage.quantizer.bits},
              {"codes", info.storedCodes},
              {"code_bits", info.storedBits},
              {"words", map.imageWords()},
              {"word_bits", map.geometry().wordBits()},
              {"arrays", (map.imageWords() + map.geometry().wordsPerArray() - 1) /
                             map.geometry().wordsPerArray()},
              {"word_reads_per_inference", map.imageWords()}}},
            {"layers", layers}};
}

void print(const NetworkInfo& info, const Model& model, const StorageSettings& storage,
           const MemoryMap& map) {
    std::cout << info.file << "\n  made by      " << info.producer << ", opset " << info.opset
              << "\n  input        " << toString(info.imageShape) << ", " << info.classes
              << " classes\n";
    for (const auto& [key, value] : model.metadata) {
        std::cout << "  " << std::left << std::setw(12) << key << " " << value << "\n";
    }
    std::size_t nameWidth = 5;
    std::size_t shapeWidth = 6;
    for (const LayerInfo& layer : info.layers) {
        nameWidth = std::max(nameWidth, layer.name.size());
        shapeWidth = std::max(shapeWidth, toString(layer.outputShape).size());
    }
    const auto row = [&](const std::string& name, const std::string& op, const std::string& shape,
                         const std::string& parameters, const std::string& macs,
                         const std::string& bits) {
        std::cout << "  " << std::left << std::setw(static_cast<int>(nameWidth) + 2) << name
                  << std::setw(24) << op << std::setw(static_cast<int>(shapeWidth) + 2) << shape
                  << std::right << std::setw(12) << parameters << std::setw(14) << macs
                  << std::setw(14) << bits << "\n";
    };
    std::cout << "\n";
    row("layer", "operator", "output", "parameters", "MACs/image", "stored bits");
    for (const LayerInfo& layer : info.layers) {
        row(layer.name, layer.op, toString(layer.outputShape), std::to_string(layer.parameters),
            std::to_string(layer.macs), std::to_string(layer.storedBits));
    }
    row("total", "", "", std::to_string(info.parameters), std::to_string(info.macs),
        std::to_string(info.storedBits));
    const std::uint64_t perArray = map.geometry().wordsPerArray();
    std::cout << "\n  stored: " << nameOf(storage.store) << ", " << storage.quantizer.toString()
              << "\n  " << info.storedCodes << " codes of " << storage.quantizer.bits << " bits in "
              << map.imageWords() << " words of " << map.geometry().wordBits()
              << " bits: " << (map.imageWords() + perArray - 1) / perArray
              << " arrays of 512 x 64; each word is read once an inference\n";
}

}  // namespace

ExitStatus runInspect(const std::vector<std::string>& arguments) {
    CommandLine line(
        "inspect MODEL [options]",
        "Shows a network as a sweep will use it: layers, parameters, multiply-accumulates, and "
        "what it takes\n"
        "of an SRAM of 512 x 64 arrays with its own bits, quantiser and store, or those given.",
        "  brownout inspect inference/zoo/fashion-rquant.onnx\n"
        "  brownout inspect inference/zoo/fashion-rquant.onnx --bits 4 --json");
    line.options().add_options()("model,m", po::value<std::string>()->value_name("FILE"),
                                 "the network, ONNX");
    addStorageOptions(line);
    line.positional("model", 1);
    if (!line.parse(arguments)) return ExitStatus::kSuccess;
    line.require("model", "the network to show");

    const Model model = importOnnx(line.get<std::string>("model"));
    const StorageSettings storage = storageOf(model, line);
    const QuantizedNetwork network(model, storage.quantizer, storage.store);
    const NetworkInfo info = inspect(network);
    const MemoryMap map = layOut(network, SramGeometry{}, {});
    if (line.common().json) {
        std::cout << toJson(info, model, storage, map).dump(2) << "\n";
    } else {
        print(info, model, storage, map);
    }
    return ExitStatus::kSuccess;
}

}  // namespace brownout
