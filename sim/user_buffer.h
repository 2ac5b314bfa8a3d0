#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "sim/rtl_models.h"

namespace brownout {

/// A weight buffer that isn't ours.
struct UserBufferSettings {
    std::string top;                      ///< name of the top module
    std::filesystem::path folder;         ///< folder of the .sv and .v files
    std::vector<std::string> parameters;  ///< parameters of the top module, "NAME=VALUE"
    bool waves = false;                   ///< ability to record waves, which makes the model slower
};

/// Verilates every .sv and .v file of the folder (those named *_pkg.sv first), checks the ports of
/// the top module against the contract, compiles the result with rtl_adapter.cpp into a shared
/// library in a temporary folder and loads it. Takes Verilator and a C++ compiler ($CXX or c++).
/// Throws Error of one line for anything that goes wrong.
RtlBufferModel buildUserBuffer(const UserBufferSettings& settings);

}  // namespace brownout
