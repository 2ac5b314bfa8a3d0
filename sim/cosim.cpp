#include "sim/cosim.h"

#include <algorithm>

namespace brownout {
namespace {

constexpr std::size_t kShown = 10;

/// A digit a bit, the highest first, in groups of eight.
template <typename Digit>
std::string digits(std::uint32_t bits, const Digit& digit) {
    std::string text;
    for (std::uint32_t bit = bits; bit-- > 0;) {
        text += digit(bit);
        if (bit % 8 == 0 && bit > 0) text += ' ';
    }
    return text;
}

std::string binary(Word word, std::uint32_t bits) {
    return digits(bits, [=](std::uint32_t bit) { return (word >> bit & 1U) != 0 ? '1' : '0'; });
}

}  // namespace

Comparison compareMemories(WeightMemory& golden, const ExecutePiece& execute,
                           const TrafficSettings& traffic,
                           const std::function<void(std::uint64_t)>& progress) {
    Comparison result;
    std::vector<Word> expected;
    std::vector<Word> got;
    std::vector<WordStatus> expectedStatus;
    std::vector<WordStatus> gotStatus;
    forEachPiece(traffic, [&](const TrafficPiece& piece) {
        const auto reads = static_cast<std::size_t>(std::count_if(
            piece.ops.begin(), piece.ops.end(), [](const MemoryOp& op) { return !op.write; }));
        expected.resize(reads);
        got.resize(reads);
        expectedStatus.resize(reads);
        gotStatus.resize(reads);
        executeOps(golden, piece.ops, expected, expectedStatus);
        execute(piece, got, gotStatus);
        result.words += reads;
        result.writes += piece.ops.size() - reads;
        std::uint64_t read = 0;
        for (const MemoryOp& op : piece.ops) {
            if (op.write) continue;
            const DecodedWord is{got[read], gotStatus[read]};
            const DecodedWord shouldBe{expected[read], expectedStatus[read]};
            result.corrected += shouldBe.status == WordStatus::kCorrected;
            result.detected += shouldBe.status == WordStatus::kDetected;
            if (!(is == shouldBe)) {
                ++result.mismatches;
                if (result.first.size() < kShown) {
                    result.first.push_back({piece.name, read, op.address, shouldBe, is});
                }
            }
            ++read;
        }
        progress(reads);
    });
    return result;
}

Comparison compareMemories(WeightMemory& golden, SimulatedMemory& memory,
                           const TrafficSettings& traffic,
                           const std::function<void(std::uint64_t)>& progress) {
    const auto execute = [&](const TrafficPiece& piece, Span<Word> words,
                             Span<WordStatus> statuses) {
        memory.execute(piece.ops, piece.pressure, words, statuses);
    };
    return compareMemories(golden, ExecutePiece(execute), traffic, progress);
}

std::string describe(const WordMismatch& mismatch, const SramGeometry& data) {
    const std::uint64_t perArray = data.wordsPerArray();
    const std::uint32_t bits = data.wordBits();
    const Word differing = mismatch.expected.data ^ mismatch.got.data;
    return "word " + std::to_string(mismatch.word) + " (bank " +
           std::to_string(mismatch.word / perArray) + ", row " +
           std::to_string(mismatch.word % perArray / data.columnMux) + "), read " +
           std::to_string(mismatch.read) + " of '" + mismatch.piece + "'\n  expected " +
           binary(mismatch.expected.data, bits) + " " + nameOf(mismatch.expected.status) +
           "\n  got      " + binary(mismatch.got.data, bits) + " " + nameOf(mismatch.got.status) +
           "\n  differs  " +
           digits(bits,
                  [=](std::uint32_t bit) { return (differing >> bit & 1U) != 0 ? '^' : '.'; }) +
           (mismatch.expected.status != mismatch.got.status ? " status" : "") + "\n";
}

}  // namespace brownout
