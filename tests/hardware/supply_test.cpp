#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "hardware/supply/controlled_supply.h"
#include "tests/hardware/damaging_link.h"
#include "tests/hardware/peer_program.h"
#include "tests/hardware/problem_of.h"
#include "tests/hardware/running_bench.h"

namespace brownout {
namespace {

using std::chrono::milliseconds;
using test::benchPlan;
using test::DamagingLink;
using test::PeerProgram;
using test::problemOf;
using test::RunningBench;
using testing::HasSubstr;

/// An instrument that writes down what it is asked for, and obeys with an offset.
class RecordingInstrument final : public SupplyInstrument {
 public:
    struct Record {
        std::vector<double> asked;
        double offsetV = 0;
        double atV = 0.9;
    };
    explicit RecordingInstrument(Record& record) : record_(record) {}
    const std::string& name() const override { return name_; }
    const std::string& identity() const override { return name_; }
    void set(double volts) override {
        record_.asked.push_back(volts);
        record_.atV = volts;
    }
    double measure() override { return record_.atV + record_.offsetV; }

 private:
    Record& record_;
    std::string name_ = "recording";
};

TEST(ControlledSupply, MovesInStepsNoLargerThanPlanned) {
    RecordingInstrument::Record record;
    ControlledSupply supply(std::make_unique<RecordingInstrument>(record), benchPlan());
    record.asked.clear();
    EXPECT_EQ(supply.moveTo(0.72), 0.72);
    ASSERT_EQ(record.asked.size(), 4U);
    double before = 0.9;
    for (const double volts : record.asked) {
        EXPECT_LE(before - volts, 0.05 + 1e-12);
        EXPECT_GT(before, volts);
        before = volts;
    }
    EXPECT_EQ(record.asked.back(), 0.72) << "exactly";
}

TEST(ControlledSupply, NothingMovesForAVoltageOutsideTheLimits) {
    RecordingInstrument::Record record;
    ControlledSupply supply(std::make_unique<RecordingInstrument>(record), benchPlan());
    record.asked.clear();
    for (const double wrong : {0.449, 0.951, -1.0, 1e9, std::nan("")}) {
        EXPECT_THAT(problemOf([&] { supply.moveTo(wrong); }), HasSubstr("outside the limits"));
    }
    EXPECT_TRUE(record.asked.empty());
    SupplyPlan plan = benchPlan();
    plan.nominalV = 1.0;
    EXPECT_THROW(validate(plan), UsageError);
    plan = benchPlan();
    plan.lowestV = 1.0;
    EXPECT_THROW(validate(plan), UsageError);
}

TEST(ControlledSupply, AVoltageThatIsNotReachedIsAnError) {
    RecordingInstrument::Record record;
    SupplyPlan plan = benchPlan();
    plan.patience = milliseconds(5);
    ControlledSupply supply(std::make_unique<RecordingInstrument>(record), plan);
    record.offsetV = 0.02;
    EXPECT_THAT(problemOf([&] { supply.moveTo(0.85); }),
                AllOf(HasSubstr("measures 0.87 V"), HasSubstr("0.85 V was set")));
    EXPECT_THAT(problemOf([&] { supply.check(); }), HasSubstr("0.85 V was set"));
}

TEST(ControlledSupply, ASupplyThatIsFoundElsewhereIsBroughtToNominalFirst) {
    RecordingInstrument::Record record;
    record.atV = 0.4;
    ControlledSupply supply(std::make_unique<RecordingInstrument>(record), benchPlan());
    EXPECT_EQ(record.asked.size(), 10U);
    EXPECT_EQ(record.atV, 0.9);
}

/// A watch that has gone: it forbids everything.
class GoneWatch final : public SupplyWatch {
 public:
    void moving(double toV) override {
        if (gone) throw Error("watch", "has gone; not to " + std::to_string(toV));
    }
    void reached(double /*askedV*/, double /*measuredV*/) override {}
    void working() override {}
    bool gone = false;
};

TEST(ControlledSupply, ReturnsToNominalInTheEndEvenIfItsWatchHasGone) {
    RecordingInstrument::Record record;
    GoneWatch watch;
    {
        ControlledSupply supply(std::make_unique<RecordingInstrument>(record), benchPlan(), &watch);
        supply.moveTo(0.6);
        watch.gone = true;
        EXPECT_THAT(problemOf([&] { supply.moveTo(0.7); }), HasSubstr("has gone"));
        EXPECT_EQ(record.atV, 0.6);
    }
    EXPECT_EQ(record.atV, 0.9);
}

std::unique_ptr<SupplyInstrument> supplyAt(const TcpAddress& scpi, const ScpiDialect& dialect = {},
                                           const LinkTimes& times = {}) {
    return openSupply({"scpi://" + scpi.text(), dialect, times});
}

TEST(ScpiInstrument, SetsAndMeasuresTheSupplyOfTheBench) {
    RunningBench bench(test::faultlessMemory());
    const auto supply = supplyAt(bench.scpi());
    EXPECT_EQ(supply->identity(), "Brownout,Bench,test,0");
    EXPECT_EQ(supply->measure(), 0.9);
    supply->set(0.6125);
    std::this_thread::sleep_for(milliseconds(50));
    EXPECT_EQ(supply->measure(), 0.6125);
    EXPECT_THAT(problemOf([&] { supply->set(7); }),
                AllOf(HasSubstr("-222"), HasSubstr("VOLT 7"), HasSubstr("scpi://127.0.0.1:")));
    EXPECT_EQ(supply->measure(), 0.6125);
}

TEST(ScpiInstrument, AnotherInstrumentInThePlaceOfTheFirstIsNeverSet) {
    auto bench = std::make_unique<RunningBench>(test::faultlessMemory());
    BenchServer::Settings settings = RunningBench::usual();
    settings.scpi = bench->scpi();
    settings.identity = "Another,One,1,0";
    const auto supply = supplyAt(settings.scpi);
    bench.reset();
    const RunningBench other(test::faultlessMemory(), settings);
    for (int attempt = 0; attempt < 2; ++attempt) {
        EXPECT_THAT(problemOf([&] { supply->set(0.6); }), HasSubstr("is another instrument now"))
            << "attempt " << attempt;
    }
    std::this_thread::sleep_for(milliseconds(20));
    EXPECT_EQ(supplyAt(settings.scpi)->measure(), 0.9);
}

TEST(ScpiInstrument, SpeaksTheDialectOfAFile) {
    RunningBench bench(test::faultlessMemory());
    const auto input = memoryInput("supply.yaml",
                                   "start: [OUTP OFF]\nset: SOURCE:VOLTAGE:LEVEL {volts} V\n"
                                   "measure: measure:voltage:dc?\nerrors: none\nnumbered: no\n");
    const ScpiDialect dialect = readScpiDialect(*input);
    const auto supply = supplyAt(bench.scpi(), dialect);
    std::this_thread::sleep_for(milliseconds(50));
    EXPECT_EQ(supply->measure(), 0) << "its output was switched off";
    supply->set(99);  // this dialect doesn't ask for errors
}

TEST(ScpiDialect, WrongFilesAreToldByTheirLine) {
    const std::pair<const char*, const char*> cases[] = {
        {"sets: x\n", "unknown key"},          {"set: VOLT 5\n", "{volts}"},
        {"measure: MEAS\n", "a question"},     {"start: OUTP ON\n", "a list"},
        {"start: [\"a;b\"]\n", "one command"}, {"numbered: 1\n", "yes or no"},
    };
    for (const auto& [text, problem] : cases) {
        const auto input = memoryInput("supply.yaml", text);
        EXPECT_THAT(problemOf([&] { readScpiDialect(*input); }),
                    AllOf(HasSubstr("supply.yaml"), HasSubstr(":1: "), HasSubstr(problem)));
    }
}

TEST(ScpiInstrument, TalksToASupplyThatIsNotOurs) {
    PeerProgram peer(
        {"/usr/bin/python3", BROWNOUT_SOURCE_DIR "/tests/hardware/peers/scpi_supply.py"});
    const std::string port = peer.digitsAfter("listening at ");
    ASSERT_FALSE(port.empty()) << peer.output();
    const SupplyAddress address{"scpi://127.0.0.1:" + port, {}};
    {
        ControlledSupply supply(openSupply(address), benchPlan());
        EXPECT_EQ(supply.instrument().identity(), "Schoolbook,PSU1,42,1.0");
        EXPECT_NEAR(supply.moveTo(0.5), 0.5004, 1e-9);
    }
    EXPECT_THAT(problemOf([&] { openSupply(address)->set(3); }), HasSubstr("-222"));
}

TEST(ScpiFront, LxiToolsFindOurInstrumentInOrder) {
    if (!programExists("lxi")) GTEST_SKIP() << "lxi-tools are not installed";
    RunningBench bench(test::faultlessMemory());
    const auto ask = [&](const std::string& command) {
        const ProgramResult result =
            runProgram({"lxi", "scpi", "--raw", "--address", "127.0.0.1", "--port",
                        std::to_string(bench.scpi().port), command},
                       "", milliseconds(10'000));
        return result.out.substr(0, result.out.find('\n'));
    };
    EXPECT_EQ(ask("*IDN?"), "Brownout,Bench,test,0");
    EXPECT_EQ(ask("MEAS:VOLT?"), "0.9");
    ask("NONSENSE");
    EXPECT_EQ(ask("SYST:ERR?"), "-113,\"Undefined header\"");
    EXPECT_EQ(ask("SYST:ERR?"), "0,\"No error\"");
}

TEST(CommandInstrument, IsAProgramOfTheUsers) {
    TemporaryFolder folder;
    const std::string program = (folder / "supply").string();
    writeAtomically(program,
                    "#!/bin/sh\ncase $1 in\nidentify) echo my own supply;;\n"
                    "set) [ $2 = 0.3 ] && { echo too low >&2; exit 1; }; echo $2 > " +
                        program + ".volts;;\nmeasure) cat " + program + ".volts;;\nesac\n");
    ::chmod(program.c_str(), 0700);
    const auto supply = openSupply({"command://" + program, {}});
    EXPECT_EQ(supply->identity(), "my own supply");
    supply->set(0.85);
    EXPECT_EQ(supply->measure(), 0.85);
    EXPECT_THAT(problemOf([&] { supply->set(0.3); }), HasSubstr("too low"));
    EXPECT_THROW(openSupply({"command:///nowhere/at/all", {}}), Error);
    for (const char* const wrong : {"command://", "gpib://3", "scpi://", "scpi://host:x"}) {
        EXPECT_THROW(checkSupplyUrl("--supply-control", wrong), UsageError) << wrong;
    }
}

// One answer in eight is damaged, 40 seeds. Digits that change on the way can't be told from
// others, as SCPI has no checksums; whatever happens else, a voltage that is returned is one that
// was set.
TEST(ScpiInstrument, NoAnswerOfAnotherExchangeIsTakenForTheRightOne) {
    RunningBench bench(test::faultlessMemory());
    int damages = 0;
    for (unsigned seed = 0; seed < 40; ++seed) {
        DamagingLink link(bench.scpi(), seed, 0, false);
        LinkTimes times;
        times.answer = milliseconds(25);
        times.connections = 8;
        const auto supply = supplyAt(link.address(), {}, times);
        link.setShare(0.12);
        for (int round = 0; round < 10; ++round) {
            const double volts = 0.5 + 0.0625 * round;
            try {
                supply->set(volts);
                double measured = 0;
                for (int wait = 0; wait < 20 && measured != volts; ++wait) {
                    std::this_thread::sleep_for(milliseconds(1));
                    measured = supply->measure();
                }
                EXPECT_EQ(measured, volts) << "seed " << seed << ", round " << round;
            } catch (const Error&) {
            }
        }
        damages += link.damages();
    }
    EXPECT_GT(damages, 40);
}

}  // namespace
}  // namespace brownout
