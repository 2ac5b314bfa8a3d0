#include "tests/report/page_reader.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <stdexcept>

namespace brownout::test {
namespace {

/// Text between `from` and `to` at or after `at`, which moves behind it; empty at the end.
std::string between(const std::string& text, const std::string& from, const std::string& to,
                    std::size_t& at) {
    const auto begin = text.find(from, at);
    if (begin == std::string::npos) {
        at = std::string::npos;
        return "";
    }
    const auto end = text.find(to, begin + from.size());
    at = end + to.size();
    return text.substr(begin + from.size(), end - begin - from.size());
}

std::vector<std::string> allBetween(const std::string& text, const std::string& from,
                                    const std::string& to) {
    std::vector<std::string> all;
    for (std::size_t at = 0;;) {
        auto one = between(text, from, to, at);
        if (at == std::string::npos) return all;
        all.push_back(std::move(one));
    }
}

std::string plain(std::string html) {
    for (std::size_t at = 0; (at = html.find('<', at)) != std::string::npos;) {
        html.erase(at, html.find('>', at) - at + 1);
    }
    for (const auto& [name, character] : {std::pair{"&lt;", "<"},
                                          {"&gt;", ">"},
                                          {"&quot;", "\""},
                                          {"&#39;", "'"},
                                          {"&amp;", "&"}}) {
        for (std::size_t at = 0; (at = html.find(name, at)) != std::string::npos; ++at) {
            html.replace(at, std::string(name).size(), character);
        }
    }
    return html;
}

struct Label {
    double x, y, value;
};

/// A number and where its label stands along an axis.
struct Axis {
    bool log = false;
    std::vector<std::pair<double, double>> tics;  ///< pixel, value

    double read(double pixel) const {
        const auto [low, high] = std::minmax_element(
            tics.begin(), tics.end(), [](auto a, auto b) { return a.first < b.first; });
        const auto scaled = [this](double value) { return log ? std::log(value) : value; };
        const double slope =
            (scaled(high->second) - scaled(low->second)) / (high->first - low->first);
        const double value = scaled(low->second) + slope * (pixel - low->first);
        return log ? std::exp(value) : value;
    }
};

std::vector<Label> numbersIn(const std::string& svg) {
    std::vector<Label> labels;
    for (const auto& group : allBetween(svg, "<g transform=\"translate(", "</g>")) {
        char* end = nullptr;
        const double x = std::strtod(group.c_str(), &end);
        const double y = std::strtod(end + 1, nullptr);
        const auto text = plain(group.substr(group.find('>') + 1));
        const auto begin = text.find_first_not_of(" \n\t");
        if (begin == std::string::npos) continue;
        const double value = std::strtod(text.c_str() + begin, &end);
        if (end == text.c_str() + begin) continue;
        if (std::string(end).find_first_not_of(" \n\t") != std::string::npos) continue;
        labels.push_back({x, y, value});
    }
    return labels;
}

double brightness(const std::string& colour) {
    std::string digits = colour.substr(1);
    if (digits.size() == 3) {
        digits = {digits[0], digits[0], digits[1], digits[1], digits[2], digits[2]};
    }
    double sum = 0;
    const double weights[] = {0.2126, 0.7152, 0.0722};
    for (std::size_t i = 0; i < 3; ++i) {
        const double c = std::stoi(digits.substr(2 * i, 2), nullptr, 16) / 255.0;
        sum += weights[i] * (c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4));
    }
    return sum;
}

}  // namespace

std::vector<ReadTable> tablesOf(const std::string& html) {
    std::vector<ReadTable> tables;
    for (auto at = html.find("<table"); at != std::string::npos; at = html.find("<table", at + 1)) {
        ReadTable table;
        const auto h2 = html.rfind("<h2>", at);
        const auto h3 = html.rfind("<h3>", at);
        const auto heading = h3 == std::string::npos || h3 < h2 ? h2 : h3;
        table.heading = plain(html.substr(heading, html.find("</h", heading) - heading));
        const auto text = html.substr(at, html.find("</table>", at) - at);
        for (const auto& row : allBetween(text, "<tr>", "</tr>")) {
            table.rows.emplace_back();
            for (std::size_t cell = 0; (cell = row.find("<t", cell)) != std::string::npos; ++cell) {
                const auto begin = row.find('>', cell) + 1;
                table.rows.back().push_back(
                    plain(row.substr(begin, row.find("</t", begin) - begin)));
            }
        }
        tables.push_back(table);
    }
    return tables;
}

std::vector<ReadMark> marksOf(const std::string& html, const std::string& title) {
    const auto label = html.find("aria-label=\"" + title + ": ");
    if (label == std::string::npos) throw std::runtime_error("no plot '" + title + "'");
    const auto begin = html.rfind("<svg", label);
    const auto svg = html.substr(begin, html.find("</svg>", begin) - begin);
    const auto description = svg.substr(0, svg.find('>'));
    const auto against = description.find(" against ", description.find(": "));

    // Labels of the x axis stand lowest, those of the y axis furthest left.
    const auto labels = numbersIn(svg);
    double lowest = 0, left = HUGE_VAL;
    for (const auto& one : labels) {
        lowest = std::max(lowest, one.y);
        left = std::min(left, one.x);
    }
    Axis x, y;
    x.log = description.find("(log)", against) != std::string::npos;
    y.log = description.substr(0, against).find("(log)") != std::string::npos;
    // A label's base line is a third of its 16 pixels below what it labels.
    constexpr double kBaseline = 5.2;
    for (const auto& one : labels) {
        if (one.y == lowest) x.tics.emplace_back(one.x, one.value);
        if (one.x == left) y.tics.emplace_back(one.y - kBaseline, one.value);
    }
    std::vector<ReadMark> marks;
    for (const auto& mark : allBetween(svg, "<use href='", "/>")) {
        const auto at = mark.find("translate(");
        const auto colour = mark.find("var(--curve");
        if (at == std::string::npos || colour == std::string::npos) continue;
        char* end = nullptr;
        const double px = std::strtod(mark.c_str() + at + 10, &end);
        const double py = std::strtod(end + 1, nullptr);
        marks.push_back({std::atoi(mark.c_str() + colour + 11), x.read(px), y.read(py)});
    }
    return marks;
}

double contrast(const std::string& a, const std::string& b) {
    const auto [low, high] = std::minmax({brightness(a), brightness(b)});
    return (high + 0.05) / (low + 0.05);
}

std::string propertyIn(const std::string& declarations, const std::string& name) {
    const auto at = declarations.rfind(name + ":");
    if (at == std::string::npos) return "";
    const auto begin = at + name.size() + 1;
    return declarations.substr(begin, declarations.find_first_of(";}", begin) - begin);
}

}  // namespace brownout::test
