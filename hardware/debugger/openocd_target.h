#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "hardware/connection/stream_reader.h"
#include "hardware/connection/tcp_stream.h"
#include "hardware/debugger/target_memory.h"

namespace brownout {

/// The memory behind OpenOCD's Tcl port (6666), of OpenOCD 0.12 and later: `read_memory` and
/// `write_memory` of the current target. Every request carries a number that its answer repeats.
class OpenOcdTarget final : public TargetMemory {
 public:
    struct Times {
        std::chrono::milliseconds connect{5000};  ///< longest wait for a connection
        std::chrono::milliseconds answer{5000};   ///< longest wait for an answer
        unsigned connections = 5;                 ///< connections that a request is tried over
    };

    /// Connects and asks for OpenOCD's version and targets. Throws Error if that can't be done.
    OpenOcdTarget(TcpAddress address, const Times& times);
    explicit OpenOcdTarget(TcpAddress address) : OpenOcdTarget(std::move(address), Times()) {}

    const std::string& name() const override { return name_; }
    /// Returns OpenOCD's version and the names of its targets.
    std::string identity() override { return identity_; }
    void read(std::uint64_t address, Span<std::uint8_t> bytes) override;
    void write(std::uint64_t address, Span<const std::uint8_t> bytes) override;
    TargetTraffic traffic() const override { return traffic_; }

 private:
    /// Lets OpenOCD carry out a command and returns its result. Throws Error with what OpenOCD says
    /// if it fails.
    std::string ask(const std::string& command);
    std::string askOnce(const std::string& command);

    TcpAddress address_;
    std::string name_;
    Times times_;
    std::string identity_;
    std::unique_ptr<TcpStream> stream_;
    std::unique_ptr<StreamReader> reader_;
    std::uint64_t number_ = 0;  ///< number of the last request
    TargetTraffic traffic_;
};

}  // namespace brownout
