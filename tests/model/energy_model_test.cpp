#include "model/energy_model.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/error.h"

namespace brownout {
namespace {

EnergyModel dynamicOnly() {
    return EnergyModel({{0.75, 0.5625, 1.125, {}}, {1.0, 1.0, 2.0, {}}}, 1.0, "test");
}

TEST(EnergyModel, IsExactForDynamicEnergyBetweenPoints) {
    const EnergyModel model = dynamicOnly();
    for (double v = 0.75; v <= 1.0; v += 0.01) {
        EXPECT_NEAR(model.readJ(v), v * v, 1e-12);
        EXPECT_NEAR(model.writeJ(v), 2 * v * v, 1e-12);
        EXPECT_NEAR(model.relative(v), v * v, 1e-12);
    }
    EXPECT_FALSE(model.leakageW(0.8).has_value());
}

TEST(EnergyModel, LeakageIsExponentialBetweenPoints) {
    const EnergyModel model({{0.5, 1, 1, 1e-3}, {1.0, 1, 1, 4e-3}}, 1.0, "test");
    EXPECT_NEAR(*model.leakageW(0.75), 2e-3, 1e-12);
}

TEST(EnergyModel, AnswersAtItsOwnPointsAndNowhereBeyond) {
    const EnergyModel model = dynamicOnly();
    EXPECT_EQ(model.readJ(0.75), 0.5625);
    EXPECT_EQ(model.readJ(1.0), 1.0);
    EXPECT_THROW(model.readJ(0.74), Error);
    EXPECT_THROW(model.readJ(1.01), Error);
    EXPECT_THROW(model.readJ(std::nan("")), Error);
}

TEST(EnergyModel, RefusesTablesThatCannotBe) {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    EXPECT_THROW(EnergyModel({}, 1, ""), Error);
    EXPECT_THROW(EnergyModel({{1, 1, 1, {}}, {0.9, 1, 1, {}}}, 1, ""), Error);
    EXPECT_THROW(EnergyModel({{1, 1, 1, {}}, {1, 1, 1, {}}}, 1, ""), Error);
    EXPECT_THROW(EnergyModel({{1, nan, 1, {}}}, 1, ""), Error);
    EXPECT_THROW(EnergyModel({{1, -1, 1, {}}}, 1, ""), Error);
    EXPECT_THROW(EnergyModel({{1, 0, 1, {}}}, 1, ""), Error);
    EXPECT_THROW(EnergyModel({{0.9, 1, 1, 1.0}, {1, 1, 1, {}}}, 1, ""), Error);
    EXPECT_THROW(EnergyModel({{0.9, 1, 1, {}}}, 1, ""), Error);
}

}  // namespace
}  // namespace brownout
