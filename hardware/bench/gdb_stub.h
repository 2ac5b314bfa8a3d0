#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "hardware/bench/bench_memory.h"

namespace brownout {

/// The far end of one connection of a debugger: turns what the debugger sends into what the stub
/// of the bench answers. The target is always stopped and has no registers to speak of.
class GdbStub {
 public:
    /// Serves `memory`, which must outlive the stub; `beforeAccess` is called before each access.
    GdbStub(BenchMemory& memory, std::function<void()> beforeAccess)
        : memory_(memory), beforeAccess_(std::move(beforeAccess)) {}

    /// Takes bytes that arrived; returns the bytes to send.
    std::string receive(std::string_view bytes);

 private:
    std::string packet(const std::string& body);
    std::string answerTo(const std::string& body);
    std::string readMemory(const std::string& range);
    std::string writeMemory(const std::string& request, bool binary);

    BenchMemory& memory_;
    std::function<void()> beforeAccess_;
    std::string pending_;     ///< bytes of an unfinished packet
    std::string lastPacket_;  ///< packet that is sent again after "-"
    bool acknowledge_ = true;
};

}  // namespace brownout
