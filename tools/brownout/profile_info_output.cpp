#include "tools/brownout/profile_info_output.h"

#include <algorithm>
#include <cmath>
#include <iostream>
#include <nlohmann/json.hpp>

#include "base/numbers.h"
#include "tools/results/json_values.h"

namespace brownout {
namespace {

using nlohmann::json;

json toJson(const Estimated& figure) {
    return {{"value", figure.value}, {"standard_error", orNull(figure.error)}};
}

json figureJson(const std::optional<Estimated>& figure) {
    return figure ? toJson(*figure) : json();
}

json toJson(const SpatialStatistics& at) {
    return {
        {"failing_interval_95", {at.rateLow, at.rateHigh}},
        {"nested_share", orNull(at.nested)},
        {"worst_columns", {{"of_5", orNull(at.worst5)}, {"of_10", orNull(at.worst10)}}},
        {"same_column_pairs",
         {{"share", orNull(at.sameColumn)}, {"if_uniform", at.sameColumnIfUniform}}},
        {"same_row_pairs", {{"share", orNull(at.sameRow)}, {"if_uniform", at.sameRowIfUniform}}},
        {"clean_arrays_share", at.cleanArrays},
        {"worst_tenth_of_arrays_share", orNull(at.worstArrays)},
        {"correlation",
         {{"column", figureJson(at.columnCorrelation)},
          {"row", figureJson(at.rowCorrelation)},
          {"array", figureJson(at.arrayCorrelation)}}}};
}

json toJson(const MeasuredShare& share) {
    return {{"measured",
             {{"share_01", share.read01},
              {"share_10", share.read10},
              {"failing_of_unknown_direction", share.unknownDirection}}}};
}

json temperaturesOf(const Profile& profile) {
    if (profile.counts()) return profile.counts()->conditions().temperaturesC;
    const auto& reference = profile.supplies().shifts().referenceTemperatureC;
    return reference ? json::array({*reference}) : json::array();
}

json toJson(const Profile& profile, const std::vector<VoltageStatistics>& rows,
            const SpatialDescription& spatial, const std::vector<MeasuredShare>& measured) {
    const ProfileInfo& info = profile.info();
    const Device& device = profile.device();
    json voltages = json::array();
    for (const VoltageStatistics& row : rows) {
        voltages.push_back({{"voltage", row.supply},
                            {"rate_expected", orNull(row.expectedRate)},
                            {"rate_observed", {{"mean", row.meanRate}, {"std", row.stdRate}}},
                            {"ber_on_balanced_data", row.bitErrorRate},
                            {"failing_cells", {{"mean", row.meanCells}, {"std", row.stdCells}}},
                            {"share_01_only", row.only01},
                            {"share_10_only", row.only10},
                            {"share_both", row.both},
                            {"share_persistent", row.persistent}});
        voltages.back().update(toJson(spatial.at[voltages.size() - 1]));
        for (const MeasuredShare& share : measured) {
            if (share.supply == row.supply) voltages.back().update(toJson(share));
        }
    }
    return {
        {"path", profile.path().string()},
        {"format", std::to_string(info.version.major) + "." + std::to_string(info.version.minor)},
        {"fingerprint", profile.fingerprint()},
        {"sealed", profile.sealed()},
        {"creator", info.creator},
        {"created", info.created},
        {"provenance", nameOf(info.provenance)},
        {"history", info.history},
        {"encoding", nameOf(profile.encoding())},
        {"chips", profile.chipCount()},
        {"temperatures_c", temperaturesOf(profile)},
        {"read_noise", profile.supplies().shifts().readNoise},
        {"device",
         {{"node", device.node},
          {"arrays", device.geometry.arrays},
          {"rows", device.geometry.rows},
          {"columns", device.geometry.columns},
          {"column_mux", device.geometry.columnMux},
          {"voltage_unit", nameOf(device.unit)},
          {"vmin_v", orNull(device.vminV)}}},
        {"energy_source", profile.energy() ? json(profile.energy()->source()) : json()},
        {"critical_voltage",
         {{"mean", figureJson(spatial.mean)},
          {"sigma", figureJson(spatial.sigma)},
          {"standard_errors_over", nameOf(spatial.blocks)},
          {"blocks", spatial.blockCount}}},
        {"voltages", voltages}};
}

std::string padded(const std::string& text, std::size_t width) {
    return std::string(width > text.size() ? width - text.size() : 0, ' ') + text;
}

std::string withError(const Estimated& figure, int digits) {
    std::string text = humanNumber(figure.value, digits);
    if (figure.error) text += " ± " + humanNumber(*figure.error, 2);
    return text;
}

std::string percentOr(const std::optional<double>& share) {
    return share ? percent(*share, 1) : "-";
}

/// Pads text that may hold "±", which is two bytes and one column.
std::string paddedText(const std::string& text, std::size_t width) {
    return padded(text, width + (text.find("±") == std::string::npos ? 0 : 1));
}

std::string correlation(const std::optional<Estimated>& figure) {
    if (!figure) return "-";
    Estimated rounded = *figure;
    if (std::abs(rounded.value) < 5e-5) rounded.value = 0;
    return withError(rounded, 2);
}

void print(const SpatialDescription& spatial, const Device& device) {
    std::cout
        << "\n  How they lie (shares in %; uniform: what uniformly distributed faults would "
           "give; errors over "
        << spatial.blockCount << " " << nameOf(spatial.blocks)
        << (spatial.blockCount == 1 ? "" : "s") << "):\n\n"
        << "   voltage  failing cells, 95 % interval  nested  5 worst  10 worst  same  "
           "uniform   same  uniform   clean  worst 10 %\n"
           "                         %               below  columns   columns   col.           "
           "  row          arrays   of arrays\n";
    for (const SpatialStatistics& at : spatial.at) {
        std::cout << padded(humanNumber(at.supply, 4), 10)
                  << padded(humanNumber(100 * at.rateLow, 4) + " to " +
                                humanNumber(100 * at.rateHigh, 4),
                            30)
                  << padded(percentOr(at.nested), 8) << padded(percentOr(at.worst5), 9)
                  << padded(percentOr(at.worst10), 10) << padded(percentOr(at.sameColumn), 6)
                  << padded(percent(at.sameColumnIfUniform, 1), 9)
                  << padded(percentOr(at.sameRow), 7) << padded(percent(at.sameRowIfUniform, 1), 9)
                  << padded(percent(at.cleanArrays, 1), 8) << padded(percentOr(at.worstArrays), 12)
                  << "\n";
    }
    std::cout << "\n  Correlation of the critical voltages of two cells (Gaussian copula):\n\n"
                 "   voltage         in a column            in a row   elsewhere in an array\n";
    for (const SpatialStatistics& at : spatial.at) {
        if (!at.columnCorrelation && !at.rowCorrelation && !at.arrayCorrelation) continue;
        std::cout << padded(humanNumber(at.supply, 4), 10)
                  << paddedText(correlation(at.columnCorrelation), 20)
                  << paddedText(correlation(at.rowCorrelation), 20)
                  << paddedText(correlation(at.arrayCorrelation), 24) << "\n";
    }
    if (!spatial.mean) return;
    std::cout << "\n  Critical voltage, Gaussian that fits best: mean "
              << withError(*spatial.mean, 4) << ", sigma " << withError(*spatial.sigma, 3) << " "
              << nameOf(device.unit) << "\n";
}

void print(const std::vector<MeasuredShare>& measured) {
    const auto full = [](const MeasuredShare& one) {
        return one.read01 == 1 && one.read10 == 1 && one.unknownDirection == 0;
    };
    if (std::all_of(measured.begin(), measured.end(), full)) {
        std::cout << "\n  Every cell was read with a 0 and with a 1 stored.\n";
        return;
    }
    std::cout
        << "\n  What was measured, of all cells; the rest is taken as not failing. Cells whose "
           "direction is unknown are\n"
           "  taken to flip:\n\n"
           "   voltage  0 stored %  1 stored %  failing, direction unknown\n";
    for (const MeasuredShare& one : measured) {
        std::cout << padded(humanNumber(one.supply, 4), 10) << padded(percent(one.read01, 2), 12)
                  << padded(percent(one.read10, 2), 12)
                  << padded(std::to_string(one.unknownDirection), 28) << "\n";
    }
}

void printShifts(const Profile& profile) {
    const VoltageShifts& shifts = profile.supplies().shifts();
    const char* unit = nameOf(profile.device().unit);
    if (shifts.readNoise > 0) {
        std::cout << "  read noise   " << shifts.readNoise << " " << unit << "\n";
    }
    const json temperatures = temperaturesOf(profile);
    if (temperatures.empty()) return;
    std::cout << "  temperature  ";
    for (std::size_t i = 0; i < temperatures.size(); ++i) {
        std::cout << (i > 0 ? ", " : "") << temperatures[i].get<double>();
    }
    std::cout << " degrees Celsius";
    if (shifts.temperatureCoefficient != 0) {
        std::cout << "; critical voltages rise by " << shifts.temperatureCoefficient << " " << unit
                  << " a degree";
    }
    std::cout << "\n";
}

void print(const Profile& profile, const std::vector<VoltageStatistics>& rows,
           const SpatialDescription& spatial, const std::vector<MeasuredShare>& measured) {
    const ProfileInfo& info = profile.info();
    const Device& device = profile.device();
    std::cout << profile.path().string() << "\n"
              << "  format       " << info.version.major << "." << info.version.minor << ", "
              << nameOf(profile.encoding()) << (profile.sealed() ? ", sealed" : ", not sealed")
              << "\n"
              << "  creator      " << info.creator << ", " << info.created << "\n"
              << "  provenance   " << nameOf(info.provenance) << "\n";
    for (const std::string& step : info.history) std::cout << "  history      " << step << "\n";
    std::cout << "  device       " << (device.node.empty() ? "" : device.node + ", ")
              << device.geometry.arrays << " arrays of " << device.geometry.rows << " x "
              << device.geometry.columns << ", column mux " << device.geometry.columnMux << "\n"
              << "  voltages in  " << nameOf(device.unit);
    if (device.vminV) std::cout << " (Vmin = " << *device.vminV << " V)";
    std::cout << "\n  chips        " << profile.chipCount() << "\n";
    printShifts(profile);
    if (profile.energy()) std::cout << "  energy       " << profile.energy()->source() << "\n";
    std::cout << "\n  Failing cells, mean over all chips (BER: bits read wrong on data of as many "
                 "zeros as ones):\n\n"
                 "   voltage   expected %    failing %        BER %  cells/chip       std  0->1 %  "
                 "1->0 %  both %"
                 "  always %      read J    rel.\n";
    for (const VoltageStatistics& row : rows) {
        std::cout << padded(humanNumber(row.supply, 4), 10)
                  << padded(row.expectedRate ? humanNumber(100 * *row.expectedRate, 4) : "-", 13)
                  << padded(humanNumber(100 * row.meanRate, 4), 13)
                  << padded(humanNumber(100 * row.bitErrorRate, 4), 13)
                  << padded(humanNumber(row.meanCells, 6), 12)
                  << padded(row.chips > 1 ? humanNumber(row.stdCells, 4) : "-", 10)
                  << padded(percent(row.only01, 1), 8) << padded(percent(row.only10, 1), 8)
                  << padded(percent(row.both, 1), 8) << padded(percent(row.persistent, 1), 10);
        if (profile.energy() && profile.energy()->covers(row.supply)) {
            std::cout << padded(humanNumber(profile.energy()->readJ(row.supply), 4), 12)
                      << padded(humanNumber(profile.energy()->relative(row.supply), 4), 8);
        }
        std::cout << "\n";
    }
    if (!measured.empty()) print(measured);
    print(spatial, device);
}

}  // namespace

void printInfo(const Profile& profile, const std::vector<VoltageStatistics>& rows,
               const SpatialDescription& spatial, const std::vector<MeasuredShare>& measured,
               bool asJson) {
    if (asJson) {
        std::cout << jsonText(toJson(profile, rows, spatial, measured)) << "\n";
    } else {
        print(profile, rows, spatial, measured);
    }
}

}  // namespace brownout
