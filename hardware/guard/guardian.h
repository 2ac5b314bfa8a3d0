#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "hardware/guard/bench_log.h"
#include "hardware/connection/message_channel.h"
#include "hardware/supply/controlled_supply.h"

namespace brownout {

// A guardian is a second process that puts nominal back on a supply when the program that moved it
// can't any more: because it ended, was killed, lost its connection, or doesn't say in time that it
// is still at work. The program tells the guardian where the supply goes; the end of the program is
// the end of the channel between them, which no signal can prevent.
//
// Messages of the program: "M0.6" the supply is about to move; "A0.6 0.6004" it was asked for 0.6 V
// and measured; "B" it is at work; "N..." a line for the log; "Q" the program is done and holds no
// connection to the supply. Messages of the guardian: "R" it is ready; "T..." it has put nominal
// back because the watchdog expired; "D..." nominal was measured after "Q"; "X..." it could not put
// nominal back.

struct GuardSettings {
    SupplyAddress supply;
    SupplyPlan plan;
    std::string log;  ///< path of the log; empty: none
    /// Longest time between two messages while the supply is away from nominal.
    std::chrono::milliseconds watchdog{60'000};
    std::chrono::milliseconds persistence{
        60'000};  ///< time for which it is tried to put nominal back
};

/// The guardian's part, for a process of its own.
class GuardDuty {
 public:
    /// Serves `channel`. `endProgram` ends the program by force, if the supply takes no second
    /// connection while the program hangs with the first; `shout` tells people.
    GuardDuty(MessageChannel& channel, GuardSettings settings, std::function<void()> endProgram,
              std::function<void(const std::string&)> shout);

    /// Brings the supply to nominal once, to see that it can, then guards until the program is done
    /// or gone. Returns whether nominal was measured in the end.
    bool run();

 private:
    bool rehearse();
    /// Handles a message of the program; returns false when it is done.
    bool handle(const std::string& message);
    void expire();
    /// Puts nominal back over a connection of its own, whatever it takes.
    bool restore(bool programLives);

    MessageChannel& channel_;
    GuardSettings settings_;
    std::function<void()> endProgram_;
    std::function<void(const std::string&)> shout_;
    BenchLog log_;
    bool away_ = false;
    std::string problem_;   ///< why nominal could not be put back
    std::string measured_;  ///< voltage that was measured when nominal was back
};

/// The program's part: follows a ControlledSupply and tells the guardian.
class Guardian final : public SupplyWatch {
 public:
    /// Speaks through a channel to a guardian that was just started, and waits until it is ready.
    /// Throws Error with the guardian's reason if it is not.
    explicit Guardian(std::unique_ptr<MessageChannel> channel);

    void moving(double toV) override;
    void reached(double askedV, double measuredV) override;
    void working() override;
    void note(const std::string& line);

    /// Tells the guardian that the program is done; the supply must have been closed. Throws
    /// SupplyAwayError if nominal isn't measured then.
    void finish();

 private:
    void say(const std::string& message);

    std::unique_ptr<MessageChannel> channel_;
    bool finished_ = false;
};

}  // namespace brownout
