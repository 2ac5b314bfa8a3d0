#include <algorithm>
#include <thread>

#include "base/error.h"
#include "base/fields.h"
#include "hardware/guard/guardian.h"

namespace brownout {
namespace {

constexpr std::chrono::milliseconds kFirstAnswer(300);
constexpr std::chrono::milliseconds kPause(50);
/// Time without success after which people are told, while it is tried on.
constexpr std::chrono::milliseconds kPatience(2000);
constexpr std::chrono::milliseconds kIdle(600'000);

}  // namespace

GuardDuty::GuardDuty(MessageChannel& channel, GuardSettings settings,
                     std::function<void()> endProgram,
                     std::function<void(const std::string&)> shout)
    : channel_(channel),
      settings_(std::move(settings)),
      endProgram_(std::move(endProgram)),
      shout_(std::move(shout)),
      log_(settings_.log) {}

bool GuardDuty::run() {
    if (!rehearse()) return false;
    channel_.send("R");
    Deadline watchdog = Deadline::in(settings_.watchdog);
    for (;;) {
        const auto message = channel_.receive(away_ ? watchdog : Deadline::in(kIdle));
        if (message && message->empty()) {
            log_.add("the program has gone without a word");
            return restore(false);
        }
        if (message) {
            if (!handle(*message)) break;
            watchdog = Deadline::in(settings_.watchdog);
        } else if (away_) {
            expire();
        }
    }
    return problem_.empty();
}

bool GuardDuty::rehearse() {
    const SupplyPlan& plan = settings_.plan;
    log_.add("guardian of " + settings_.supply.url + ": nominal " + inVolts(plan.nominalV) +
             ", limits " + inVolts(plan.lowestV) + " to " + inVolts(plan.highestV));
    try {
        ControlledSupply supply(openSupply(settings_.supply), plan);
        log_.add("supply is " + supply.instrument().identity());
        log_.add("rehearsal: nominal measured as " + inVolts(supply.check()));
        return true;
    } catch (const Error& error) {
        log_.add(std::string("rehearsal failed: ") + error.what());
        channel_.send(std::string("Xthe supply can't be brought to nominal: ") + error.what());
        return false;
    }
}

bool GuardDuty::handle(const std::string& message) {
    const std::string text = message.substr(1);
    switch (message[0]) {
        case 'M':
            away_ = true;
            log_.add("moving to " + text + " V");
            return true;
        case 'A': {
            const auto blank = text.find(' ');
            log_.add("asked for " + text.substr(0, blank) + " V, measured " +
                     text.substr(std::min(blank, text.size() - 1) + 1) + " V");
            away_ = parseReal(text.substr(0, blank)) != settings_.plan.nominalV;
            return true;
        }
        case 'B':
            return true;
        case 'Q':
            log_.add("the program is done");
            channel_.send(restore(false) ? "D" + measured_ : "X" + problem_);
            return false;
        default:
            log_.add(text);
            return true;
    }
}

void GuardDuty::expire() {
    log_.add("watchdog: no word from the program for " +
             std::to_string(settings_.watchdog.count()) + " ms away from nominal");
    if (restore(true)) {
        channel_.send("Tthe watchdog expired and the supply was put back to nominal");
    } else {
        channel_.send("X" + problem_);
    }
}

bool GuardDuty::restore(bool programLives) {
    problem_.clear();
    const Deadline end = Deadline::in(settings_.persistence);
    const Deadline patience = Deadline::in(kPatience);
    bool told = false;
    SupplyAddress address = settings_.supply;
    address.times.answer = address.times.connect = kFirstAnswer;
    address.times.connections = 2;
    for (int attempt = 1;; ++attempt) {
        try {
            ControlledSupply supply(openSupply(address), settings_.plan);
            supply.check();
            // A command that the program sent with its last breath may still have been under way.
            std::this_thread::sleep_for(kPause);
            measured_ = inVolts(supply.check());
            log_.add("nominal put back, measured " + measured_);
            away_ = false;
            problem_.clear();
            return true;
        } catch (const Error& error) {
            problem_ = error.what();
        }
        log_.add("nominal can't be put back: " + problem_);
        if (attempt == 1 && programLives) {
            // An instrument with one connection is free once its holder is gone.
            log_.add("the program is ended, in case it holds the only connection");
            endProgram_();
        }
        if (!told && patience.passed()) {
            shout_("THE SUPPLY " + settings_.supply.url + " IS NOT AT NOMINAL (" +
                   inVolts(settings_.plan.nominalV) + "): " + problem_ +
                   ". Trying on; switch it off by hand");
            told = true;
        }
        if (end.passed()) break;
        std::this_thread::sleep_for(kPause);
        address.times.answer = std::min(2 * address.times.answer, settings_.supply.times.answer);
        address.times.connect = std::min(2 * address.times.connect, settings_.supply.times.connect);
    }
    const std::string line =
        "GAVE UP: the supply " + settings_.supply.url + " is not at nominal: " + problem_;
    log_.add(line);
    shout_(line);
    return false;
}

}  // namespace brownout
