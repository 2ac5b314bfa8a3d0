#pragma once

#include <string>

#include "hardware/supply/supply_instrument.h"

namespace brownout {

/// A supply behind a program of the user's own, which is run for each request without a shell:
///
///   PROGRAM identify      prints one line that tells the supply from others
///   PROGRAM set 0.85      sets the output, V, and returns when that has been accepted
///   PROGRAM measure       prints the voltage at the output, V
///
/// A status other than 0 is an error, of which the first line on standard error says why.
class CommandInstrument final : public SupplyInstrument {
 public:
    /// Asks the program for the supply's identity. Throws Error if it can't be run.
    explicit CommandInstrument(const std::string& program);

    const std::string& name() const override { return name_; }
    const std::string& identity() const override { return identity_; }
    void set(double volts) override;
    double measure() override;

 private:
    std::string run(const std::vector<std::string>& arguments);

    std::string program_;
    std::string name_;
    std::string identity_;
};

}  // namespace brownout
