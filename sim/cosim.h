#pragma once

#include <functional>
#include <string>
#include <vector>

#include "sim/cosim_traffic.h"
#include "sim/traffic.h"

namespace brownout {

/// A word that two memories read differently.
struct WordMismatch {
    std::string piece;       ///< name of the piece of traffic
    std::uint64_t read = 0;  ///< number of the read in its piece
    std::uint32_t word = 0;  ///< data word
    DecodedWord expected;
    DecodedWord got;
};

/// The outcome of the same traffic on two memories at one supply.
struct Comparison {
    std::uint64_t words = 0;          ///< words compared: every read
    std::uint64_t mismatches = 0;     ///< words whose data or status differ
    std::vector<WordMismatch> first;  ///< first mismatches, at most ten
    std::uint64_t corrected = 0;      ///< expected words with the status "corrected"
    std::uint64_t detected = 0;
    std::uint64_t writes = 0;
};

/// Sends all traffic to both memories, at the supply they have, and compares every word and every
/// status. `progress` is called with the words compared in each piece.
Comparison compareMemories(WeightMemory& golden, SimulatedMemory& memory,
                           const TrafficSettings& traffic,
                           const std::function<void(std::uint64_t)>& progress);

/// Function that executes a piece of traffic on a memory; `words` and `statuses` take one entry for
/// each read.
using ExecutePiece =
    std::function<void(const TrafficPiece& piece, Span<Word> words, Span<WordStatus> statuses)>;

/// Does the same with whatever `execute` reaches.
Comparison compareMemories(WeightMemory& golden, const ExecutePiece& execute,
                           const TrafficSettings& traffic,
                           const std::function<void(std::uint64_t)>& progress);

/// Returns the mismatch bit by bit, over several lines: where, expected, got, and which bits
/// differ.
std::string describe(const WordMismatch& mismatch, const SramGeometry& data);

}  // namespace brownout
