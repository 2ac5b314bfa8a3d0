#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "hardware/connection/byte_stream.h"
#include "hardware/connection/renewed_connection.h"
#include "hardware/connection/stream_reader.h"

namespace brownout {

/// The patience with a GDB stub, and the manner of speaking with it.
struct GdbSettings : LinkTimes {
    /// Asks for acknowledged packets, whose cost over TCP is too small to measure. Only with them
    /// can a stub ask for a damaged request again: without them gdbserver carries it out.
    bool acknowledge = true;
};

/// One connection to a GDB stub. Answers come in the order of requests and carry no numbers, so
/// that the caller must be able to tell the answer of a request from that of another; bytes that
/// belong to no answer end the session.
class GdbSession {
 public:
    /// Shakes hands over a fresh connection: features, acknowledgements, the reason of the last
    /// stop. Throws LinkTrouble if that fails.
    GdbSession(std::unique_ptr<ByteStream> stream, const GdbSettings& settings);

    /// Sends a request and returns the body of its answer, without run lengths and escapes. Throws
    /// LinkTrouble if it doesn't come in time, comes damaged again and again, or if something else
    /// came.
    std::string ask(std::string_view body);

    /// Returns the answer to qSupported.
    const std::string& features() const { return features_; }
    /// Returns the most bytes of a packet's body, either way.
    std::size_t packetSize() const { return packetSize_; }
    /// Returns how many packets were sent again because either side asked for it.
    std::uint64_t repeats() const { return repeats_; }

 private:
    void requireSilence();
    /// Waits until the stub has acknowledged; returns false if it wants the packet again.
    bool acknowledged(Deadline deadline);
    std::string answer(Deadline deadline);
    char nextByte(Deadline deadline);
    [[noreturn]] void fail(const std::string& problem) const;

    std::unique_ptr<ByteStream> stream_;
    StreamReader reader_;
    GdbSettings settings_;
    bool acknowledge_ = true;
    std::string features_;
    std::size_t packetSize_ = 400;  ///< most bytes of a body; small until the stub says more
    std::uint64_t repeats_ = 0;
};

/// Returns the value of a feature in an answer to qSupported ("PacketSize=3fff;QStartNoAckMode+"):
/// "3fff", "+", or "" if it isn't there.
std::string gdbFeature(const std::string& features, const std::string& name);

}  // namespace brownout
