#include "tools/brownout/bist_device.h"

#include <algorithm>
#include <iostream>

#include "base/atomic_file.h"
#include "base/error.h"
#include "emulation/points.h"
#include "hardware/device/device_march.h"
#include "profiles/counts_writer.h"
#include "tools/brownout/cell_counts.h"
#include "tools/brownout/device_options.h"
#include "tools/brownout/output.h"
#include "tools/brownout/voltage.h"
#include "tools/report/progress.h"

namespace brownout {
namespace {

/// Returns the supplies that are asked for, V, ascending, as a file wants them.
std::vector<double> suppliesOf(const CommandLine& line) {
    std::vector<double> volts;
    const auto points = line.named([&] { return pointsOfDevice(suppliesIn(line)); });
    for (const PointSpec& point : points) volts.push_back(*point.voltage);
    std::sort(volts.begin(), volts.end());
    volts.erase(std::unique(volts.begin(), volts.end()), volts.end());
    return volts;
}

ProfileHeader headerOf(const DeviceSpec& device, const SramGeometry& geometry,
                       MarchAlgorithm algorithm, std::uint32_t repeats) {
    ProfileHeader header;
    header.info = infoForNewProfile(Provenance::kMeasured,
                                    "BIST " + nameOf(algorithm) + ", " + std::to_string(repeats) +
                                        (repeats == 1 ? " run" : " runs") + " a supply, of " +
                                        device.target + ", supply " + device.supply);
    header.device.geometry = geometry;
    header.device.unit = VoltageUnit::kVolt;
    return header;
}

}  // namespace

ExitStatus bistDevice(const std::string& url, const CommandLine& line) {
    if (line.has("profile") || line.has("chips")) {
        throw UsageError(line.has("profile") ? "--profile" : "--chips",
                         "doesn't go with a real memory, which is the chip that it is");
    }
    const MarchAlgorithm algorithm = marchAlgorithmOf(line.get<std::string>("algorithm"));
    const std::uint32_t repeats = *line.count("repeats", 1'000'000);
    const std::vector<double> supplies = suppliesOf(line);
    const auto out = line.get<std::string>("out");
    checkCanWrite(out);
    GuardedDevice bench(line, "--target", url, "");
    return bench.during([&] {
        HardwareDevice& device = *bench.device();
        for (const double volts : supplies) device.supply().requireWithinLimits(volts);
        const SramGeometry& geometry = device.settings().geometry;
        CountsShape shape;
        shape.mostTrials = repeats;
        shape.conditions.voltages = supplies;
        CountsWriter writer(out, headerOf(bench.spec(), geometry, algorithm, repeats), shape);
        ProgressDisplay progress(terminalErrors(), progressStyleFor(2, line.common().quiet),
                                 "tests", supplies.size() * std::uint64_t{repeats});
        proveAtNominal(device);
        // From the highest supply down: a chip that can't stand the lowest has shown the others.
        for (auto v = static_cast<std::uint32_t>(supplies.size()); v-- > 0;) {
            CellCounts counts(geometry);
            for (std::uint32_t run = 0; run < repeats; ++run) {
                counts.add(runMarch(device, algorithm, supplies[v]));
                progress.advance();
            }
            CountsPlace place;
            place.voltage = v;
            counts.writeTo(writer, place, repeats);
        }
        device.supply().moveToNominal();
        progress.finish();
        writer.commit();
        if (!line.common().quiet) {
            std::cerr << out << ": 1 chip at " << supplies.size()
                      << (supplies.size() == 1 ? " supply" : " supplies") << "\n";
        }
        return ExitStatus::kSuccess;
    });
}

}  // namespace brownout
