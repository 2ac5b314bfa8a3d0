#include "emulation/tolerance.h"

#include <unistd.h>

#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/atomic_file.h"
#include "base/error.h"
#include "emulation/campaign.h"
#include "inference/data/layout.h"
#include "inference/onnx/onnx_import.h"
#include "tools/brownout/campaign_run.h"
#include "tools/brownout/commands.h"
#include "tools/brownout/data_options.h"
#include "tools/brownout/network_options.h"
#include "tools/brownout/output.h"
#include "tools/report/progress.h"
#include "tools/report/tolerance_page.h"
#include "tools/results/json_values.h"

namespace brownout {
namespace {

namespace fs = std::filesystem;
namespace po = boost::program_options;
using nlohmann::json;

constexpr double kRise = 0.01;  // the accuracy lost that a tolerance allows

std::vector<Network> networksOf(const CommandLine& line) {
    std::vector<Network> networks;
    for (const std::string& file : line.get<std::vector<std::string>>("model")) {
        networks.push_back(importOnnx(file));
    }
    return networks;
}

Dataset imagesOf(const std::vector<Network>& networks, const CommandLine& line) {
    std::vector<const Network*> pointers;
    for (const Network& network : networks) pointers.push_back(&network);
    return openData(line, pointers);
}

bool hasStore(const CommandLine& line) {
    return line.has("out") &&
           fs::exists(fs::path(line.get<std::string>("out")) / ResultsStore::kFileName);
}

/// A network as it is stored, with the images as it takes them, and the request to run it.
struct Subject {
    EncodedNetwork network;
    Dataset images;
    NetworkRequest request;
};

std::vector<Subject> subjectsOf(const std::vector<Network>& networks, const Dataset& images,
                                const CommandLine& line) {
    std::vector<Subject> subjects;
    for (const Network& network : networks) {
        const Dataset fitted = fitTo(network, images).data;
        if (!fitted.hasLabels()) throw Error(images.place(), "has no labels to compare with");
        const Network shaped = withImageShape(network, fitted.shape());
        checkFits(shaped, fitted);
        const StorageSettings storage = storageOf(shaped, line);
        NetworkRequest request;
        request.network = network;
        request.formats = {storage.format};
        request.store = storage.store;
        subjects.push_back(
            {EncodedNetwork(shaped, storage.format, storage.store), fitted, std::move(request)});
    }
    return subjects;
}

/// The networks under uniform errors.
Campaign campaignOf(const std::vector<Subject>& subjects, const Dataset& images,
                    const CommandLine& line) {
    CampaignRequest request;
    for (const Subject& subject : subjects) request.networks.push_back(subject.request);
    request.data = images;
    request.dataPath = line.get<std::string>("data");
    for (const std::string& rate : splitList("--ber", line.get<std::string>("ber"))) {
        request.rates.push_back({parseNumber("--ber", rate), rate});
    }
    request.chips = line.count("chips");
    request.seed = line.common().seed;
    return line.named([&] { return Campaign(std::move(request)); });
}

/// Returns what the networks have in themselves, with progress.
std::vector<ToleranceResult> metricsOf(const std::vector<Subject>& subjects,
                                       const CommandLine& line) {
    ToleranceSettings settings;
    settings.images = line.count("margin-images").value_or(1000);
    settings.threads = line.common().threads;
    settings.importances = !line.get<bool>("no-importance");
    ProgressDisplay progress(terminalErrors(), progressStyleFor(STDERR_FILENO, line.common().quiet),
                             "networks", subjects.size());
    std::vector<ToleranceResult> results;
    for (const Subject& subject : subjects) {
        ToleranceResult result;
        result.metrics = measureTolerance(subject.network, subject.images, settings);
        result.metrics.name = fs::path(subject.network.graph().file).stem().string();
        result.cleanError = result.metrics.cleanError;
        results.push_back(std::move(result));
        progress.advance(1);
    }
    return results;
}

/// Adds what a campaign says that the networks tolerate.
void addMeasured(const Summary& summary, std::vector<ToleranceResult>& results) {
    for (std::size_t n = 0; n < results.size(); ++n) {
        const auto network = static_cast<std::uint32_t>(n);
        results[n].measured = toleratedRate(summary, network, kRise);
        const auto clean = summary.row(network, 0).main().clean;
        if (clean) results[n].cleanError = *clean;
    }
}

json toJson(const std::vector<ToleranceResult>& results) {
    json networks = json::array();
    for (const ToleranceResult& result : results) {
        const NetworkTolerance& m = result.metrics;
        json layers = json::array();
        for (const LayerTolerance& layer : m.layers) {
            json one = {
                {"name", layer.name}, {"neurons", layer.neurons}, {"operands", layer.operands}};
            if (layer.hasMargins) {
                one["certain_flips"] = layer.meanMargin;
                one["certain_share"] = layer.meanShare;
                one["average_flips"] = layer.meanAverage;
                one["one_flip_changes"] = layer.without;
                one["margins"] = {{"bin_width", layer.margins.binWidth},
                                  {"counts", layer.margins.counts}};
            }
            if (!layer.importances.empty()) {
                one["importance_mean"] = layer.importanceMean;
                one["importance_variance"] = layer.importanceVariance;
                one["importances"] = layer.importances;
            }
            layers.push_back(std::move(one));
        }
        json measured = nullptr;
        if (result.measured) {
            measured = {{"ber", result.measured->rate},
                        {"ci95", {orNull(result.measured->low), orNull(result.measured->high)}}};
        }
        networks.push_back({{"network", m.name},
                            {"images", m.images},
                            {"clean_error", result.cleanError},
                            {"layers", layers},
                            {"neuron_metric", m.neuronMetric},
                            {"inter_neuron_metric", orNull(m.interNeuronMetric)},
                            {"output_metric", m.outputMetric},
                            {"output_margin", m.meanOutputMargin},
                            {"predicted_ber", m.predictedBer},
                            {"measured", measured}});
    }
    json correlations = json::object();
    for (const ToleranceCorrelation& one : toleranceCorrelations(results)) {
        if (!one.correlation) continue;
        correlations[one.metric] = {{"rho", one.correlation->rho},
                                    {"ci95", intervalJson(one.correlation->ci95)}};
    }
    return {{"networks", networks}, {"correlations", correlations}};
}

}  // namespace

ExitStatus runTolerance(const std::vector<std::string>& arguments) {
    CommandLine line(
        "tolerance MODEL... --data DATA [--out FOLDER] [options]",
        "Says what binarised networks have in themselves to stand bit errors, and what they stand. "
        "The margin of\n"
        "a neuron: how many operands of its sum may change their sign for certain, and on average. "
        "The importance\n"
        "of a neuron: the accuracy lost when its output is inverted, and its variance over a "
        "layer. The margin of\n"
        "the decision. From the margins a prediction of the bit error rate at which the accuracy "
        "drops one point,\n"
        "beside the measured one. With three networks or more, the rank correlation of each metric "
        "with what was\n"
        "measured. --out writes tolerance.html with histograms of every layer, tolerance.csv and "
        "tolerance.json.",
        "  brownout tolerance inference/zoo/fashion-bnn-plain.onnx -d fashion-mnist\n"
        "  brownout tolerance inference/zoo/fashion-bnn-*.onnx -d fashion-mnist --out tolerance/");
    line.options().add_options()  //
        ("model,m", po::value<std::vector<std::string>>()->value_name("FILE"),
         "a binarised network, ONNX; repeat for several");
    line.positional("model", -1);
    addDataOptions(line);
    line.options().add_options()  //
        ("margin-images", po::value<std::string>()->value_name("N")->default_value("1000"),
         "take margins and importances of the first N images")  //
        ("ber",
         po::value<std::string>()->value_name("LIST")->default_value(
             "0.0005,0.001,0.002,0.003,0.005,0.007,0.01,0.015,0.02,0.03,0.04,0.05,0.06,0.08,0.1"),
         "bit error rates of the measurement")  //
        ("chips", po::value<std::string>()->value_name("N")->default_value("10"),
         "error patterns of the measurement")                               //
        ("no-measurement", po::bool_switch(), "leave the measurement out")  //
        ("no-importance", po::bool_switch(), "leave importances out")       //
        ("out,o", po::value<std::string>()->value_name("FOLDER"),
         "write tolerance.html, tolerance.csv and tolerance.json there, keep the trials of the "
         "measurement, and go on with those that are there");
    addStorageOptions(line);
    if (!line.parse(arguments)) return ExitStatus::kSuccess;
    line.require("model", "the networks");
    line.require("data", "the images to run them on");

    const std::vector<Network> networks = networksOf(line);
    const Dataset images = imagesOf(networks, line);
    const std::vector<Subject> subjects = subjectsOf(networks, images, line);
    std::optional<Campaign> campaign;
    std::optional<ResultsStore> store;
    if (!line.get<bool>("no-measurement")) {
        campaign.emplace(campaignOf(subjects, images, line));
    }
    const auto open = [&] { return openStore(*campaign, {}, line, "tolerance", arguments); };
    // Another campaign is refused at once, and none is begun with networks that aren't binarised.
    if (campaign && hasStore(line)) store = open();
    std::vector<ToleranceResult> results = metricsOf(subjects, line);
    if (campaign) {
        if (!store) store = open();
        ResultsStore* const kept = store ? &*store : nullptr;
        addMeasured(runWithProgress(*campaign, {}, line.common(), kept).summary, results);
    }
    const json found = toJson(results);
    if (line.has("out")) {
        const fs::path folder = line.get<std::string>("out");
        fs::create_directories(folder);
        writeTolerancePage(folder / "tolerance.html", results);
        writeAtomically(folder / "tolerance.csv", toleranceCsv(results));
        writeAtomically(folder / "tolerance.json", jsonText(found) + "\n");
    }
    std::cout << (line.common().json ? jsonText(found) + "\n" : toleranceText(results));
    return ExitStatus::kSuccess;
}

}  // namespace brownout
