#include "sim/energy_ledger.h"

#include <gtest/gtest.h>

#include <cmath>

#include "model/supply_leakage.h"

namespace brownout {
namespace {

// Leakage 1 mW at 0.5 V and 4 mW at 1 V: exponential in between, P = 1 mW 16^(V - 0.5).
EnergyModel leaking() {
    return EnergyModel({{0.5, 0.25e-12, 0.5e-12, 1e-3}, {1.0, 1e-12, 2e-12, 4e-3}}, 1.0, "test");
}

double power(double supply) { return 1e-3 * std::pow(16.0, supply - 0.5); }

TEST(EnergyLedger, ChargesEachAccessAtTheSupplyItHappenedAt) {
    SupplyDomain domain(1.0);
    domain.request(0.5, 1'000'000);
    EnergyLedger ledger(domain, {leaking(), 72.0 / 64, 3});
    ledger.addReads(0, 100);
    ledger.addWrites(0, 10);
    ledger.addReads(1, 7);
    ledger.addCorrected(1, 2);
    ledger.addDetected(1, 1);
    const auto intervals = ledger.intervals(100'000'000);
    ASSERT_EQ(intervals.size(), 2U);
    EXPECT_NEAR(*intervals[0].dynamicJ, 72.0 / 64 * (100 * 1e-12 + 10 * 2e-12), 1e-24);
    EXPECT_NEAR(*intervals[1].dynamicJ, 72.0 / 64 * (7 * 0.25e-12), 1e-24);
    EXPECT_EQ(intervals[0].reads, 100U);
    EXPECT_EQ(intervals[0].corrected, 0U);
    EXPECT_EQ(intervals[1].reads, 7U);
    EXPECT_EQ(intervals[1].corrected, 2U);
    EXPECT_EQ(intervals[1].detected, 1U);
    EXPECT_EQ(intervals[0].end, intervals[1].start);
}

TEST(EnergyLedger, IntegratesLeakageThroughARampAsTheClosedFormSays) {
    // Held for 2 us at 1 V, a ramp of 5 us to 0.5 V, held for 3 us: the integral of
    // P0 exp(k (V - V0)) over a linear ramp of length t is t (P1 - P0) / (k (V1 - V0)).
    SupplyDomain domain(1.0, {1e5, 1e-6});
    domain.request(0.5, 2'000'000);
    EnergyLedger ledger(domain, {leaking(), 1, 4});
    const auto intervals = ledger.intervals(10'000'000);
    const double k = std::log(16.0);
    EXPECT_NEAR(*intervals[0].leakageJ, 4 * 2e-6 * 4e-3, 1e-15);
    const double ramp = 5e-6 * (4e-3 - 1e-3) / (k * 0.5);
    EXPECT_NEAR(*intervals[1].leakageJ, 4 * (ramp + 3e-6 * 1e-3), 1e-15);
}

TEST(EnergyLedger, LeakageOfPartsAddsUpAndAgreesWithFineSteps) {
    // Three points, so that the ramp crosses one; a second request in the middle of a ramp.
    const EnergyModel model(
        {{0.5, 1e-12, 1e-12, 1e-3}, {0.7, 1e-12, 1e-12, 1.3e-3}, {1.0, 1e-12, 1e-12, 9e-3}}, 1.0,
        "test");
    SupplyDomain domain(0.95, {2e5, 1e-7});
    domain.request(0.55, 300'000);
    domain.request(0.9, 1'800'000);
    const Picoseconds end = 6'000'000;
    double fine = 0;
    constexpr int kSteps = 60000;
    for (int i = 0; i < kSteps; ++i) {
        const auto middle = static_cast<Picoseconds>((i + 0.5) * end / kSteps);
        fine += *model.leakageW(domain.supplyAt(middle)) * end * 1e-12 / kSteps;
    }
    const double whole = *leakageJ(model, domain, 0, end);
    EXPECT_NEAR(whole, fine, 1e-6 * fine);
    double parts = 0;
    for (Picoseconds t = 0; t < end; t += 100'000)
        parts += *leakageJ(model, domain, t, t + 100'000);
    EXPECT_NEAR(parts, whole, 1e-12 * whole);
    double intervals = 0;
    for (const auto& interval : EnergyLedger(domain, {model, 1, 1}).intervals(end)) {
        intervals += *interval.leakageJ;
    }
    EXPECT_NEAR(intervals, whole, 1e-12 * whole);
    EXPECT_GT(whole, power(0.5) * 6e-6);
}

TEST(EnergyLedger, SaysNothingOfEnergyThatNoSourceGives) {
    SupplyDomain domain(1.0);
    EnergyLedger bare(domain, {});
    bare.addReads(0, 5);
    EXPECT_FALSE(bare.intervals(10)[0].dynamicJ);
    EXPECT_FALSE(bare.intervals(10)[0].leakageJ);
    EnergyLedger dynamicOnly(domain, {EnergyModel({{1.0, 1, 1, {}}}, 1.0, "test"), 1, 1});
    dynamicOnly.addReads(0, 5);
    EXPECT_EQ(*dynamicOnly.intervals(10)[0].dynamicJ, 5);
    EXPECT_FALSE(dynamicOnly.intervals(10)[0].leakageJ);
}

TEST(EnergyLedger, OffersItsStatisticsByName) {
    SupplyDomain domain(1.0);
    EnergyLedger ledger(domain, {leaking(), 1, 1});
    ledger.addReads(0, 5);
    bool found = false;
    for (const Statistic& statistic : ledger.statistics(1'000'000)) {
        EXPECT_FALSE(statistic.description.empty()) << statistic.name;
        if (statistic.name == "reads") {
            found = true;
            EXPECT_EQ(statistic.value, 5);
            EXPECT_EQ(statistic.unit, "words");
        }
    }
    EXPECT_TRUE(found);
}

}  // namespace
}  // namespace brownout
