#include "hardware/debugger/open_target.h"

#include "base/error.h"
#include "base/input.h"
#include "base/text.h"
#include "hardware/debugger/etherbone_target.h"
#include "hardware/debugger/gdb_target.h"
#include "hardware/debugger/openocd_target.h"

namespace brownout {
namespace {

const std::string kGdb = "gdb://";
const std::string kOpenOcd = "openocd://";
constexpr std::uint16_t kOpenOcdPort = 6666;
const std::string kEtherbone = "etherbone://";
constexpr std::uint16_t kEtherbonePort = 1234;
const std::string kNoAck = "?ack=no";

std::unique_ptr<TargetMemory> openGdb(const std::string& option, const std::string& url) {
    std::string address = url.substr(kGdb.size());
    GdbSettings settings;
    const auto query = address.find('?');
    if (query != std::string::npos) {
        if (address.compare(query, std::string::npos, kNoAck) != 0) {
            throw UsageError(
                option, quoted(url) + "; expected gdb://HOST:PORT or gdb://HOST:PORT" + kNoAck);
        }
        settings.acknowledge = false;
        address.resize(query);
    }
    return std::make_unique<GdbTarget>(parseTcpAddress(option, address), settings);
}

}  // namespace

bool isTargetUrl(const std::string& name) {
    return startsWith(name, kGdb) || startsWith(name, kOpenOcd) || startsWith(name, kEtherbone);
}

std::unique_ptr<TargetMemory> openTarget(const std::string& option, const std::string& url) {
    if (startsWith(url, kOpenOcd)) {
        return std::make_unique<OpenOcdTarget>(
            parseTcpAddress(option, url.substr(kOpenOcd.size()), kOpenOcdPort));
    }
    if (startsWith(url, kEtherbone)) {
        return std::make_unique<EtherboneTarget>(
            parseTcpAddress(option, url.substr(kEtherbone.size()), kEtherbonePort));
    }
    if (!startsWith(url, kGdb)) {
        throw UsageError(option, quoted(url) +
                                     "; expected gdb://HOST:PORT, openocd://HOST[:6666] or "
                                     "etherbone://HOST[:1234]");
    }
    return openGdb(option, url);
}

}  // namespace brownout
