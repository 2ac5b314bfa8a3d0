#pragma once

#include <string>
#include <vector>

namespace brownout {

/// Returns the names of the instruction sets that kernels are compiled for and this processor has,
/// slowest first: "baseline", "avx2" (with FMA), "avx512" (F, DQ, BW and VL).
std::vector<std::string> availableInstructionSets();

/// Returns the instruction set that all kernels run on: `name`; if that is empty the one that the
/// environment variable BROWNOUT_ISA names; without one the fastest that this processor has. Throws
/// Error if it is unknown or this processor doesn't have it.
std::string instructionSetFor(const std::string& name);

/// Returns instructionSetFor("").
inline std::string activeInstructionSet() { return instructionSetFor(""); }

/// Tells whether this processor works on vectors of 512 bits in two halves, as Zen 4 does: they
/// then spare instructions, not time.
bool halvesWideVectors();

}  // namespace brownout
