#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "sim/dma_initiator.h"
#include "sim/simulation_kernel.h"
#include "sim/weight_memory_target.h"
#include "tests/sim/sample_chip.h"

namespace brownout {
namespace {

// 16 arrays of 16 words; nothing fails at 1, much at 0.8. Ramp 0.2 us for 0.2 V, settling 0.5 us.
const SramGeometry kGeometry{16, 16, 64, 1};
const SupplySettings kFast{1e6, 0.5e-6};
const EnergyModel kEnergy({{0.5, 0.25e-12, 0.5e-12, 1e-3}, {1.0, 1e-12, 2e-12, 4e-3}}, 1.0, "test");

/// An initiator that does what its test says, and counts invalidations.
struct Initiator final : sc_core::sc_module {
    tlm_utils::simple_initiator_socket<Initiator, 64> socket;
    int invalidations = 0;

    explicit Initiator(const sc_core::sc_module_name& name)
        : sc_core::sc_module(name), socket("socket") {
        socket.register_invalidate_direct_mem_ptr(this, &Initiator::invalidate);
    }
    void invalidate(sc_dt::uint64, sc_dt::uint64) { ++invalidations; }
};

struct Platform {
    MemoryCore core;
    SupplyDomain supply{1.0, kFast};
    WeightMemoryTarget target;
    Initiator initiator;

    Platform(const std::string& codec, double rate)
        : core(test::sampleChips(kGeometry, rate), makeProtection(codec, 64)),
          target("memory", core, supply,
                 {kEnergy, (64.0 + core.protection().checkBits()) / 64, kGeometry.arrays}),
          initiator("initiator") {
        initiator.socket.bind(target.socket);
    }

    tlm::tlm_response_status access(tlm::tlm_command command, std::uint64_t address, void* data,
                                    unsigned bytes, sc_core::sc_time& delay,
                                    DecodeStatusExtension* status = nullptr) {
        tlm::tlm_generic_payload transaction;
        transaction.set_command(command);
        transaction.set_address(address);
        transaction.set_data_ptr(static_cast<unsigned char*>(data));
        transaction.set_data_length(bytes);
        transaction.set_streaming_width(bytes);
        if (status != nullptr) transaction.set_extension(status);
        initiator.socket->b_transport(transaction, delay);
        if (status != nullptr) transaction.clear_extension(status);
        return transaction.get_response_status();
    }

    bool askForDmi(tlm::tlm_command command, tlm::tlm_dmi& dmi) {
        tlm::tlm_generic_payload transaction;
        transaction.set_command(command);
        transaction.set_address(0);
        return initiator.socket->get_direct_mem_ptr(transaction, dmi);
    }

    std::vector<Word> expected(std::uint64_t first, std::uint64_t count, double atSupply) {
        MemoryCore copy = core;
        copy.setSupply(atSupply);
        std::vector<Word> words(count);
        copy.read(first, words, {});
        return words;
    }
};

class Target : public testing::Test {
 protected:
    void build(const std::string& codec = "secded", double rate = 0.05) {
        kernel_.elaborate([&] { platform_ = std::make_unique<Platform>(codec, rate); });
        std::vector<Word> content(platform_->core.words());
        RandomStream random(1, RandomDomain::kTraffic, 0, 0);
        for (Word& word : content) word = random.next();
        platform_->core.write(0, content);
    }
    /// Runs a test body as a process.
    void run(const std::function<void(Platform&)>& body) {
        kernel_.simulate([&] { body(*platform_); });
    }
    ~Target() override {
        kernel_.elaborate([this] { platform_.reset(); });
    }

    SimulationKernel kernel_;
    std::unique_ptr<Platform> platform_;
};

Picoseconds now() { return picosecondsOf(sc_core::sc_time_stamp()); }

TEST_F(Target, AnnotatesItsTimeAndDoesNotWait) {
    build();
    run([](Platform& p) {
        std::vector<Word> words(8);
        sc_core::sc_time delay(5, sc_core::SC_NS);
        EXPECT_EQ(p.access(tlm::TLM_READ_COMMAND, 0, words.data(), 64, delay),
                  tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(now(), 0U);
        EXPECT_EQ(picosecondsOf(delay), 5000U + 7 * 1000 + 2000);
        EXPECT_EQ(p.access(tlm::TLM_WRITE_COMMAND, 0, words.data(), 8, delay),
                  tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(picosecondsOf(delay), 14000U + 1000);
    });
}

TEST_F(Target, GivesTheWordsOfThePresentSupplyWithAnOkResponseAndTheirStatuses) {
    build();
    run([](Platform& p) {
        p.supply.request(0.8, 0);
        std::vector<Word> words(64);
        sc_core::sc_time delay;
        DecodeStatusExtension status;
        EXPECT_EQ(p.access(tlm::TLM_READ_COMMAND, 0, words.data(), 512, delay, &status),
                  tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(words, p.expected(0, 64, 0.8));
        ASSERT_EQ(status.statuses.size(), 64U);
        MemoryCore copy = p.core;
        copy.setSupply(0.8);
        std::vector<WordStatus> statuses(64);
        copy.read(0, words, statuses);
        EXPECT_EQ(status.statuses, statuses);
        EXPECT_NE(statuses, std::vector<WordStatus>(64));
    });
}

TEST_F(Target, RefusesWhatItCannotDoWithTheResponseOfTheStandard) {
    build();
    run([](Platform& p) {
        Word words[2] = {};
        sc_core::sc_time delay;
        const std::uint64_t end = p.core.words() * 8;
        const auto read = tlm::TLM_READ_COMMAND;
        EXPECT_EQ(p.access(read, end, words, 8, delay), tlm::TLM_ADDRESS_ERROR_RESPONSE);
        EXPECT_EQ(p.access(read, end - 8, words, 16, delay), tlm::TLM_ADDRESS_ERROR_RESPONSE);
        EXPECT_EQ(p.access(read, ~0ULL - 7, words, 16, delay), tlm::TLM_ADDRESS_ERROR_RESPONSE);
        EXPECT_EQ(p.access(read, 4, words, 8, delay), tlm::TLM_ADDRESS_ERROR_RESPONSE);
        EXPECT_EQ(p.access(read, 0, words, 4, delay), tlm::TLM_BURST_ERROR_RESPONSE);
        EXPECT_EQ(p.access(read, 0, words, 0, delay), tlm::TLM_BURST_ERROR_RESPONSE);
        EXPECT_EQ(p.access(tlm::TLM_IGNORE_COMMAND, 4, words, 3, delay), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(picosecondsOf(delay), 0U);

        tlm::tlm_generic_payload transaction;
        transaction.set_command(tlm::TLM_WRITE_COMMAND);
        transaction.set_data_ptr(reinterpret_cast<unsigned char*>(words));
        transaction.set_data_length(16);
        transaction.set_streaming_width(8);
        p.initiator.socket->b_transport(transaction, delay);
        EXPECT_EQ(transaction.get_response_status(), tlm::TLM_BURST_ERROR_RESPONSE);
        unsigned char enables = TLM_BYTE_ENABLED;
        transaction.set_streaming_width(16);
        transaction.set_byte_enable_ptr(&enables);
        transaction.set_byte_enable_length(1);
        p.initiator.socket->b_transport(transaction, delay);
        EXPECT_EQ(transaction.get_response_status(), tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
    });
}

TEST_F(Target, AReaderWaitsWhileTheSupplyMoves) {
    build();
    run([](Platform& p) {
        p.supply.request(0.8, 0);
        Word word = 0;
        sc_core::sc_time delay(100, sc_core::SC_NS);
        p.access(tlm::TLM_READ_COMMAND, 0, &word, 8, delay);
        EXPECT_EQ(now(), 700'000U);
        EXPECT_EQ(picosecondsOf(delay), 2000U);
    });
}

TEST_F(Target, AStepInTheMiddleOfABurstSplitsIt) {
    build();
    run([](Platform& p) {
        // Word i is accessed at i ns: the step at 20 ns leaves words 0 to 19 to the old supply.
        p.supply.request(0.8, 20'000);
        std::vector<Word> words(50);
        sc_core::sc_time delay;
        p.access(tlm::TLM_READ_COMMAND, 0, words.data(), 400, delay);
        auto expected = p.expected(0, 20, 1.0);
        const auto after = p.expected(20, 30, 0.8);
        expected.insert(expected.end(), after.begin(), after.end());
        EXPECT_EQ(words, expected);
        EXPECT_NE(words, p.expected(0, 50, 1.0));
        EXPECT_EQ(now() + picosecondsOf(delay), 20'000U + 700'000 + 29 * 1000 + 2000);
        const auto intervals = p.target.ledger().intervals(now());
        ASSERT_EQ(intervals.size(), 2U);
        EXPECT_EQ(intervals[0].reads, 20U);
        EXPECT_EQ(intervals[1].reads, 30U);
    });
}

TEST_F(Target, AStepAskedForByAnotherProcessTakesEffectWithTheNextTransaction) {
    build();
    run([](Platform& p) {
        std::vector<Word> words(16);
        sc_core::sc_time delay;
        p.access(tlm::TLM_READ_COMMAND, 0, words.data(), 128, delay);
        p.supply.request(0.8, now() + 1);
        EXPECT_EQ(words, p.expected(0, 16, 1.0));
        p.access(tlm::TLM_READ_COMMAND, 0, words.data(), 128, delay);
        EXPECT_EQ(words, p.expected(0, 16, 0.8));
    });
}

TEST_F(Target, EnergyOfAKnownTraceIsTheClosedForm) {
    build("secded", 0.0);
    run([](Platform& p) {
        std::vector<Word> words(100);
        sc_core::sc_time delay;
        p.access(tlm::TLM_WRITE_COMMAND, 0, words.data(), 800, delay);
        wait(1, sc_core::SC_US);
        p.supply.request(0.75, now());
        delay = sc_core::SC_ZERO_TIME;
        p.access(tlm::TLM_READ_COMMAND, 0, words.data(), 800, delay);
        wait(sc_core::sc_time(10, sc_core::SC_US) - sc_core::sc_time_stamp());
        const SupplyInterval total = p.target.ledger().total(now());
        EXPECT_NEAR(*total.dynamicJ, 72.0 / 64 * (100 * 2e-12 + 100 * 0.5625e-12), 1e-22);
        // 1 us at 4 mW, 0.25 us from 4 mW to 2 mW, 8.75 us at 2 mW; 16 arrays.
        const double ramp = 0.25e-6 * 2e-3 / std::log(2.0);
        EXPECT_NEAR(*total.leakageJ, 16 * (1e-6 * 4e-3 + ramp + 8.75e-6 * 2e-3), 1e-15);
    });
}

TEST_F(Target, DebugTransportGivesTheWordsAsStoredAndTakesNoTimeAndNoEnergy) {
    build("secded", 0.2);
    run([](Platform& p) {
        p.supply.request(0.8, 0);
        std::vector<Word> words(10);
        std::vector<Word> stored(10);
        p.core.stored(3, stored);
        tlm::tlm_generic_payload transaction;
        transaction.set_command(tlm::TLM_READ_COMMAND);
        transaction.set_address(24);
        transaction.set_data_ptr(reinterpret_cast<unsigned char*>(words.data()));
        transaction.set_data_length(80);
        EXPECT_EQ(p.initiator.socket->transport_dbg(transaction), 80U);
        EXPECT_EQ(words, stored);
        transaction.set_address((p.core.words() - 1) * 8);
        EXPECT_EQ(p.initiator.socket->transport_dbg(transaction), 8U);
        transaction.set_address(p.core.words() * 8);
        EXPECT_EQ(p.initiator.socket->transport_dbg(transaction), 0U);
        EXPECT_EQ(now(), 0U);
        EXPECT_EQ(p.target.ledger().total(0).reads, 0U);
    });
}

TEST_F(Target, GrantsDmiForReadingOverTheWordsOfThePresentSupply) {
    build();
    run([](Platform& p) {
        p.supply.request(0.8, 0);
        wait(1, sc_core::SC_US);
        tlm::tlm_dmi dmi;
        ASSERT_TRUE(p.askForDmi(tlm::TLM_READ_COMMAND, dmi));
        EXPECT_TRUE(dmi.is_read_allowed());
        EXPECT_FALSE(dmi.is_write_allowed());
        EXPECT_EQ(dmi.get_start_address(), 0U);
        EXPECT_EQ(dmi.get_end_address(), p.core.words() * 8 - 1);
        std::vector<Word> words(p.core.words());
        std::memcpy(words.data(), dmi.get_dmi_ptr(), words.size() * 8);
        EXPECT_EQ(words, p.expected(0, words.size(), 0.8));
    });
}

TEST_F(Target, RefusesDmiForWritingAndWhileTheSupplyMovesOrIsAboutTo) {
    build();
    run([](Platform& p) {
        tlm::tlm_dmi dmi;
        EXPECT_FALSE(p.askForDmi(tlm::TLM_WRITE_COMMAND, dmi));
        EXPECT_TRUE(p.askForDmi(tlm::TLM_READ_COMMAND, dmi));
        p.supply.request(0.8, 1'000'000);
        EXPECT_FALSE(p.askForDmi(tlm::TLM_READ_COMMAND, dmi));  // pending
        wait(1100, sc_core::SC_NS);
        EXPECT_FALSE(p.askForDmi(tlm::TLM_READ_COMMAND, dmi));  // ramping
        wait(500, sc_core::SC_NS);
        EXPECT_FALSE(p.askForDmi(tlm::TLM_READ_COMMAND, dmi));  // settling
        wait(100, sc_core::SC_NS);
        EXPECT_TRUE(p.askForDmi(tlm::TLM_READ_COMMAND, dmi));
    });
}

TEST_F(Target, InvalidatesDmiAtEveryChangeOfSupplyContentOrFaults) {
    build();
    run([](Platform& p) {
        tlm::tlm_dmi dmi;
        Word word = 1;
        sc_core::sc_time delay;
        int expected = 0;
        const auto changes = std::vector<std::function<void()>>{
            [&] { p.supply.request(0.9, now()); },
            [&] { p.access(tlm::TLM_WRITE_COMMAND, 8, &word, 8, delay); },
            [&] {
                p.target.insert({1, 0, 1});
            },
            [&] {
                tlm::tlm_generic_payload transaction;
                transaction.set_command(tlm::TLM_WRITE_COMMAND);
                transaction.set_address(0);
                transaction.set_data_ptr(reinterpret_cast<unsigned char*>(&word));
                transaction.set_data_length(8);
                p.initiator.socket->transport_dbg(transaction);
            },
        };
        for (const auto& change : changes) {
            wait(2, sc_core::SC_US);
            ASSERT_TRUE(p.askForDmi(tlm::TLM_READ_COMMAND, dmi));
            change();
            EXPECT_EQ(p.initiator.invalidations, ++expected);
            change();  // nobody holds a pointer any more
            EXPECT_EQ(p.initiator.invalidations, expected);
        }
        Word read = 0;
        ASSERT_TRUE(p.askForDmi(tlm::TLM_READ_COMMAND, dmi));
        std::memcpy(&read, dmi.get_dmi_ptr(), 8);
        EXPECT_EQ(read, 1U);
        p.access(tlm::TLM_READ_COMMAND, 0, &read, 8, delay);
        EXPECT_EQ(p.initiator.invalidations, expected);  // reading changes nothing
    });
}

}  // namespace
}  // namespace brownout
