// Does the shipped eyeriss-like array move the megabytes that Eyeriss was measured to move?

#include <gtest/gtest.h>

#include <cmath>

#include "model/accelerator/account_energy.h"
#include "profiles/accelerators/accelerator_yaml.h"
#include "tests/model/accelerator/shapes.h"

namespace brownout::test {
namespace {

/// A row of the table of the chip: AlexNet, batch 4, 200 MHz, 1 V (JSSC 2017; REFERENCE 9).
struct Measured {
    double milliwatts, milliseconds, processingMs, bufferMB, dramMB;
};
const Measured kMeasured[] = {{332, 20.9, 16.5, 18.5, 5.0},
                              {288, 41.9, 39.2, 77.6, 4.0},
                              {266, 23.6, 21.8, 50.2, 3.0},
                              {235, 18.4, 16.0, 37.4, 2.1},
                              {236, 10.5, 10.0, 24.9, 1.3}};

double megabytes(const MemoryUse& use) { return static_cast<double>(use.reads + use.writes) * 2e-6; }

double furtherThan(double ratio) { return std::max(ratio, 1 / ratio); }

class Eyeriss : public testing::Test {
 protected:
    Eyeriss() {
        const auto input =
            openInput(std::string(BROWNOUT_SOURCE_DIR) + "/profiles/accelerators/eyeriss-like.yaml");
        accelerator_ = readAccelerator(*input).accelerator;
        account_ = accountOf(accelerator_, chainOf(alexNet()), 4);
        energy_ = energyOf(accelerator_, account_, nominalSupplies(accelerator_));
    }

    Accelerator accelerator_;
    Account account_;
    std::vector<LayerEnergy> energy_;
};

TEST_F(Eyeriss, MovesWhatTheSiliconMoves) {
    double buffer = 0, dram = 0, bufferMeasured = 0, dramMeasured = 0;
    for (std::size_t l = 0; l < 5; ++l) {
        const double here = megabytes(account_.layers[l].memories[0]);
        const double there = megabytes(account_.layers[l].memories[1]);
        std::cout << "conv" << l + 1 << ": buffer " << here << " MB / " << kMeasured[l].bufferMB
                  << " measured = " << here / kMeasured[l].bufferMB << ", DRAM " << there << " / "
                  << kMeasured[l].dramMB << " = " << there / kMeasured[l].dramMB << ", "
                  << 1e3 * energy_[l].seconds << " ms / " << kMeasured[l].processingMs << ", " << account_.layers[l].order << "\n";
        EXPECT_LE(furtherThan(here / kMeasured[l].bufferMB), 1.4) << l;
        buffer += here;
        dram += there;
        bufferMeasured += kMeasured[l].bufferMB;
        dramMeasured += kMeasured[l].dramMB;
    }
    std::cout << "all: buffer " << buffer / bufferMeasured << ", DRAM " << dram / dramMeasured << "\n";
    EXPECT_LE(furtherThan(buffer / bufferMeasured), 1.1);
    EXPECT_LE(furtherThan(dram / dramMeasured), 1.6);
}

TEST_F(Eyeriss, EnergyOnTheChip) {
    double all = 0, measured = 0;
    LayerEnergy total = totalOf(energy_);
    for (std::size_t l = 0; l < 5; ++l) {
        const double chip = energy_[l].computeJ() + energy_[l].memories[0].dynamicJ;
        const double was = kMeasured[l].milliwatts * kMeasured[l].milliseconds * 1e-6;
        all += chip;
        measured += was;
        std::cout << l << " " << chip / was << "\n";
    }
    std::cout << "all " << measured / all << " pJ; mac " << total.macJ << " reg " << total.registerJ
              << " transfer " << total.transferJ << " buffer " << total.memories[0].dynamicJ << " dram "
              << total.memories[1].dynamicJ << "\n";
}

}  // namespace
}  // namespace brownout::test
