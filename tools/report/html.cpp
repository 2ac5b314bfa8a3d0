#include "tools/report/html.h"

#include "base/text.h"

namespace brownout {

std::string htmlText(const std::string& text) {
    std::string escaped;
    // Names come from files: whatever they hold, the page is valid and reads in its order.
    for (const char c : printable(text)) {
        switch (c) {
            case '&':
                escaped += "&amp;";
                break;
            case '<':
                escaped += "&lt;";
                break;
            case '>':
                escaped += "&gt;";
                break;
            case '"':
                escaped += "&quot;";
                break;
            case '\'':
                escaped += "&#39;";
                break;
            default:
                escaped += c;
        }
    }
    return escaped;
}

std::string element(const std::string& name, const std::string& content) {
    return "<" + name + ">" + content + "</" + name + ">\n";
}

std::string htmlTable(const std::vector<std::string>& headings,
                      const std::vector<std::vector<std::string>>& rows, bool namedRows) {
    std::string html = std::string("<div class=\"scroll\"><table") +
                       (namedRows ? " class=\"named\"" : "") + ">\n<thead><tr>";
    for (const auto& heading : headings) {
        html += "<th scope=\"col\">" + htmlText(heading) + "</th>";
    }
    html += "</tr></thead>\n<tbody>\n";
    for (const auto& row : rows) {
        html += "<tr>";
        for (std::size_t i = 0; i < row.size(); ++i) {
            html += i == 0 && namedRows ? "<th scope=\"row\">" + htmlText(row[i]) + "</th>"
                                        : "<td>" + htmlText(row[i]) + "</td>";
        }
        html += "</tr>\n";
    }
    return html + "</tbody></table></div>\n";
}

std::string htmlTerms(const std::vector<std::pair<std::string, std::string>>& terms) {
    std::string html = "<dl>\n";
    for (const auto& [term, meaning] : terms) {
        html += "<dt>" + htmlText(term) + "</dt><dd>" + htmlText(meaning) + "</dd>\n";
    }
    return html + "</dl>\n";
}

}  // namespace brownout
