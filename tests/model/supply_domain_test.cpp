#include "model/supply_domain.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace brownout {
namespace {

// 1 V/us and 0.5 us: a step of 0.2 V ramps for 200,000 ps and is usable after 700,000 ps.
const SupplySettings kFast{1e6, 0.5e-6};

TEST(SupplyDomain, RampsAtItsSlewRateAndThenSettles) {
    SupplyDomain domain(1.0, kFast);
    domain.request(0.8, 1'000'000);
    EXPECT_DOUBLE_EQ(domain.supplyAt(0), 1.0);
    EXPECT_DOUBLE_EQ(domain.supplyAt(1'000'000), 1.0);
    EXPECT_DOUBLE_EQ(domain.supplyAt(1'050'000), 0.95);
    EXPECT_DOUBLE_EQ(domain.supplyAt(1'200'000), 0.8);
    EXPECT_DOUBLE_EQ(domain.supplyAt(9'000'000), 0.8);
    EXPECT_EQ(domain.usableFrom(999'999), 999'999U);
    EXPECT_EQ(domain.usableFrom(1'000'000), 1'700'000U);
    EXPECT_EQ(domain.usableFrom(1'650'000), 1'700'000U);
    EXPECT_EQ(domain.usableFrom(1'700'001), 1'700'001U);
}

TEST(SupplyDomain, ARequestInTheMiddleOfARampStartsFromTheSupplyReached) {
    SupplyDomain domain(1.0, kFast);
    domain.request(0.6, 0);
    domain.request(1.0, 100'000);  // at 0.9 V
    EXPECT_DOUBLE_EQ(domain.supplyAt(100'000), 0.9);
    EXPECT_DOUBLE_EQ(domain.supplyAt(150'000), 0.95);
    EXPECT_DOUBLE_EQ(domain.supplyAt(200'000), 1.0);
    EXPECT_EQ(domain.usableFrom(0), 700'000U);
}

TEST(SupplyDomain, KnowsRequestsForTheFuture) {
    SupplyDomain domain(1.0, kFast);
    domain.request(0.9, 5'000'000);
    EXPECT_EQ(domain.usableFrom(4'999'999), 4'999'999U);
    EXPECT_FALSE(domain.steadyFrom(0));
    EXPECT_FALSE(domain.steadyFrom(5'100'000));
    EXPECT_TRUE(domain.steadyFrom(5'600'000));
    EXPECT_EQ(domain.phaseAt(4'999'999), 0U);
    EXPECT_EQ(domain.phaseAt(5'000'000), 1U);
}

TEST(SupplyDomain, TellsItsListenersOfEveryChangeAndOfNothingElse) {
    SupplyDomain domain(1.0, kFast);
    int calls = 0;
    domain.onRequest([&] { ++calls; });
    domain.request(1.0, 10);
    EXPECT_EQ(calls, 0);
    domain.request(0.9, 20);
    domain.request(0.9, 30);
    domain.request(1.0, 40);
    EXPECT_EQ(calls, 2);
    EXPECT_EQ(domain.phases(), 3U);
}

TEST(SupplyDomain, RefusesWhatCannotBe) {
    EXPECT_THROW(SupplyDomain(0), Error);
    EXPECT_THROW(SupplyDomain(1, {0, 0}), Error);
    EXPECT_THROW(SupplyDomain(1, {1, -1}), Error);
    SupplyDomain domain(1.0);
    domain.request(0.9, 100);
    EXPECT_THROW(domain.request(0.8, 99), Error);
    EXPECT_THROW(domain.request(-1, 200), Error);
}

}  // namespace
}  // namespace brownout
