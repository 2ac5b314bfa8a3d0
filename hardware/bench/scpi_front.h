#pragma once

#include <deque>
#include <functional>
#include <string>
#include <string_view>

#include "hardware/bench/bench_supply.h"

namespace brownout {

/// The front panel that SCPI programs see of the bench's supply: one channel, 0 V to `mostVolts`.
/// All connections share it, as they do in an instrument.
class ScpiFront {
 public:
    /// Serves `supply`, which must outlive it. `beforeChange` is called before the supply is set.
    ScpiFront(BenchSupply& supply, std::string identity, double mostVolts,
              std::function<void()> beforeChange)
        : supply_(supply),
          identity_(std::move(identity)),
          mostVolts_(mostVolts),
          beforeChange_(std::move(beforeChange)) {}

    /// Carries out a program message (one line, without its end); returns the answer with its end,
    /// or nothing.
    std::string execute(std::string_view message);

 private:
    std::string executeOne(const std::string& command);
    void setVolts(const std::string& argument);
    void complain(int number, const std::string& text);

    BenchSupply& supply_;
    std::string identity_;
    double mostVolts_;
    std::function<void()> beforeChange_;
    std::deque<std::string> errors_;
    unsigned eventEnable_ = 0;
};

/// Splits what arrives at a connection into lines and lets a front execute them.
class ScpiConnection {
 public:
    explicit ScpiConnection(ScpiFront& front) : front_(front) {}

    /// Takes bytes that arrived; returns the bytes to send.
    std::string receive(std::string_view bytes);

 private:
    ScpiFront& front_;
    std::string line_;
};

}  // namespace brownout
