#include "hardware/supply/supply_instrument.h"

#include "base/error.h"
#include "base/input.h"
#include "base/text.h"
#include "hardware/supply/command_instrument.h"
#include "hardware/supply/lxi_link.h"
#include "hardware/supply/scpi_instrument.h"
#include "hardware/supply/scpi_stream.h"

namespace brownout {
namespace {

constexpr std::uint16_t kScpiPort = 5025;
const std::string kScpi = "scpi://";
const std::string kLxi = "vxi11://";
const std::string kCommand = "command://";

TcpAddress scpiAddress(const std::string& option, const std::string& url) {
    return parseTcpAddress(option, url.substr(kScpi.size()), kScpiPort);
}

LxiAddress lxiAddress(const std::string& option, const std::string& url) {
    requireLxi(option);
    const std::string rest = url.substr(kLxi.size());
    const auto slash = rest.find('/');
    LxiAddress address;
    address.host = rest.substr(0, slash);
    if (slash != std::string::npos) address.device = rest.substr(slash + 1);
    if (address.host.empty() || address.host.find_first_of(": ") != std::string::npos ||
        address.device.empty() || address.device.find_first_of("/ ") != std::string::npos) {
        throw UsageError(option, quoted(url) +
                                     "; expected vxi11://HOST or vxi11://HOST/DEVICE, whose port "
                                     "the host's portmapper knows");
    }
    return address;
}

}  // namespace

void checkSupplyUrl(const std::string& option, const std::string& url) {
    if (startsWith(url, kScpi)) {
        scpiAddress(option, url);
    } else if (startsWith(url, kLxi)) {
        lxiAddress(option, url);
    } else if (!startsWith(url, kCommand) || url.size() == kCommand.size()) {
        throw UsageError(option, quoted(url) +
                                     "; expected scpi://HOST[:PORT], vxi11://HOST[/DEVICE] or "
                                     "command://PROGRAM");
    }
}

std::unique_ptr<SupplyInstrument> openSupply(const SupplyAddress& address) {
    checkSupplyUrl("supply", address.url);
    const auto instrument = [&](OpenScpiLink open) {
        return std::make_unique<ScpiInstrument>(address.url, std::move(open), address.dialect,
                                                address.times);
    };
    if (startsWith(address.url, kScpi)) {
        return instrument(scpiOverTcp(scpiAddress("supply", address.url), address.url));
    }
    if (startsWith(address.url, kLxi)) {
        return instrument(
            scpiOverLxi(lxiAddress("supply", address.url), address.url, address.times.answer));
    }
    return std::make_unique<CommandInstrument>(address.url.substr(kCommand.size()));
}

}  // namespace brownout
