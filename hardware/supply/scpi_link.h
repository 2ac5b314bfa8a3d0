#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "hardware/connection/renewed_connection.h"

namespace brownout {

/// Longest answer that is believed to be one, in bytes.
constexpr std::size_t kLongestScpiAnswer = 4096;

/// One connection to an instrument that speaks SCPI: raw TCP (scpi_stream.h) or VXI-11
/// (lxi_link.h).
class ScpiLink {
 public:
    virtual ~ScpiLink() = default;

    /// Sends commands in their order and returns the answers to the questions among them, each
    /// without the end of its line. Throws LinkTrouble naming the instrument if an answer doesn't
    /// come by the deadline, if something comes that wasn't asked for, or if the connection is
    /// gone.
    virtual std::vector<std::string> exchange(const std::vector<std::string>& commands,
                                              Deadline deadline) = 0;
};

/// Connects to an instrument by a deadline. Throws LinkTrouble naming it if that can't be done.
using OpenScpiLink = RenewedConnection<ScpiLink>::Open;

/// Tells whether a command is a question, which has an answer.
bool isScpiQuestion(const std::string& command);

/// Returns an answer without the end of its line.
std::string withoutLineEnd(std::string answer);

}  // namespace brownout
