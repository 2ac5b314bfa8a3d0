#include "base/portable_math.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <string>

#include "base/fingerprint.h"

namespace brownout {
namespace {

/// Distance in units of the last place of `exact`.
double unitsBetween(double value, double exact) {
    if (value == exact) return 0;
    const double next = std::nextafter(std::fabs(exact), std::numeric_limits<double>::infinity());
    return std::fabs(value - exact) / (next - std::fabs(exact));
}

TEST(PortableMath, AgreesWithTheCLibraryToTheLastBits) {
    std::mt19937_64 random(3);
    std::uniform_real_distribution<double> uniform(0, 1);
    for (int i = 0; i < 200'000; ++i) {
        const double u = uniform(random);
        const double wide = std::ldexp(1 + u, static_cast<int>(random() % 2000) - 1000);
        ASSERT_LE(unitsBetween(portableLog(wide), std::log(wide)), 4) << wide;
        ASSERT_LE(unitsBetween(portableLog(1 - u), std::log(1 - u)), 4) << u;
        const double small = std::ldexp(u - 0.5, -static_cast<int>(random() % 60));
        ASSERT_LE(unitsBetween(portableLog1p(small), std::log1p(small)), 4) << small;
        const double power = 1400 * u - 700;
        ASSERT_LE(unitsBetween(portableExp(power), std::exp(power)), 4) << power;
        ASSERT_LE(unitsBetween(portableExp(small), std::exp(small)), 4) << small;
        for (const double x : {26 * u, 4 * u, -6 * u, small}) {
            ASSERT_LE(unitsBetween(portableErfc(x), std::erfc(x)), 8) << x;
        }
    }
}

TEST(PortableMath, HasTheLimitsOfTheFunctions) {
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    EXPECT_EQ(portableLog(1), 0);
    EXPECT_EQ(portableLog1p(0), 0);
    EXPECT_EQ(portableExp(0), 1);
    EXPECT_EQ(portableExp(-1000), 0);
    EXPECT_EQ(portableExp(1000), kInfinity);
    EXPECT_DOUBLE_EQ(portableErfc(0), 1);
    EXPECT_EQ(portableErfc(kInfinity), 0);
    EXPECT_EQ(portableErfc(-kInfinity), 2);
    EXPECT_EQ(portableErfc(-30), 2);
    EXPECT_TRUE(std::isnan(portableErfc(std::nan(""))));
}

// A machine, compiler or option that rounds otherwise draws other chips: this finds it.
TEST(PortableMath, HasTheSameBitsOnEveryMachine) {
    std::string bytes;
    const auto add = [&](double value) {
        std::uint64_t bits = 0;
        std::memcpy(&bits, &value, sizeof bits);
        for (int i = 0; i < 8; ++i) bytes += static_cast<char>(bits >> (8 * i) & 0xFF);
    };
    for (int i = 1; i < 4000; ++i) {
        const double x = i / 160.0;
        add(portableLog(x));
        add(portableLog1p(-x / 26));
        add(portableExp(-x));
        add(portableErfc(x));
        add(portableErfc(-x));
    }
    EXPECT_EQ(fingerprint(bytes), "f31f2562fa33a0f867f950c7e6e397a24472c791");
}

}  // namespace
}  // namespace brownout
