#include "tools/report/tolerance_page.h"

#include <algorithm>
#include <functional>

#include "base/atomic_file.h"
#include "base/numbers.h"
#include "tools/report/columns.h"
#include "tools/report/html.h"
#include "tools/report/page.h"

namespace brownout {

namespace {

using Rows = std::vector<std::vector<std::string>>;

const std::vector<std::string> kLayerHeadings = {
    "layer",         "neurons",       "operands",           "certain flips",
    "of operands %", "average flips", "one flip changes %", "importance, points",
    "variance"};
const std::vector<std::string> kNetworkHeadings = {
    "network",         "clean error %",         "neuron metric %",     "inter-neuron metric",
    "decision, flips", "predicted tolerance %", "measured tolerance %"};

std::string number(double value) { return humanNumber(value, 3); }

std::vector<std::string> layerRow(const LayerTolerance& layer) {
    const bool margins = layer.hasMargins;
    const bool importances = !layer.importances.empty();
    return {layer.name,
            std::to_string(layer.neurons),
            std::to_string(layer.operands),
            margins ? number(layer.meanMargin) : "-",
            margins ? percent(layer.meanShare) : "-",
            margins ? number(layer.meanAverage) : "-",
            margins ? percent(layer.without) : "-",
            importances ? number(100 * layer.importanceMean) : "-",
            importances ? number(1e4 * layer.importanceVariance) : "-"};
}

std::string rateText(const std::optional<ToleratedRate>& rate) {
    if (!rate) return "-";
    return percent(rate->rate) + " [" + (rate->low ? percent(*rate->low) : "0") + ", " +
           (rate->high ? percent(*rate->high) : "...") + "]";
}

std::vector<std::string> networkRow(const ToleranceResult& result) {
    const NetworkTolerance& m = result.metrics;
    return {m.name,
            percent(result.cleanError),
            percent(m.neuronMetric),
            m.interNeuronMetric ? number(1e4 * *m.interNeuronMetric) : "-",
            number(m.meanOutputMargin),
            percent(m.predictedBer),
            rateText(result.measured)};
}

Rows correlationRows(const std::vector<ToleranceResult>& results) {
    Rows rows;
    for (const ToleranceCorrelation& one : toleranceCorrelations(results)) {
        const auto& c = one.correlation;
        rows.push_back({one.metric, c ? humanNumber(c->rho, 2) : "-",
                        c && c->ci95 ? "[" + humanNumber(c->ci95->low, 2) + ", " +
                                           humanNumber(c->ci95->high, 2) + "]"
                                     : "-"});
    }
    return rows;
}

/// Returns a histogram as SVG in the colours of the page.
std::string histogramSvg(const ToleranceHistogram& histogram) {
    const std::uint64_t most = std::max<std::uint64_t>(
        1, *std::max_element(histogram.counts.begin(), histogram.counts.end()));
    const std::size_t bins = histogram.counts.size();
    std::string svg = "<svg viewBox=\"0 0 " + std::to_string(10 * bins) +
                      " 90\" role=\"img\" style=\"width:100%;max-width:30rem\">";
    for (std::size_t i = 0; i < bins; ++i) {
        const double height =
            70.0 * static_cast<double>(histogram.counts[i]) / static_cast<double>(most);
        svg += "<rect x=\"" + std::to_string(10 * i) + "\" y=\"" + humanNumber(72 - height, 5) +
               "\" width=\"9\" height=\"" + humanNumber(height, 5) + "\" fill=\"var(--curve0)\"/>";
    }
    for (std::size_t i = 0; i < bins; i += 4) {
        const double at = histogram.binWidth * static_cast<double>(i);
        svg += "<text x=\"" + std::to_string(10 * i) +
               "\" y=\"85\" font-size=\"9\" fill=\"var(--ink)\">" + humanNumber(at, 4) + "</text>";
    }
    return svg + "</svg>";
}

std::string histogramFigure(const std::string& title, const ToleranceHistogram& histogram,
                            const std::string& what) {
    if (histogram.counts.empty()) return "";
    return htmlFigure(title, histogramSvg(histogram),
                      htmlText(what + "; the last bar has all that is larger"));
}

std::string networkPart(const ToleranceResult& result) {
    const NetworkTolerance& m = result.metrics;
    Rows rows;
    std::string figures = histogramFigure("Decisions", m.outputMargins,
                                          "images that are right, by the flips in the last sums "
                                          "that the decision stands for certain");
    for (const LayerTolerance& layer : m.layers) {
        rows.push_back(layerRow(layer));
        figures +=
            histogramFigure(layer.name + ": margins", layer.margins,
                            "neurons of all images, by the flips that they stand for certain");
        figures += histogramFigure(layer.name + ": importance", layer.importanceHistogram,
                                   "neurons, by the images lost of " + std::to_string(m.images) +
                                       " when their output is inverted");
    }
    return element("h2", htmlText(m.name)) + htmlTable(kLayerHeadings, rows, true) + figures;
}

}  // namespace

std::vector<ToleranceCorrelation> toleranceCorrelations(
    const std::vector<ToleranceResult>& results) {
    using Metric =
        std::pair<const char*, std::function<std::optional<double>(const NetworkTolerance&)>>;
    const Metric metrics[] = {
        {"neuron-level", [](const auto& m) { return m.neuronMetric; }},
        {"inter-neuron", [](const auto& m) { return m.interNeuronMetric; }},
        {"decision", [](const auto& m) { return m.outputMetric; }},
        {"prediction", [](const auto& m) { return m.predictedBer; }},
    };
    std::vector<ToleranceCorrelation> correlations;
    for (const auto& [name, metricOf] : metrics) {
        std::vector<double> metric, measured;
        for (const ToleranceResult& result : results) {
            const std::optional<double> value = metricOf(result.metrics);
            if (!result.measured || !value) continue;
            metric.push_back(*value);
            measured.push_back(result.measured->rate);
        }
        correlations.push_back({name, rankCorrelation(metric, measured)});
    }
    return correlations;
}

std::string toleranceText(const std::vector<ToleranceResult>& results) {
    std::string text;
    Rows networks = {kNetworkHeadings};
    for (const ToleranceResult& result : results) {
        Rows rows = {kLayerHeadings};
        for (const LayerTolerance& layer : result.metrics.layers) rows.push_back(layerRow(layer));
        text += result.metrics.name + ", " + counted(result.metrics.images, "image") + "\n" +
                alignedColumns(rows, 1) + "\n";
        networks.push_back(networkRow(result));
    }
    text += alignedColumns(networks, 1);
    text +=
        "\nFlips are operands of a sum that change their sign. Tolerance: the bit error rate of "
        "the "
        "stored weights at\nwhich the accuracy drops one point, [95 % interval]. Importance: "
        "points "
        "of accuracy lost when a neuron's\noutput is inverted.\n";
    if (results.size() >= 3) {
        Rows correlations = {{"metric", "rho", "interval"}};
        for (auto& row : correlationRows(results)) correlations.push_back(std::move(row));
        text += "\nRank correlation (Spearman) with the measured tolerance, 95 % interval:\n" +
                alignedColumns(correlations, 1);
    }
    return text;
}

std::string toleranceCsv(const std::vector<ToleranceResult>& results) {
    std::string csv =
        "network,layer,neurons,operands,certain_flips,certain_share,average_flips,one_flip_changes,"
        "importance_mean,importance_variance\n";
    for (const ToleranceResult& result : results) {
        for (const LayerTolerance& layer : result.metrics.layers) {
            const auto margin = [&](double value) {
                return csvNumber(layer.hasMargins ? std::optional(value) : std::nullopt);
            };
            const auto importance = [&](double value) {
                return csvNumber(layer.importances.empty() ? std::nullopt : std::optional(value));
            };
            csv += csvText(result.metrics.name) + "," + csvText(layer.name) + "," +
                   std::to_string(layer.neurons) + "," + std::to_string(layer.operands) + "," +
                   margin(layer.meanMargin) + "," + margin(layer.meanShare) + "," +
                   margin(layer.meanAverage) + "," + margin(layer.without) + "," +
                   importance(layer.importanceMean) + "," + importance(layer.importanceVariance) +
                   "\n";
        }
    }
    return csv;
}

void writeTolerancePage(const std::filesystem::path& file,
                        const std::vector<ToleranceResult>& results) {
    Rows networks;
    for (const ToleranceResult& result : results) networks.push_back(networkRow(result));
    std::string main = htmlTable(kNetworkHeadings, networks, true) +
                       paragraph(
                           "Flips are operands of a sum that change their sign. Tolerance: "
                           "the bit error rate of the stored weights at which the accuracy "
                           "drops one point, with its 95 % interval.");
    if (results.size() >= 3) {
        main += element("h2", "Rank correlation with the measured tolerance") +
                htmlTable({"metric", "rho", "95 % interval"}, correlationRows(results), true);
    }
    for (const ToleranceResult& result : results) main += networkPart(result);
    writeAtomically(file, htmlPage("Tolerance of binarised networks",
                                   paragraph("Margins and importances of neurons."), main));
}

}  // namespace brownout
