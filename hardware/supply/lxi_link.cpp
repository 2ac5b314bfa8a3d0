#include "hardware/supply/lxi_link.h"

#include <fcntl.h>
#include <lxi.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/child_process.h"
#include "hardware/connection/message_channel.h"

// liblxi (1.18) keeps no deadline and survives no damage: a call waits 25 seconds for an instrument
// that is silent, whatever limit it was given; only whole seconds of the limit of a connection
// count; an answer that is longer than the buffer is written behind it. So each connection is held
// by a process of its own, which may crash, and which is killed when its time is over.
//
// Messages to that process are commands. Its own are "D" (connected, or done), "A..." (the answer
// to a question) and "X..." (why there is none). It ends when the other end of the channel does:
// with the link, or with this program, however that ends.

namespace brownout {
namespace {

using std::chrono::milliseconds;

/// Time for the process to take leave of the instrument; one that is killed is as good.
constexpr milliseconds kLeave(100);
constexpr milliseconds kIdle(600'000);

/// The process that holds the connection: one thread, no descriptors but the channel's.
class Holder {
 public:
    Holder(int socket, milliseconds answer) : channel_(socket), answer_(answer) {}

    [[noreturn]] void run(const LxiAddress& address, milliseconds connect) {
        lxi_init();
        const int device = limited(connect, [&] {
            return lxi_connect(address.host.c_str(), 0, address.device.c_str(),
                               wholeSeconds(connect) * 1000, VXI11);
        });
        if (device < 0) {
            channel_.send("Xno VXI-11 connection to " + address.device);
            ::_exit(1);
        }
        channel_.send("D");
        for (;;) {
            const auto command = channel_.receive(Deadline::in(kIdle));
            if (!command) continue;
            // A program that has gone must not set anything once its guardian has put nominal back.
            if (command->empty() || channel_.hungUp()) break;
            channel_.send(carryOut(device, *command));
        }
        limited(kLeave, [&] { return lxi_disconnect(device); });
        ::_exit(0);
    }

 private:
    static int wholeSeconds(milliseconds time) {
        return static_cast<int>(std::chrono::ceil<std::chrono::seconds>(time).count());
    }

    /// Returns what `call` returns. Ends the process if that takes much longer than `limit`: the
    /// program that should have killed it before may be gone.
    template <typename Call>
    int limited(milliseconds limit, const Call& call) {
        ::alarm(static_cast<unsigned>(wholeSeconds(limit)) + 1);
        const int result = call();
        ::alarm(0);
        return result;
    }

    std::string carryOut(int device, const std::string& command) {
        const std::string message = command + "\n";
        const int size = static_cast<int>(message.size());
        const int limit = static_cast<int>(answer_.count());
        if (limited(answer_, [&] { return lxi_send(device, message.data(), size, limit); }) !=
            size) {
            return "Xdidn't take " + command;
        }
        if (!isScpiQuestion(command)) return "D";
        const int got = limited(answer_, [&] {
            return lxi_receive(device, buffer_.data(), static_cast<int>(buffer_.size()), limit);
        });
        if (got < 0) return "Xdidn't answer " + command;
        if (static_cast<std::size_t>(got) > kLongestScpiAnswer) {
            return "Xanswered more than " + std::to_string(kLongestScpiAnswer) + " bytes";
        }
        return "A" + std::string(buffer_.data(), static_cast<std::size_t>(got));
    }

    MessageChannel channel_;
    milliseconds answer_;
    std::array<char, 1 << 16> buffer_{};
};

/// Becomes the process that holds a connection. Until it has closed what it was forked with, ends
/// of other channels among it, their other ends can't see this program's end.
[[noreturn]] void hold(int socket, const LxiAddress& address, milliseconds connect,
                       milliseconds answer) {
    constexpr int kSocket = 3;
    if (socket != kSocket) ::dup2(socket, kSocket);
    ::close_range(kSocket + 1, ~0U, 0);
    const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int stream = 0; stream < kSocket; ++stream) ::dup2(null, stream);
    for (const int number : {SIGALRM, SIGSEGV, SIGBUS, SIGABRT}) ::signal(number, SIG_DFL);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    const rlimit noCore{0, 0};
    ::setrlimit(RLIMIT_CORE, &noCore);
    Holder(kSocket, answer).run(address, connect);
}

class LxiLink final : public ScpiLink {
 public:
    LxiLink(const LxiAddress& address, std::string name, milliseconds answer, Deadline deadline)
        : name_(std::move(name)) {
        const MessageChannel::Ends ends = MessageChannel::make(name_);
        const milliseconds connect = deadline.left();
        const pid_t child = ::fork();
        if (child == 0) hold(ends.child, address, connect, answer);
        ::close(ends.child);
        channel_ = std::make_unique<MessageChannel>(ends.program);
        if (child < 0) throw ioError(name_, "can't be given a process of its own", errno);
        child_ = std::make_unique<ChildProcess>(child);
        receive('D', deadline);
    }
    ~LxiLink() override {
        channel_.reset();
        try {
            if (child_) child_->wait(kLeave);
        } catch (const Error&) {  // it is killed, then
        }
    }

    std::vector<std::string> exchange(const std::vector<std::string>& commands,
                                      Deadline deadline) override {
        std::vector<std::string> answers;
        for (const std::string& command : commands) channel_->send(command);
        for (const std::string& command : commands) {
            if (isScpiQuestion(command)) {
                answers.push_back(withoutLineEnd(receive('A', deadline)));
                if (answers.back().find('\n') != std::string::npos) {
                    throw LinkTrouble(name_, "sent what it wasn't asked for");
                }
            } else {
                receive('D', deadline);
            }
        }
        return answers;
    }

 private:
    /// Returns what a message of the kind that is expected says.
    std::string receive(char kind, Deadline deadline) {
        const auto message = channel_->receive(deadline);
        if (message && !message->empty() && message->front() == kind) return message->substr(1);
        child_.reset();
        if (!message) throw LinkTrouble(name_, "didn't answer in time");
        throw LinkTrouble(name_, message->size() > 1 ? message->substr(1) : "connection lost");
    }

    std::string name_;
    std::unique_ptr<MessageChannel> channel_;
    std::unique_ptr<ChildProcess> child_;
};

}  // namespace

void requireLxi(const std::string& /*option*/) {}

OpenScpiLink scpiOverLxi(LxiAddress address, std::string name, milliseconds answer) {
    return [address = std::move(address), name = std::move(name), answer](Deadline deadline) {
        return std::make_unique<LxiLink>(address, name, answer, deadline);
    };
}

}  // namespace brownout
