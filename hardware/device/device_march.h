#pragma once

#include "hardware/device/device.h"
#include "model/march.h"

namespace brownout {

/// Writes zeros and ones to all words of a device at nominal and reads them back: what a test at a
/// lower supply finds is then the supply's doing. Throws Error at a word that doesn't hold both.
void proveAtNominal(HardwareDevice& device);

/// Runs a March test at a supply, V, with a background of zeros; the supply stays there. Writes and
/// reads both happen there, as they do in a BIST on the chip.
///
/// An element goes over the memory in blocks of consecutive words, one operation on all words of a
/// block before the next one: a debugger reads and writes blocks a thousand times faster than
/// words. Faults of single cells are found all the same; of faults by which one cell disturbs
/// another, those between two words of a block may be missed.
///
/// Throws Error if the supply isn't where it was set when the test is over.
MarchFindings runMarch(HardwareDevice& device, MarchAlgorithm algorithm, double supplyV);

}  // namespace brownout
