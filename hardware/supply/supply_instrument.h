#pragma once

#include <memory>
#include <string>

#include "hardware/connection/renewed_connection.h"
#include "hardware/supply/scpi_dialect.h"

namespace brownout {

/// A supply that a program sets and reads. It does as it is told: limits, ramps and checks are
/// those of ControlledSupply.
class SupplyInstrument {
 public:
    virtual ~SupplyInstrument() = default;

    /// Returns what errors and results call the supply: "scpi://bench:5025".
    virtual const std::string& name() const = 0;
    /// Returns the instrument's description of itself, one line.
    virtual const std::string& identity() const = 0;

    /// Asks for a voltage at the output, V. Throws Error if the instrument refuses it or can't be
    /// reached.
    virtual void set(double volts) = 0;
    /// Returns the voltage at the output as the instrument measures it, V. Throws Error if it can't
    /// be reached or says something else.
    virtual double measure() = 0;
};

/// A supply as the user names it.
struct SupplyAddress {
    std::string url;      ///< "scpi://HOST[:PORT]", "vxi11://HOST[/DEVICE]" or "command://PROGRAM"
    ScpiDialect dialect;  ///< commands of an instrument that speaks SCPI
    LinkTimes times{std::chrono::milliseconds(3000)};
};

/// Checks the form of a URL without connecting. Throws UsageError naming `option`.
void checkSupplyUrl(const std::string& option, const std::string& url);

/// Connects to a supply and asks for its identity. Throws Error if that can't be done.
std::unique_ptr<SupplyInstrument> openSupply(const SupplyAddress& address);

}  // namespace brownout
