#pragma once

#include <functional>
#include <string>
#include <vector>

#include "hardware/connection/tcp_dialogue.h"
#include "hardware/debugger/distinct_lengths.h"
#include "hardware/debugger/target_memory.h"

namespace brownout {

/// The memory of a LiteX system behind litex_server (TCP port 1234), which speaks Etherbone. Whole
/// 32-bit words only. Writes have no answers: writeChecked() finds those that were lost.
///
/// Answers repeat the number of their request where the server does as Etherbone says; LiteX's
/// doesn't. So reads that follow one another ask for different numbers of words, and each block
/// ends with a read of another length.
class EtherboneTarget final : public TargetMemory {
 public:
    /// Connects. Throws Error if that can't be done.
    explicit EtherboneTarget(TcpAddress address, const LinkTimes& times = {});

    const std::string& name() const override { return name_; }
    /// Returns "etherbone": the protocol doesn't say who is there.
    std::string identity() override { return "etherbone"; }
    void read(std::uint64_t address, Span<std::uint8_t> bytes) override;
    void write(std::uint64_t address, Span<const std::uint8_t> bytes) override;
    TargetTraffic traffic() const override;

 private:
    void repeat(const std::function<void()>& block);
    void requireWords(std::uint64_t address, std::size_t bytes) const;
    void readBlock(std::uint64_t address, Span<std::uint8_t> bytes);
    /// Reads words by one request.
    std::vector<std::uint32_t> ask(std::uint64_t address, std::size_t words);

    std::string name_;
    RenewedConnection<TcpDialogue> link_;
    std::uint32_t number_ = 0;  ///< number of the last request
    DistinctLengths lengths_;
    TargetTraffic traffic_;
};

}  // namespace brownout
