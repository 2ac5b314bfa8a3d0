#pragma once

#include <atomic>
#include <memory>
#include <thread>

#include "hardware/bench/bench_server.h"
#include "hardware/supply/controlled_supply.h"
#include "model/threshold_chips.h"

namespace brownout::test {

/// A bench that serves on loopback, at ports that the system chose, in a thread of its own.
class RunningBench {
 public:
    explicit RunningBench(std::unique_ptr<BenchMemory> memory,
                          BenchServer::Settings settings = usual())
        : server_(std::move(memory), settings),
          thread_([this] { server_.run([this] { return stop_.load(); }); }) {}
    ~RunningBench() {
        stop_ = true;
        thread_.join();
    }

    /// Returns settings with a supply that is at 0.9 V and moves fast.
    static BenchServer::Settings usual() {
        BenchServer::Settings settings;
        settings.gdb = settings.scpi = {"127.0.0.1", 0};
        settings.voltsPerSecond = 200;
        settings.identity = "Brownout,Bench,test,0";
        return settings;
    }

    TcpAddress gdb() const { return server_.gdbAddress(); }
    TcpAddress scpi() const { return server_.scpiAddress(); }

 private:
    std::atomic<bool> stop_{false};
    BenchServer server_;
    std::thread thread_;
};

/// Returns a memory of the bench with chip 0 of a source whose supplies are in volts.
inline std::unique_ptr<BenchMemory> memoryOf(std::shared_ptr<ChipSource> chips,
                                             BenchFailure failure = BenchFailure::kRead) {
    return std::make_unique<BenchMemory>(
        std::move(chips), LoadId{1, 0, 0},
        [](double volts) {
            return OperatingPoint{volts, {}, {}};
        },
        0x20000000, failure);
}

/// Returns a memory of the bench in which no cell fails.
inline std::unique_ptr<BenchMemory> faultlessMemory(const SramGeometry& geometry = {}) {
    return memoryOf(std::make_shared<ThresholdChips>(Chip(geometry, {}, 0)));
}

/// Returns a plan for the bench's supply: nominal 0.9 V, limits around it, no long waits.
inline SupplyPlan benchPlan() {
    SupplyPlan plan;
    plan.lowestV = 0.45;
    plan.highestV = 0.95;
    plan.nominalV = 0.9;
    plan.settle = std::chrono::milliseconds(1);
    return plan;
}

}  // namespace brownout::test
