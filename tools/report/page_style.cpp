#include "tools/report/page_style.h"

#include "tools/report/plots.h"
#include "tools/report/report_style.h"

namespace brownout {

std::string pageStyle() {
    // The last block wins in print, also on a dark screen.
    return std::string("<style>") + kReportStyle + ":root{" + curveColours(false) + "}\n" +
           "@media screen and (prefers-color-scheme:dark){:root{" + kReportDarkColours +
           curveColours(true) + "}}" + kReportPrintStyle + "</style>\n";
}

}  // namespace brownout
