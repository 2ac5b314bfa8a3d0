#pragma once

#include <cstdint>
#include <string>

#include "base/span.h"

namespace brownout {

/// Work that a connection to a target has done.
struct TargetTraffic {
    std::uint64_t roundTrips = 0;  ///< requests that waited for an answer
    std::uint64_t bytesRead = 0;
    std::uint64_t bytesWritten = 0;
    std::uint64_t repeats = 0;  ///< requests that were sent again because of the link
};

/// The memory of a real target, as a debugger or a bridge shows it: bytes at addresses. An answer
/// that is late, damaged, of another size or not asked for is never taken for the one that was
/// asked for: the request is repeated over a new connection, and Error is thrown if that doesn't
/// help.
class TargetMemory {
 public:
    virtual ~TargetMemory() = default;

    /// Returns what errors and results call the target: "gdb://127.0.0.1:3333".
    virtual const std::string& name() const = 0;

    /// Returns the target's description of itself, one line; empty if it has none. Two targets of
    /// one text are taken for the same.
    virtual std::string identity() = 0;

    /// Reads consecutive bytes. Throws Error naming the target and the address.
    virtual void read(std::uint64_t address, Span<std::uint8_t> bytes) = 0;

    /// Writes consecutive bytes and trusts the target's answer. Throws Error naming the target and
    /// the address.
    virtual void write(std::uint64_t address, Span<const std::uint8_t> bytes) = 0;

    virtual TargetTraffic traffic() const = 0;
};

/// Writes bytes, reads them back and compares: some stubs don't report that a write failed. Writes
/// what differs once more. Throws Error naming the first address that still differs.
void writeChecked(TargetMemory& target, std::uint64_t address, Span<const std::uint8_t> bytes);

/// Returns "0x20000000".
std::string hexAddress(std::uint64_t address);

}  // namespace brownout
