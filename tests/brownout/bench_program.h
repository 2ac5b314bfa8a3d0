#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "hardware/supply/supply_instrument.h"
#include "tests/brownout/program.h"
#include "tests/hardware/peer_program.h"

namespace brownout::test {

/// `brownout bench` in a process of its own, at ports that the system chose.
class BenchProgram {
 public:
    explicit BenchProgram(std::vector<std::string> options) {
        std::vector<std::string> words{BROWNOUT_PROGRAM, "bench",  "--gdb", "127.0.0.1:0", "--scpi",
                                       "127.0.0.1:0",    "--slew", "200",   "--json"};
        words.insert(words.end(), options.begin(), options.end());
        program_ = std::make_unique<PeerProgram>(words);
        const Deadline end = Deadline::in(std::chrono::seconds(20));
        while (program_->output().find('\n') == std::string::npos) {
            if (end.passed() || program_->wait(std::chrono::milliseconds(5))) {
                throw Error("bench", program_->output());
            }
        }
        said_ = nlohmann::json::parse(program_->output());
    }

    std::string gdb() const { return said_["gdb"]; }
    std::string scpi() const { return said_["scpi"]; }
    std::uint64_t words() const { return said_["words"]; }
    PeerProgram& program() { return *program_; }

    /// Returns the options by which a command uses this bench, with `option` for the memory. The
    /// supply may be 0.5 to 1 V, and 1 V is nominal.
    std::vector<std::string> options(const std::string& option) const {
        return {option,
                gdb(),
                "--memory-base",
                "0x20000000",
                "--words",
                std::to_string(words()),
                "--supply-control",
                scpi(),
                "--limits",
                "0.5V:1V",
                "--nominal",
                "1V",
                "--ramp-step",
                "0.2V",
                "--settle",
                "1ms"};
    }

    /// Returns the voltage at the output, V.
    double volts() const { return openSupply({scpi(), {}})->measure(); }

 private:
    std::unique_ptr<PeerProgram> program_;
    nlohmann::json said_;
};

}  // namespace brownout::test
