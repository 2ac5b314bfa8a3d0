#include "sim/fpga/fpga_server.h"

#include <array>
#include <string>

namespace brownout {
namespace {

using std::chrono::milliseconds;

/// Clock cycles after which the stream is looked at again.
constexpr int kSlice = 4096;
/// Cycles in which a byte may be on its way inside before the design says that it is busy.
constexpr int kSilence = 8;

}  // namespace

void serve(FpgaModel& fpga, ByteStream& stream, const std::function<bool()>& stop) {
    std::array<char, 1 << 14> arrived{};
    std::string in;
    std::string out;
    std::size_t at = 0;  // next byte of `in`
    int idle = 0;        // cycles without anything to do
    while (!stop()) {
        const bool waiting = at == in.size() && idle >= kSilence;
        const std::size_t count = stream.read(arrived.data(), arrived.size(),
                                              Deadline::in(milliseconds(waiting ? 100 : 0)));
        in.erase(0, at);
        at = 0;
        in.append(arrived.data(), count);
        if (count > 0) idle = 0;
        for (int cycle = 0; cycle < kSlice && idle < kSilence; ++cycle) {
            std::optional<std::uint8_t> offered;
            if (at < in.size()) offered = static_cast<std::uint8_t>(in[at]);
            const FpgaModel::Cycle done = fpga.clock(offered);
            if (done.taken) ++at;
            if (done.out) out += static_cast<char>(*done.out);
            idle = offered || done.busy || done.out ? 0 : idle + 1;
        }
        if (out.empty()) continue;
        stream.write(out, Deadline::in(milliseconds(10'000)));
        out.clear();
    }
}

}  // namespace brownout
