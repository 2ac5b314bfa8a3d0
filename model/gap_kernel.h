#pragma once

#include <cstddef>
#include <cstdint>

namespace brownout {

/// Draws of one block. Must be a multiple of 16, the widest kernel's step.
constexpr std::size_t kGapBlock = 64;

/// Where in the random sequence of a stratum a block starts: draw i of the block takes the 64 bits
/// at position `firstDraw + i` of RandomStream(seed, kUniformField, chip, stratum). `firstDraw` is
/// even.
struct GapStream {
    std::uint64_t seed = 0;
    std::uint32_t chip = 0;
    std::uint32_t stratum = 0;
    std::uint64_t firstDraw = 0;
};

/// One block of geometric gaps, and the 23 bits of rank that come with each.
struct GapBlock {
    alignas(64) std::uint32_t gap[kGapBlock];
    alignas(64) std::uint32_t rank[kGapBlock];
};

/// Fills a block. Draw i takes 64 bits, 41 for u uniform in (0, 1) and the low 23 for the rank;
/// gap = floor(ln(u) * perGap), with `perGap` = 1 / ln(1 - chance), `chance` at least 2^-24: the
/// number of failures before the first success. Picks the fastest kernel the processor has; all
/// give the same bits.
void drawGaps(const GapStream& stream, double perGap, GapBlock& block);

/// The oracle: one draw after the other, from RandomStream and std::log.
void drawGapsReference(const GapStream& stream, double perGap, GapBlock& block);

/// The kernels behind drawGaps, for the tests that hold them together.
void drawGapsPortable(const GapStream& stream, double perGap, GapBlock& block);
bool hasAvx2Gaps();
void drawGapsAvx2(const GapStream& stream, double perGap, GapBlock& block);
bool hasAvx512Gaps();
void drawGapsAvx512(const GapStream& stream, double perGap, GapBlock& block);

}  // namespace brownout
