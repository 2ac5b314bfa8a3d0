#include "tools/brownout/report_page.h"

#include <cmath>

#include "profiles/profile_chips.h"
#include "tools/report/report.h"

namespace brownout {
namespace {

/// The point whose picture says most: failing cells nearest to 1 %, on a logarithmic scale.
const PointSpec* pointToDraw(const CampaignSpec& spec) {
    const PointSpec* best = nullptr;
    const auto distance = [](const PointSpec& point) {
        return std::abs(std::log(point.berExpected / 0.01));
    };
    for (const PointSpec& point : spec.points) {
        if (!point.voltage || point.berExpected <= 0) continue;
        if (best == nullptr || distance(point) < distance(*best)) best = &point;
    }
    return best;
}

}  // namespace

void writeReportPage(const std::filesystem::path& folder, const Summary& summary,
                     const std::optional<Profile>& profile, const std::string& command) {
    ReportExtras extras;
    extras.command = command;
    const PointSpec* point = pointToDraw(summary.campaign);
    if (profile && point != nullptr) {
        extras.faultMap =
            FaultMapFigure{profile->device().geometry,
                           ProfileChips(*profile)
                               .faults(0, {*point->voltage, summary.campaign.profile->temperatureC})
                               ->cells(),
                           0, point->label};
    }
    writeReport(folder / "report.html", summary, extras);
}

}  // namespace brownout
