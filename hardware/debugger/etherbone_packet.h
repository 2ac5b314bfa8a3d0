#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/span.h"

namespace brownout {

// Packets of Etherbone (CERN, EBD 1.0) with 32-bit addresses and data, one record each, as LiteX's
// server takes and sends them over TCP: a packet header of 8 bytes, a record header of 4, then a
// base address and words. All numbers are big-endian.

/// Most words of a record.
constexpr std::size_t kMostEtherboneWords = 255;
/// Bytes of both headers, the last two of which are the numbers of words written and read.
constexpr std::size_t kEtherboneHead = 12;

/// Returns the packet that writes words from an address on.
std::string etherboneWrite(std::uint32_t address, Span<const std::uint32_t> words);

/// Returns the packet that asks for `count` words from an address on, to be written to
/// `answerAddress` of whoever asks.
std::string etherboneRead(std::uint32_t address, std::size_t count, std::uint32_t answerAddress);

/// Returns how many bytes follow the headers of a packet, or nothing if they are none of ours:
/// an answer writes words and reads none.
std::optional<std::size_t> etherboneAnswerBytes(const std::string& head);

/// An answer to a read.
struct EtherboneAnswer {
    std::uint32_t address = 0;  ///< the request's `answerAddress`; 0 from LiteX's server
    std::vector<std::uint32_t> words;
};

/// Reads what follows the headers of an answer, a whole number of 32-bit words.
EtherboneAnswer etherboneAnswer(const std::string& rest);

}  // namespace brownout
