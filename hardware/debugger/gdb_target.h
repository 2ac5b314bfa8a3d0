#pragma once

#include <functional>
#include <memory>

#include "hardware/connection/tcp_stream.h"
#include "hardware/debugger/distinct_lengths.h"
#include "hardware/debugger/gdb_session.h"
#include "hardware/debugger/target_memory.h"

namespace brownout {

/// The memory behind a GDB stub: OpenOCD, J-Link, QEMU, gdbserver, or the bench.
///
/// Answers carry no number, so a second copy of an answer could pass for the next one. Two things
/// prevent that: requests that follow one another ask for different numbers of bytes, and each
/// block of reads ends with a question ("?") whose answer looks different. An answer too many shows
/// up in either; then the connection is dropped, with whatever is still under way on it, and the
/// block is read again.
class GdbTarget final : public TargetMemory {
 public:
    /// Connects. Throws Error if that can't be done.
    explicit GdbTarget(TcpAddress address, const GdbSettings& settings = {});

    const std::string& name() const override { return name_; }
    /// Returns the architecture and a fingerprint of the target's description and features.
    std::string identity() override { return identity_; }
    void read(std::uint64_t address, Span<std::uint8_t> bytes) override;
    void write(std::uint64_t address, Span<const std::uint8_t> bytes) override;
    TargetTraffic traffic() const override;

 private:
    /// Begins a session. Throws Error, and leaves no session, if the target isn't the one that was
    /// there before.
    void connect();
    void endSession();
    /// Carries out a block of requests, again over a new connection if the link gives trouble.
    void repeat(const std::function<void()>& block);
    void readBlock(std::uint64_t address, Span<std::uint8_t> bytes);
    void writeBlock(std::uint64_t address, Span<const std::uint8_t> bytes);
    /// Asks a question whose answer looks like that of no request for memory, and so sees whether
    /// answers and requests still match.
    void fence();
    std::string ask(const std::string& body);
    std::string describeTarget();
    std::string readDescription();
    [[noreturn]] void failAt(std::uint64_t address, const std::string& problem) const;

    TcpAddress address_;
    std::string name_;
    GdbSettings settings_;
    std::unique_ptr<GdbSession> session_;
    std::string identity_;
    bool binary_ = true;  ///< writes go as `X`, until the stub says that it takes none
    DistinctLengths lengths_;
    std::uint64_t formerRepeats_ = 0;  ///< repeats in sessions that are over
    TargetTraffic traffic_;
};

}  // namespace brownout
