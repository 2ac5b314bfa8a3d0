#pragma once

#include <functional>
#include <memory>
#include <string>

#include "hardware/bench/bench_memory.h"
#include "hardware/bench/bench_supply.h"
#include "hardware/bench/scpi_front.h"
#include "hardware/connection/tcp_stream.h"

namespace brownout {

/// A bench without hardware: the port of a debugger and that of a laboratory supply, which share
/// one chip. Any number of programs may be connected to either at a time.
class BenchServer {
 public:
    struct Settings {
        TcpAddress gdb;
        TcpAddress scpi;
        double nominalV = 0.9;       ///< output when the bench begins
        double mostVolts = 5;        ///< highest voltage that the supply can be set to
        double voltsPerSecond = 10;  ///< rate at which the output moves
        std::string identity;        ///< answer to *IDN?
    };

    /// Listens at both ports. Throws Error if one is taken.
    BenchServer(std::unique_ptr<BenchMemory> memory, const Settings& settings);
    ~BenchServer();

    const TcpAddress& gdbAddress() const { return gdb_.address(); }
    const TcpAddress& scpiAddress() const { return scpi_.address(); }

    /// Serves until `stop` returns true, which is asked at least every 50 ms.
    void run(const std::function<bool()>& stop);

    /// Returns the voltage at the output, for tests; while run() doesn't run.
    double volts() const { return supply_.at(std::chrono::steady_clock::now()); }

 private:
    struct Client;
    void serve(Client& client);
    void tellSupply();

    std::unique_ptr<BenchMemory> memory_;
    BenchSupply supply_;
    ScpiFront front_;
    TcpListener gdb_;
    TcpListener scpi_;
    std::vector<std::unique_ptr<Client>> clients_;
};

}  // namespace brownout
