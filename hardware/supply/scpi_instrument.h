#pragma once

#include <string>
#include <vector>

#include "hardware/supply/scpi_dialect.h"
#include "hardware/supply/scpi_link.h"
#include "hardware/supply/supply_instrument.h"

namespace brownout {

/// A supply that speaks SCPI, over raw TCP or VXI-11.
///
/// Every exchange is numbered (ScpiDialect::numbered), ends with the question for errors, and
/// expects as many lines as it has questions. An answer too many, too few, or of another exchange
/// drops the connection, and the exchange is repeated over a new one; setting a voltage twice does
/// no harm. SCPI has no checksums: a digit that changes on the way is only noticed because the
/// voltage that was set and the one that is measured differ.
class ScpiInstrument final : public SupplyInstrument {
 public:
    /// Connects, clears old errors and asks for the identity. Throws Error if that can't be done.
    /// `name` is what errors and results call the supply.
    ScpiInstrument(std::string name, OpenScpiLink open, ScpiDialect dialect,
                   const LinkTimes& times);

    const std::string& name() const override { return name_; }
    const std::string& identity() const override { return identity_; }
    void set(double volts) override;
    double measure() override;

 private:
    /// Begins a new connection: the instrument must be the one that was there before.
    void greet();
    /// Sends commands; returns the answers to those that are questions. Throws Error with the
    /// instrument's own if it reports one.
    std::vector<std::string> exchange(const std::vector<std::string>& commands);
    std::vector<std::string> exchangeOnce(const std::vector<std::string>& commands);

    ScpiDialect dialect_;
    std::string name_;
    RenewedConnection<ScpiLink> link_;
    std::string identity_;
    unsigned number_ = 0;  ///< number of the last exchange, 1 to 255
};

/// Returns the voltage that an instrument's answer is: "0.8501", "+8.5E-01V". Throws Error naming
/// the instrument for anything else.
double voltsInAnswer(const std::string& name, const std::string& answer);

}  // namespace brownout
