#include "profiles/device.h"

#include <gmock/gmock.h>

#include <cmath>

#include "profiles/profile.h"
#include "test_profiles.h"

namespace brownout {
namespace {

using testing::HasSubstr;

TEST(Voltage, IsNormalisedUnlessItSaysVolts) {
    EXPECT_EQ(parseVoltage("0.9", "--voltage").value, 0.9);
    EXPECT_EQ(parseVoltage("0.9", "--voltage").unit, VoltageUnit::kVmin);
    EXPECT_EQ(parseVoltage("0.9Vmin", "--voltage").unit, VoltageUnit::kVmin);
    EXPECT_EQ(parseVoltage("0.55V", "--voltage").value, 0.55);
    EXPECT_EQ(parseVoltage("0.55V", "--voltage").unit, VoltageUnit::kVolt);
    EXPECT_EQ(parseVoltage("580mV", "--voltage").value, 0.58);
    EXPECT_EQ(parseVoltage("580mV", "--voltage").unit, VoltageUnit::kVolt);
    EXPECT_EQ(parseVoltage("9e-1", "--voltage").value, 0.9);
    EXPECT_EQ(parseVoltage("22/24", "--voltage").value, 22.0 / 24);
    EXPECT_EQ(parseVoltage("22/24Vmin", "--voltage").unit, VoltageUnit::kVmin);
}

TEST(Voltage, AnythingElseIsAUsageError) {
    for (const char* text : {"",      "V",     "Vmin", "0.9v", "0.9 V", "0.9 mV",  "mV",
                             "mmV",   "1,2",   "nan",  "inf",  "0",     "-0.9",    "0x1p-1",
                             "0.9V0", "1e999", "22/",  "/24",  "22/0",  "22/24/2", "-1/-0"}) {
        EXPECT_THROW(parseVoltage(text, "--voltage"), UsageError) << text;
    }
}

TEST(Voltage, ABareNumberThatCanOnlyBeMillivoltsIsAskedAbout) {
    EXPECT_EQ(errorOf([] { parseVoltage("580", "--voltages"); }),
              "--voltages: 580 volts? write 580mV or 0.58V");
    EXPECT_EQ(parseVoltage("12V", "--voltages").value, 12);  // who says so means it
    EXPECT_EQ(parseVoltage("1.5", "--voltages").value, 1.5);
}

TEST(Device, ConvertsBetweenVoltsAndVmin) {
    Device device;
    device.vminV = 0.8;
    EXPECT_EQ(voltageIn(VoltageUnit::kVmin, device, {0.6, VoltageUnit::kVolt}), 0.75);
    EXPECT_EQ(voltageIn(VoltageUnit::kVolt, device, {0.75, VoltageUnit::kVmin}), 0.6);
    EXPECT_EQ(voltageIn(VoltageUnit::kVmin, device, {0.7123, VoltageUnit::kVmin}), 0.7123);
    for (int k = 18; k <= 24; ++k) {  // there and back stays at the voltage meant
        const double v = voltageIn(VoltageUnit::kVolt, device, {k / 24.0, VoltageUnit::kVmin});
        EXPECT_NEAR(voltageIn(VoltageUnit::kVmin, device, {v, VoltageUnit::kVolt}), k / 24.0,
                    1e-11);
    }
}

TEST(Device, WithoutVminInVoltsSaysSo) {
    const Device device;
    EXPECT_THAT(errorOf([&] {
                    voltageIn(VoltageUnit::kVmin, device, {0.6, VoltageUnit::kVolt});
                }),
                HasSubstr("doesn't say what Vmin is in volts"));
    const Profile profile = Profile::open(shippedProfile());
    EXPECT_THAT(errorOf([&] {
                    profile.supplies().supply({0.6, VoltageUnit::kVolt});
                }),
                HasSubstr("14nm.h5: "));
}

TEST(Profile, RefusesVoltagesAndChipsItDoesNotHave) {
    const Profile profile = Profile::open(shippedProfile());
    EXPECT_EQ(profile.supplies().supply({0.75, VoltageUnit::kVmin}), 0.75);
    EXPECT_EQ(profile.supplies().supply({1, VoltageUnit::kVmin}), 1);
    for (const double v : {0.7499, 1.0001, 0.0, -1.0, std::nan("")}) {
        EXPECT_THAT(errorOf([&] {
                        profile.supplies().supply({v, VoltageUnit::kVmin});
                    }),
                    HasSubstr("is outside the profile, which covers 0.75 to 1 Vmin"));
    }
    EXPECT_THAT(errorOf([&] { profile.chip(64); }), HasSubstr("has no chip 64; there are 64"));
    EXPECT_THAT(errorOf([&] { profile.chip(0, 0.7); }), HasSubstr("below the profile"));
    EXPECT_THAT(errorOf([&] { profile.chip(0, std::nan("")); }), HasSubstr("below the profile"));
}

}  // namespace
}  // namespace brownout
