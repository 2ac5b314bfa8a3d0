#include "profiles/statistics/measured_share.h"

namespace brownout {

std::vector<MeasuredShare> measuredShares(const Profile& profile,
                                          std::optional<double> temperatureC) {
    std::vector<MeasuredShare> shares;
    if (!profile.counts()) return shares;
    for (const double voltage : profile.counts()->conditions().voltages) {
        std::uint64_t cells = 0, read01 = 0, read10 = 0;
        MeasuredShare share;
        share.supply = voltage;
        for (std::uint32_t chip = 0; chip < profile.chipCount(); ++chip) {
            const MeasuredCells measured = profile.counts()->cells(chip, {voltage, temperatureC});
            cells += measured.cells;
            read01 += measured.measured01;
            read10 += measured.measured10;
            share.unknownDirection += measured.unknownDirection;
        }
        share.read01 = static_cast<double>(read01) / static_cast<double>(cells);
        share.read10 = static_cast<double>(read10) / static_cast<double>(cells);
        shares.push_back(share);
    }
    return shares;
}

}  // namespace brownout
