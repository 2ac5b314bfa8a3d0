#include "hardware/guard/guardian.h"

#include "base/numbers.h"
#include "hardware/guard/supply_away.h"

namespace brownout {
namespace {

constexpr std::chrono::milliseconds kReady(60'000);

}  // namespace

Guardian::Guardian(std::unique_ptr<MessageChannel> channel) : channel_(std::move(channel)) {
    const auto answer = channel_->receive(Deadline::in(kReady));
    if (answer == "R") return;
    if (answer && answer->size() > 1) throw SupplyAwayError("guardian", answer->substr(1));
    throw Error("guardian", "doesn't begin its work");
}

void Guardian::say(const std::string& message) {
    const auto news = channel_->receive(Deadline::in(std::chrono::milliseconds(0)));
    if (news && !news->empty()) {
        throw Error("guardian", news->substr(1) + "; the supply may not be moved any more");
    }
    if (news || !channel_->send(message)) {
        throw Error("guardian", "has gone; the supply may not be moved any more");
    }
}

void Guardian::moving(double toV) { say("M" + shortestNumber(toV)); }

void Guardian::reached(double askedV, double measuredV) {
    say("A" + shortestNumber(askedV) + " " + shortestNumber(measuredV));
}

void Guardian::working() { say("B"); }

void Guardian::note(const std::string& line) { channel_->send("N" + line); }

void Guardian::finish() {
    if (finished_) return;
    finished_ = true;
    channel_->send("Q");
    for (;;) {
        const auto answer = channel_->receive(Deadline::in(10 * kReady));
        if (!answer || answer->empty()) {
            throw SupplyAwayError("guardian", "has gone without saying where the supply is");
        }
        if (answer->front() == 'D') return;
        if (answer->front() == 'X') throw SupplyAwayError("guardian", answer->substr(1));
    }
}

}  // namespace brownout
