#include "inference/inspect.h"

#include <algorithm>
#include <iomanip>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/error.h"
#include "base/numbers.h"
#include "emulation/network_codes.h"
#include "emulation/trial.h"
#include "model/check_placement.h"
#include "model/memory_map.h"
#include "model/protection/protection.h"
#include "profiles/profile.h"
#include "tools/brownout/commands.h"
#include "tools/brownout/layer_times_output.h"
#include "tools/brownout/network_options.h"
#include "tools/brownout/tried_files.h"
#include "tools/results/json_values.h"

namespace brownout {
namespace {

namespace po = boost::program_options;
using nlohmann::json;

/// How long --time measures: some hundred blocks of a network of CIFAR-10.
constexpr double kTimingSeconds = 1;

/// The memory that a network is laid out in.
struct Memory {
    std::string profile;  ///< whose chips; empty for as many arrays as the network takes
    SramGeometry geometry;
};

/// What a protection makes of the memory.
struct ProtectionRow {
    std::string name;
    std::uint32_t checkBits = 0;   ///< of a block
    std::uint32_t blockWords = 1;  ///< words of a block
    std::uint32_t dataArrays = 0;
    std::uint32_t checkArrays = 0;
    double filled = 0;    ///< words of the network / data words; above 1, cells serve several words
    std::string problem;  ///< why it can't be; empty if it can
};

std::vector<ProtectionRow> protectionsOf(const EncodedNetwork& network, const Memory& memory) {
    std::vector<ProtectionRow> protections;
    for (const std::string& name : protectionNames()) {
        ProtectionRow row;
        row.name = name;
        try {
            SramGeometry chip = memory.geometry;
            const auto protection = protectionFor(name, chip.wordBits(), network);
            row.checkBits = protection->checkBits();
            row.blockWords = protection->blockWords();
            if (memory.profile.empty()) {
                chip = CheckPlacement::chipFor(chip, row.checkBits, row.blockWords);
            }
            const CheckPlacement placement(chip, *protection);
            const SramGeometry& data = placement.dataGeometry();
            row.dataArrays = data.arrays;
            row.checkArrays = placement.checkArrays();
            row.filled = static_cast<double>(layOut(network, placement, {}).imageWords()) /
                         static_cast<double>(data.words());
        } catch (const Error& error) {
            row.problem = error.what();
        }
        protections.push_back(row);
    }
    return protections;
}

json toJson(const std::vector<ProtectionRow>& protections) {
    json rows = json::array();
    for (const ProtectionRow& row : protections) {
        if (!row.problem.empty()) {
            rows.push_back(
                {{"codec", row.name}, {"protection", row.name}, {"problem", row.problem}});
            continue;
        }
        rows.push_back({{"codec", row.name},
                        {"protection", row.name},
                        {"check_bits", row.checkBits},
                        {"block_words", row.blockWords},
                        {"data_arrays", row.dataArrays},
                        {"check_arrays", row.checkArrays},
                        {"filled", row.filled}});
    }
    return rows;
}

json toJson(const std::vector<UnstoredFactor>& factors) {
    json rows = json::array();
    for (const UnstoredFactor& factor : factors) {
        rows.push_back({{"name", factor.name},
                        {"layer", factor.node},
                        {"op", factor.op},
                        {"values", factor.values},
                        {"bits", factor.bits()}});
    }
    return rows;
}

void print(const std::vector<ProtectionRow>& protections) {
    const auto line = [](const std::string& name, const std::string& bits, const std::string& data,
                         const std::string& check, const std::string& filled) {
        std::cout << "  " << std::left << std::setw(20) << name << std::right << std::setw(15)
                  << bits << std::setw(14) << data << std::setw(15) << check << std::setw(12)
                  << filled << "\n";
    };
    line("protection", "check bits", "data arrays", "check arrays", "filled");
    for (const ProtectionRow& row : protections) {
        if (row.problem.empty()) {
            line(row.name,
                 std::to_string(row.checkBits) +
                     (row.blockWords > 1 ? " for " + std::to_string(row.blockWords) + " words"
                                         : " a word"),
                 std::to_string(row.dataArrays), std::to_string(row.checkArrays),
                 percent(row.filled, 1) + " %");
        } else {
            std::cout << "  " << std::left << std::setw(20) << row.name
                      << " can't be: " << row.problem << "\n";
        }
    }
    const bool again = std::any_of(protections.begin(), protections.end(),
                                   [](const ProtectionRow& row) { return row.filled > 1; });
    if (again) {
        std::cout
            << "  Above 100 % the network is larger than the chip, and cells are used again.\n";
    }
}

json toJson(const NetworkInfo& info, const EncodedNetwork& network, const StorageSettings& storage,
            const Memory& memory, const MemoryMap& map,
            const std::vector<ProtectionRow>& protections) {
    json layers = json::array();
    for (const LayerInfo& layer : info.layers) {
        layers.push_back({{"name", layer.name},
                          {"op", layer.op},
                          {"output", layer.outputShape},
                          {"parameters", layer.parameters},
                          {"macs", layer.macs},
                          {"arithmetic", layer.bits       ? "bits"
                                         : layer.integers ? "integer"
                                                          : "float"},
                          {"stored_codes", layer.storedCodes},
                          {"stored_bits", layer.storedBits}});
    }
    return {{"file", info.file},
            {"producer", info.producer},
            {"opset", info.opset},
            {"metadata", network.graph().metadata},
            {"input", info.imageShape},
            {"classes", info.classes},
            {"parameters", info.parameters},
            {"macs", info.macs},
            {"integer_macs", info.integerMacs},
            {"stored",
             {{"what", nameOf(storage.store)},
              {"format", storage.format->name()},
              {"quantizer", storage.format->description()},
              {"bits_per_code", orNull(network.codeBits())},
              {"codes", info.storedCodes},
              {"code_bits", info.storedBits},
              {"words", map.imageWords()},
              {"word_bits", map.geometry().wordBits()},
              {"arrays", map.imageArrays()},
              {"word_reads_per_inference", map.imageWords()}}},
            {"memory",
             {{"profile", memory.profile.empty() ? json() : json(memory.profile)},
              {"arrays", memory.geometry.arrays},
              {"rows", memory.geometry.rows},
              {"columns", memory.geometry.columns},
              {"column_mux", memory.geometry.columnMux}}},
            {"not_stored", toJson(network.unstoredFactors())},
            {"notes", network.graph().notes},
            {"protection", toJson(protections)},
            {"layers", layers}};
}

void print(const NetworkInfo& info, const EncodedNetwork& network, const StorageSettings& storage,
           const Memory& memory, const MemoryMap& map,
           const std::vector<ProtectionRow>& protections) {
    std::cout << info.file << "\n  made by      " << info.producer << ", opset " << info.opset
              << "\n  input        " << toString(info.imageShape) << ", " << info.classes
              << " classes\n";
    if (info.integerMacs > 0) {
        std::cout << "  arithmetic   integer: " << info.integerMacs << " of " << info.macs
                  << " multiply-accumulates\n";
    }
    for (const auto& [key, value] : network.graph().metadata) {
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
    const SramGeometry& arrays = memory.geometry;
    std::cout << "\n  stored: " << nameOf(storage.store) << ", "
              << storage.format->name() + " (" + storage.format->description() + ")"
              << "\n  " << info.storedCodes << " codes of "
              << (network.codeBits() ? std::to_string(*network.codeBits()) : "different")
              << " bits in " << map.imageWords() << " words of " << arrays.wordBits()
              << " bits: " << map.imageArrays() << " arrays of " << arrays.rows << " x "
              << arrays.columns << "; each word is read once an inference\n\n  ";
    if (memory.profile.empty()) {
        std::cout << "With check bits in arrays of their own:\n";
    } else {
        std::cout << "In a chip of " << memory.profile << " with " << arrays.arrays
                  << " arrays, some of them for check bits:\n";
    }
    print(protections);
    const std::string unstored = describe(network.unstoredFactors());
    if (!unstored.empty()) std::cout << "\n  " << unstored << "\n";
    for (const std::string& note : network.graph().notes) std::cout << "\n  " << note << "\n";
}

}  // namespace

ExitStatus runInspect(const std::vector<std::string>& arguments) {
    CommandLine line(
        "inspect MODEL [options]",
        "Shows a network as a sweep will use it: layers, parameters, multiply-accumulates, and "
        "what it takes\n"
        "of an SRAM with its own bits, quantiser and store, or those given, under each protection. "
        "The "
        "SRAM is as\n"
        "many arrays of 512 x 64 as the network needs, or a chip of --profile. --time measures how "
        "long each\n"
        "layer takes one thread.",
        "  brownout inspect inference/zoo/fashion-rquant.onnx\n"
        "  brownout inspect inference/zoo/fashion-rquant.onnx --time\n"
        "  brownout inspect inference/zoo/fashion-rquant.onnx --profile profiles/14nm.h5\n"
        "  brownout inspect inference/zoo/fashion-rquant.onnx --bits 4 --json");
    line.options().add_options()                                                        //
        ("model,m", po::value<std::string>()->value_name("FILE"), "the network, ONNX")  //
        ("profile,p", po::value<std::string>()->value_name("FILE"),
         "chips to lay the network out in, HDF5")  //
        ("time", po::bool_switch(),
         "measure milliseconds and GFLOP/s of each layer, beside the processor's peak");
    addImageShapeOption(line);
    addEngineOptions(line);
    addStorageOptions(line);
    line.positional("model", 1);
    if (!line.parse(arguments)) return ExitStatus::kSuccess;
    line.require("model", "the network to show");

    const Network graph = networkOf(line);
    const StorageSettings storage = storageOf(graph, line);
    const EncodedNetwork network(graph, storage.format, storage.store);
    const NetworkInfo info = inspect(network);
    Memory memory;
    if (line.has("profile")) {
        memory.profile = line.get<std::string>("profile");
        memory.geometry = openProfile(memory.profile).device().geometry;
    }
    const MemoryMap map = layOut(network, memory.geometry, {});
    if (memory.profile.empty()) memory.geometry.arrays = map.imageArrays();
    const std::vector<ProtectionRow> protections = protectionsOf(network, memory);
    std::optional<LayerTimes> times;
    if (line.get<bool>("time")) {
        const auto engine = makeEngine(network, {EngineOutputs::kOwn, {}, line.get<bool>("exact")});
        times = timeLayers(*engine, graph.nodes.size(), kTimingSeconds);
    }
    if (line.common().json) {
        json shown = toJson(info, network, storage, memory, map, protections);
        if (times) addTimes(info, *times, shown);
        std::cout << jsonText(shown) << "\n";
    } else {
        print(info, network, storage, memory, map, protections);
        if (times) print(info, *times);
    }
    return ExitStatus::kSuccess;
}

}  // namespace brownout
