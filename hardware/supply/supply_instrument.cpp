#include "hardware/supply/supply_instrument.h"

#include "base/error.h"
#include "base/input.h"
#include "base/text.h"
#include "hardware/supply/command_instrument.h"
#include "hardware/supply/scpi_instrument.h"

namespace brownout {
namespace {

constexpr std::uint16_t kScpiPort = 5025;
const std::string kScpi = "scpi://";
const std::string kCommand = "command://";

TcpAddress scpiAddress(const std::string& option, const std::string& url) {
    return parseTcpAddress(option, url.substr(kScpi.size()), kScpiPort);
}

}  // namespace

void checkSupplyUrl(const std::string& option, const std::string& url) {
    if (startsWith(url, kScpi)) {
        scpiAddress(option, url);
    } else if (!startsWith(url, kCommand) || url.size() == kCommand.size()) {
        throw UsageError(option,
                         quoted(url) + "; expected scpi://HOST[:PORT] or command://PROGRAM");
    }
}

std::unique_ptr<SupplyInstrument> openSupply(const SupplyAddress& address) {
    checkSupplyUrl("supply", address.url);
    if (startsWith(address.url, kScpi)) {
        return std::make_unique<ScpiInstrument>(scpiAddress("supply", address.url), address.dialect,
                                                address.times);
    }
    return std::make_unique<CommandInstrument>(address.url.substr(kCommand.size()));
}

}  // namespace brownout
