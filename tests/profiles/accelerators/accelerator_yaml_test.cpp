// Does every description say what it means, and every wrong one get one line with file, line, what
// was found and expected?

#include "profiles/accelerators/accelerator_yaml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <random>

#include "base/atomic_file.h"
#include "base/error.h"
#include "profiles/accelerators/quantity.h"

namespace brownout {
namespace {

namespace fs = std::filesystem;

const char kGood[] =
    "name: small\n"
    "array:\n"
    "  rows: 4\n"
    "  columns: 8\n"
    "  dataflow: output-stationary\n"
    "  clock: [{supply: 0.6 V, clock: 200 MHz}, {supply: 0.8 V, clock: 1 GHz}]\n"
    "  supply: 0.7 V\n"
    "  fused: [Relu]\n"
    "  energy: {source: here, mac: 0.5 pJ, register: 10 fJ, leakage: 2 mW}\n"
    "bits: {weights: 4, activations: 16}\n"
    "memories:\n"
    "  weights:\n"
    "    bytes: 16 KiB\n"
    "    banks: 2\n"
    "    double_buffered: true\n"
    "    protection: secded\n"
    "    domain: low\n"
    "    energy:\n"
    "      source: there\n"
    "      unit: V\n"
    "      nominal: 0.8\n"
    "      table: [{supply: 0.5, read: 1 pJ, write: 2 pJ, leakage: 1 uW},\n"
    "              {supply: 0.9, read: 3 pJ, write: 4 pJ, leakage: 2 uW}]\n"
    "  shared: {holds: [activations, accumulators], bytes: 2 MiB, word: 32, keeps: false}\n"
    "  dram: {bandwidth: 1.6 GB/s, profile: chip.h5}\n";

AcceleratorDescription read(const std::string& text) {
    return readAccelerator(*memoryInput("a.yaml", text));
}

TEST(AcceleratorFile, SaysWhatItsKeysSay) {
    const AcceleratorDescription description = read(kGood);
    const Accelerator& a = description.accelerator;
    EXPECT_EQ(a.name, "small");
    EXPECT_EQ(a.array.rows, 4U);
    EXPECT_EQ(a.array.columns, 8U);
    EXPECT_EQ(a.array.dataflow, Dataflow::kOutputStationary);
    EXPECT_DOUBLE_EQ(clockAt(a.array, 0.7), 6e8);
    EXPECT_DOUBLE_EQ(a.array.macJ, 0.5e-12);
    EXPECT_DOUBLE_EQ(a.array.registerJ, 1e-14);
    EXPECT_DOUBLE_EQ(a.array.leakageW, 2e-3);
    EXPECT_THAT(a.array.fused, testing::ElementsAre("Relu"));
    EXPECT_EQ(a.weightBits, 4U);
    EXPECT_EQ(a.activationBits, 16U);
    EXPECT_EQ(a.accumulatorBits, 32U);
    ASSERT_EQ(a.memories.size(), 3U);
    const AcceleratorMemory& weights = a.memories[0];
    EXPECT_EQ(weights.bytes, 16384U);
    EXPECT_EQ(weights.domain, "low");
    EXPECT_TRUE(weights.doubleBuffered);
    EXPECT_TRUE(weights.inVolts);
    EXPECT_DOUBLE_EQ(weights.nominalSupply, 0.8);
    EXPECT_DOUBLE_EQ(protectionCost(weights), 72.0 / 64);
    EXPECT_DOUBLE_EQ(weights.energy->readJ(0.5), 1e-12);
    EXPECT_DOUBLE_EQ(*weights.energy->leakageW(0.9), 2e-6);
    EXPECT_FALSE(a.memories[1].keeps);
    EXPECT_EQ(a.holder(DataKind::kAccumulators), 1U);
    EXPECT_EQ(a.dram(), 2U);
    EXPECT_DOUBLE_EQ(*a.memories[2].bytesPerSecond, 1.6e9);
    EXPECT_EQ(description.profiles.at("dram"), "chip.h5");
}

struct WrongLine {
    const char* name;
    const char* from;  ///< text of kGood
    const char* to;    ///< text in its place
    const char* error;
};

void PrintTo(const WrongLine& line, std::ostream* out) { *out << line.name; }

class WrongAccelerator : public testing::TestWithParam<WrongLine> {};

TEST_P(WrongAccelerator, IsOneLine) {
    std::string text = kGood;
    const auto at = text.find(GetParam().from);
    ASSERT_NE(at, std::string::npos);
    text.replace(at, std::string(GetParam().from).size(), GetParam().to);
    try {
        read(text);
        FAIL() << "was read";
    } catch (const Error& error) {
        EXPECT_EQ(error.what(), std::string("a.yaml") + GetParam().error);
    }
}

const WrongLine kWrong[] = {
    {"NoName", "name: small\n", "", ":1: 'name' is missing"},
    {"UnknownKey", "name: small", "names: small",
     ":1: unknown key 'names'; expected one of array, bits, memories, name"},
    {"SecondKey", "  rows: 4\n", "  rows: 4\n  rows: 4\n", ":4: a second 'rows'"},
    {"NoColumns", "  columns: 8\n", "", ":3: 'columns' is missing"},
    {"NoRows", "rows: 4", "rows: 0", ":3: '0'; expected a whole number of at least 1"},
    {"ManyRows", "rows: 4", "rows: 5000",
     ":3: '5000'; expected a whole number of at least 1 and at most 4096"},
    {"Dataflow", "output-stationary", "wave",
     ":5: 'wave'; expected one of weight-stationary, output-stationary, input-stationary, "
     "row-stationary"},
    {"RowStationary", "output-stationary", "row-stationary",
     ": array.registers: expected inputs, weights and sums of an element: a row-stationary array "
     "maps by them"},
    {"Clock", "200 MHz", "200", ":6: '200'; expected a frequency such as 1 GHz"},
    {"ClocksFall", "0.6 V", "0.9 V", ":6: the supplies of clocks have to ascend"},
    {"NoClock", "0.7 V", "0.9 V", ": array.clock: has no figure at 0.9 V; it goes from 0.6 to 0.8"},
    {"NoSource", "source: here, ", "", ":9: 'source' is missing"},
    {"Energy", "0.5 pJ", "0.5 pW", ":9: '0.5 pW'; expected an energy such as 1.26 pJ"},
    {"Bits", "weights: 4", "weights: 40",
     ":10: '40'; expected a whole number of at least 1 and at most 32"},
    {"Bytes", "16 KiB", "16 KB", ":13: '16 KB'; expected a size such as 256 KiB"},
    {"HalfBytes", "16 KiB", "0.3 B", ":13: '0.3 B'; expected whole bytes, at most 1 TiB"},
    {"NoBytes", "    bytes: 16 KiB\n", "", ":13: 'bytes' is missing"},
    {"YesOrNo", "double_buffered: true", "double_buffered: yes",
     ":15: 'yes'; expected true or false"},
    {"Unit", "unit: V", "unit: mV", ":20: 'mV'; expected V or Vmin"},
    {"Nominal", "nominal: 0.8", "nominal: 1.8",
     ":19: energy table: doesn't cover the reference voltage 1.8"},
    {"TableFalls", "supply: 0.5,", "supply: 0.95,",
     ":19: energy table: voltage 0.9 doesn't ascend"},
    {"SomeLeakage", ", leakage: 1 uW", "",
     ":19: energy table: leakage at voltage 0.9: either every voltage has leakage or none"},
    {"NoRead", "read: 1 pJ, ", "", ":22: 'read' is missing"},
    {"Holds", "[activations, accumulators]", "[activations, sums]",
     ":24: 'sums'; expected weights, activations, accumulators or dram"},
    {"HeldTwice", "[activations, accumulators]", "[activations, weights]",
     ": memories.shared: holds weights, as another memory does; expected one for each kind"},
    {"HoldsNothing", "holds: [activations, accumulators], ", "", ":24: 'holds' is missing"},
    {"DramBytes", "bandwidth: 1.6 GB/s", "bytes: 1 GiB",
     ":25: the DRAM has neither bytes nor double buffering"},
    {"BandwidthOfSram", "bytes: 2 MiB", "bytes: 2 MiB, bandwidth: 1 GB/s",
     ":24: 'bandwidth' is for the DRAM only"},
    {"Name",
     "  shared:", "  sha red:", ":24: 'sha red'; expected a name of letters, digits, - and _"},
    {"Anchors", "name: small", "name: &a small",
     ":1: holds '&'; expected an accelerator in plain YAML, without anchors and tags, in "
     "ASCII"},
    {"NoYaml", "  rows: 4\n", "  rows: [4\n", ":4: is no YAML: end of sequence flow not found"},
};

INSTANTIATE_TEST_SUITE_P(Lines, WrongAccelerator, testing::ValuesIn(kWrong),
                         [](const auto& one) { return std::string(one.param.name); });

TEST(AcceleratorFile, AnUnknownProtectionIsNamed) {
    std::string text = kGood;
    text.replace(text.find("protection: secded"), 18, "protection: magic");
    try {
        read(text);
        FAIL();
    } catch (const Error& error) {
        EXPECT_THAT(error.what(), testing::StartsWith("a.yaml:13: memories.weights.protection"));
        EXPECT_THAT(error.what(), testing::HasSubstr("magic"));
    }
}

TEST(AcceleratorFile, ShippedOnesAreFoundByName) {
    std::size_t count = 0;
    for (const auto& entry :
         fs::directory_iterator(std::string(BROWNOUT_SOURCE_DIR) + "/profiles/accelerators")) {
        if (entry.path().extension() != ".yaml") continue;
        ++count;
        const std::string name = entry.path().stem().string();
        const auto input = openInput(findAccelerator(name, "--accelerator"));
        const Accelerator a = readAccelerator(*input).accelerator;
        EXPECT_EQ(a.name, name);
        EXPECT_TRUE(a.dram());
        for (const AcceleratorMemory& memory : a.memories) EXPECT_TRUE(memory.energy) << name;
    }
    EXPECT_GE(count, 3U);
    EXPECT_THROW(findAccelerator("no-such", "--accelerator"), UsageError);
}

TEST(AcceleratorFile, DamagedOnesAreReadOrRefusedInOneLine) {
    std::mt19937 random(5);
    for (int round = 0; round < 3000; ++round) {
        std::string text = kGood;
        for (int change = 0; change <= round % 3; ++change) {
            const std::size_t at = random() % text.size();
            switch (random() % 3) {
                case 0:
                    text[at] = static_cast<char>(random() % 256);
                    break;
                case 1:
                    text.erase(at, 1 + random() % 8);
                    break;
                default:
                    text.insert(at, text.substr(random() % text.size(), 1 + random() % 12));
            }
            if (text.empty()) text = " ";
        }
        try {
            read(text).accelerator.validate();
        } catch (const Error& error) {
            const std::string line = error.what();
            EXPECT_EQ(line.find("a.yaml:"), 0U) << line;
            EXPECT_EQ(line.find('\n'), std::string::npos) << line;
        }
    }
}

TEST(Quantity, HasANumberAndAUnitOfItsKind) {
    EXPECT_EQ(parseQuantity("256 KiB", Quantity::kBytes), 262144.0);
    EXPECT_EQ(parseQuantity("1.5GHz", Quantity::kFrequency), 1.5e9);
    EXPECT_EQ(parseQuantity("12.8 GB/s", Quantity::kBandwidth), 12.8e9);
    for (const char* text : {"", "1", "GHz", "1 Hz2", "-1 Hz", "1e999 GHz", "1 2 Hz", "nan Hz"}) {
        EXPECT_FALSE(parseQuantity(text, Quantity::kFrequency)) << text;
    }
}

}  // namespace
}  // namespace brownout
