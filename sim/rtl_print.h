#pragma once

// Included before everything else in the code that Verilator generates and in its run-time library,
// whose VL_PRINTF is defined to be this: what the RTL prints becomes the message of an error
// instead of output of the program.
extern "C" int brownoutRtlPrint(const char* format, ...);
