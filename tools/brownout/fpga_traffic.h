#pragma once

#include "hardware/frames/frame_memory.h"
#include "sim/cosim_traffic.h"

namespace brownout {

/// Executes a piece of traffic on an FPGA, of which as much is on its way as the FPGA takes. An
/// FPGA takes replies as fast as they come, so that no back-pressure reaches its memory.
void executeOnFpga(FrameMemory& memory, const TrafficPiece& piece, Span<Word> words,
                   Span<WordStatus> statuses);

}  // namespace brownout
