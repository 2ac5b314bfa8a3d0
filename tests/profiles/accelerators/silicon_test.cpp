// Does the shipped eyeriss-like array move the megabytes that Eyeriss was measured to move?

#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>

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

double megabytes(const MemoryUse& use) {
    return static_cast<double>(use.reads + use.writes) * 2e-6;
}

double furtherThan(double ratio) { return std::max(ratio, 1 / ratio); }

class Eyeriss : public testing::Test {
 protected:
    Eyeriss() {
        const auto input = openInput(std::string(BROWNOUT_SOURCE_DIR) +
                                     "/profiles/accelerators/eyeriss-like.yaml");
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
                  << account_.layers[l].order << "\n";
        EXPECT_LE(furtherThan(here / kMeasured[l].bufferMB), 1.4) << l;
        buffer += here;
        dram += there;
        bufferMeasured += kMeasured[l].bufferMB;
        dramMeasured += kMeasured[l].dramMB;
    }
    std::cout << "all: buffer " << buffer / bufferMeasured << ", DRAM " << dram / dramMeasured
              << "\n";
    EXPECT_LE(furtherThan(buffer / bufferMeasured), 1.1);
    EXPECT_LE(furtherThan(dram / dramMeasured), 1.6);
}

TEST_F(Eyeriss, TakesItsTimeAndItsEnergy) {
    // Energy on the chip is calibrated in the sum, not by layer; time isn't. Zeros that the chip
    // skips make the last layers cheaper than here.
    double chip = 0, measured = 0;
    for (std::size_t l = 0; l < 5; ++l) {
        const double here = energy_[l].computeJ() + energy_[l].memories[0].dynamicJ;
        const double there = kMeasured[l].milliwatts * kMeasured[l].milliseconds * 1e-6;
        std::cout << "conv" << l + 1 << ": " << 1e3 * energy_[l].seconds << " ms / "
                  << kMeasured[l].processingMs
                  << " measured = " << 1e3 * energy_[l].seconds / kMeasured[l].processingMs << ", "
                  << 1e3 * here << " mJ / " << 1e3 * there << " = " << here / there << "\n";
        EXPECT_LE(furtherThan(1e3 * energy_[l].seconds / kMeasured[l].processingMs), 1.2) << l;
        EXPECT_LE(furtherThan(here / there), 1.5) << l;
        chip += here;
        measured += there;
    }
    EXPECT_LE(furtherThan(chip / measured), 1.01);
}

TEST_F(Eyeriss, AnAccessCostsWhatThePaperSaysOfItsLevel) {
    // Multiples of a multiply-accumulate: register 1, array 2, buffer 6, DRAM 200 (REFERENCE 9).
    const double mac = accelerator_.array.macJ;
    EXPECT_DOUBLE_EQ(accelerator_.array.registerJ / mac, 1);
    EXPECT_DOUBLE_EQ(accelerator_.array.transferJ / mac, 2);
    EXPECT_NEAR(accelerator_.memories[0].energy->readJ(1) / mac, 6, 1e-12);
    EXPECT_NEAR(accelerator_.memories[1].energy->readJ(1) / mac, 200, 1e-9);
    const LayerEnergy total = totalOf(energy_);
    const double all = total.totalJ();
    std::cout << "shares: multiply-accumulate " << total.macJ / all << ", registers "
              << total.registerJ / all << ", array " << total.transferJ / all << ", buffer "
              << total.memories[0].dynamicJ / all << ", DRAM " << total.memories[1].dynamicJ / all
              << "\n";
    // Registers dominate convolutions, as the paper says of them.
    EXPECT_GT(total.registerJ, all / 2);
}

}  // namespace
}  // namespace brownout::test
