#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "hardware/supply/supply_instrument.h"
#include "tests/hardware/peer_program.h"

namespace brownout::test {

/// The supply of peers/vxi11_supply.py, at a loopback address of its own.
class Vxi11Peer {
 public:
    explicit Vxi11Peer(const std::vector<std::string>& options = {}) {
        std::vector<std::string> words{"/usr/bin/python3",
                                       BROWNOUT_SOURCE_DIR "/tests/hardware/peers/vxi11_supply.py"};
        words.insert(words.end(), options.begin(), options.end());
        program_ = std::make_unique<PeerProgram>(words);
        port_ = program_->digitsAfter("listening at ");
        address_ = port_.empty() ? "" : program_->wordAfter(" of ");
    }

    bool started() const { return !port_.empty(); }
    /// Returns why there can be no test with it, one line; or "".
    std::string problem() const {
        if (!started()) return "no VXI-11 peer: " + program_->output();
        try {
            checkSupplyUrl("supply", url());
        } catch (const Error& error) {
            return error.what();
        }
        return "";
    }
    std::string url() const { return "vxi11://" + address_; }
    const std::string& address() const { return address_; }
    /// Returns the voltage as the supply says over its raw socket, where nothing is damaged.
    double volts() const { return openSupply({"scpi://" + address_ + ":" + port_, {}})->measure(); }
    /// Returns how many replies it has damaged.
    int damages() const {
        const std::string output = program_->output();
        return static_cast<int>(std::count(output.begin(), output.end(), '\n')) - 1;
    }

 private:
    std::unique_ptr<PeerProgram> program_;
    std::string port_;
    std::string address_;
};

}  // namespace brownout::test
