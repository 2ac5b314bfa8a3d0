#pragma once

#include <chrono>
#include <string>

#include "hardware/connection/tcp_dialogue.h"
#include "hardware/debugger/target_memory.h"

namespace brownout {

/// The memory behind OpenOCD's Tcl port (6666), of OpenOCD 0.12 and later: `read_memory` and
/// `write_memory` of the current target. Every request carries a number that its answer repeats.
class OpenOcdTarget final : public TargetMemory {
 public:
    /// Connects and asks for OpenOCD's version and targets. Throws Error if that can't be done.
    explicit OpenOcdTarget(TcpAddress address, const LinkTimes& times = {kPatience, kPatience});

    const std::string& name() const override { return name_; }
    /// Returns OpenOCD's version and the names of its targets.
    std::string identity() override { return identity_; }
    void read(std::uint64_t address, Span<std::uint8_t> bytes) override;
    void write(std::uint64_t address, Span<const std::uint8_t> bytes) override;
    TargetTraffic traffic() const override;

 private:
    /// Longest wait: OpenOCD answers when its adapter is done, which may be slow.
    static constexpr std::chrono::milliseconds kPatience{5000};

    /// Lets OpenOCD carry out a command and returns its result. Throws Error with what OpenOCD says
    /// if it fails.
    std::string ask(const std::string& command);
    std::string askOnce(const std::string& command);

    std::string name_;
    RenewedConnection<TcpDialogue> link_;
    std::string identity_;
    std::uint64_t number_ = 0;  ///< number of the last request
    TargetTraffic traffic_;
};

}  // namespace brownout
