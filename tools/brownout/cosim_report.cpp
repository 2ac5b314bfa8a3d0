#include "tools/brownout/cosim_report.h"

#include <nlohmann/json.hpp>

#include "base/numbers.h"
#include "tools/results/json_values.h"

namespace brownout {
namespace {

using nlohmann::json;

constexpr std::size_t kShown = 10;

std::string hex(Word word) {
    char text[19];
    std::snprintf(text, sizeof text, "0x%016llx", static_cast<unsigned long long>(word));
    return text;
}

std::string padded(const std::string& text, std::size_t width) {
    return std::string(width > text.size() ? width - text.size() : 1, ' ') + text;
}

std::string humanTime(const std::optional<Picoseconds>& time) {
    return time ? humanNumber(static_cast<double>(*time) * 1e-6, 6) + " us" : "-";
}

std::string energy(const std::optional<double>& joules) {
    return joules ? humanNumber(*joules, 5) : "-";
}

}  // namespace

std::uint64_t CosimReport::mismatches() const {
    std::uint64_t sum = 0;
    for (const CosimRow& row : rows) sum += row.compared.mismatches;
    return sum;
}

std::string toJson(const CosimReport& report) {
    json rows = json::array();
    for (const CosimRow& row : report.rows) {
        json first = json::array();
        for (const WordMismatch& mismatch : row.compared.first) {
            first.push_back(
                {{"piece", mismatch.piece},
                 {"word", mismatch.word},
                 {"bank", mismatch.word / report.data.wordsPerArray()},
                 {"row", mismatch.word % report.data.wordsPerArray() / report.data.columnMux},
                 {"expected", hex(mismatch.expected.data)},
                 {"expected_status", nameOf(mismatch.expected.status)},
                 {"got", hex(mismatch.got.data)},
                 {"got_status", nameOf(mismatch.got.status)}});
        }
        rows.push_back(
            {{"memory", row.memory},
             {"voltage", row.supply},
             {"label", row.label},
             {"words_compared", row.compared.words},
             {"mismatches", row.compared.mismatches},
             {"first_mismatches", first},
             {"words_written", row.compared.writes},
             {"words_corrected", row.compared.corrected},
             {"words_detected", row.compared.detected},
             {"cycles", orNull(row.cycles)},
             {"simulated_time_s", row.time ? json(static_cast<double>(*row.time) * 1e-12) : json()},
             {"energy",
              {{"dynamic_j", orNull(row.dynamicJ)}, {"leakage_j", orNull(row.leakageJ)}}}});
    }
    const json all = {{"cosim",
                       {{"model", report.model},
                        {"profile", report.profile},
                        {"chip", report.chip},
                        {"codec", report.protection},
                        {"protection", report.protection},
                        {"rtl_top", report.buffer},
                        {"seed", report.seed}}},
                      {"mismatches", report.mismatches()},
                      {"rows", rows}};
    return jsonText(all) + "\n";
}

std::string toText(const CosimReport& report) {
    std::string text = report.model + " on chip " + std::to_string(report.chip) + " of " +
                       report.profile + ", protection " + report.protection + ", RTL " +
                       report.buffer + ", seed " + std::to_string(report.seed) + "\n\n" +
                       "memory       voltage   words compared  mismatches   corrected    detected"
                       "       cycles  simulated time  dynamic J  leakage J\n";
    for (const CosimRow& row : report.rows) {
        text += row.memory + padded(row.label, 20 - row.memory.size()) +
                padded(std::to_string(row.compared.words), 17) +
                padded(std::to_string(row.compared.mismatches), 12) +
                padded(std::to_string(row.compared.corrected), 12) +
                padded(std::to_string(row.compared.detected), 12) +
                padded(row.cycles ? std::to_string(*row.cycles) : "-", 13) +
                padded(humanTime(row.time), 16) + padded(energy(row.dynamicJ), 11) +
                padded(energy(row.leakageJ), 11) + "\n";
    }
    std::size_t shown = 0;
    for (const CosimRow& row : report.rows) {
        for (const WordMismatch& mismatch : row.compared.first) {
            if (shown++ >= kShown) break;
            text += "\n" + row.memory + " at " + row.label + ": " + describe(mismatch, report.data);
        }
    }
    const std::uint64_t mismatches = report.mismatches();
    text +=
        "\n" + std::to_string(mismatches) + (mismatches == 1 ? " mismatch" : " mismatches") +
        (shown < mismatches ? ", the first " + std::to_string(std::min(shown, kShown)) + " above"
                            : "") +
        "\n";
    return text;
}

}  // namespace brownout
