#pragma once

#include <poll.h>

#include <array>
#include <atomic>
#include <chrono>
#include <random>
#include <string>
#include <thread>

#include "base/error.h"
#include "hardware/connection/tcp_stream.h"

namespace brownout::test {

/// A relay between a client and a server that damages some of the server's answers.
class DamagingLink {
 public:
    enum class Damage {
        kNone,
        kCut,
        kGarble,
        kTruncate,
        kDuplicate,
        kLate,
        kDrop,
        kStray,
        kRepeatOld
    };

    /// Relays to `server`. With a chance of `share` for each piece that the server sends, damages
    /// it in one of the ways of Damage, drawn with `seed`: half of the time by changing a byte, but
    /// never so without `garbles`, for protocols without checksums.
    DamagingLink(TcpAddress server, unsigned seed, double share, bool garbles = true)
        : server_(std::move(server)),
          random_(seed),
          share_(share),
          garbles_(garbles),
          thread_([this] { relay(); }) {}
    ~DamagingLink() {
        stop_ = true;
        thread_.join();
    }

    TcpAddress address() const { return listener_.address(); }
    int damages() const { return damages_; }
    /// Goes on without damage, or with it again.
    void setShare(double share) { share_ = share; }

 private:
    static Deadline now() { return Deadline::in(std::chrono::milliseconds(0)); }

    void relay() {
        while (!stop_) {
            auto near = listener_.accept(Deadline::in(std::chrono::milliseconds(20)));
            if (!near) continue;
            try {
                auto far = TcpStream::connect(server_, Deadline::in(std::chrono::seconds(2)));
                old_.clear();
                while (!stop_ && pass(*near, *far)) {
                }
            } catch (const Error&) {
            }
        }
    }

    /// Passes on what has arrived; returns false to cut the connection.
    bool pass(TcpStream& near, TcpStream& far) {
        pollfd waiting[] = {{near.socket(), POLLIN, 0}, {far.socket(), POLLIN, 0}};
        if (::poll(waiting, 2, 20) <= 0) return true;
        std::array<char, 1 << 14> bytes{};
        if (waiting[0].revents != 0) {
            const std::size_t count = near.read(bytes.data(), bytes.size(), now());
            far.write({bytes.data(), count}, Deadline::in(std::chrono::seconds(2)));
        }
        if (waiting[1].revents != 0) {
            const std::size_t count = far.read(bytes.data(), bytes.size(), now());
            return answer(near, {bytes.data(), count});
        }
        return true;
    }

    /// Changes a byte: a hexadecimal digit to another one, which only a checksum shows.
    void garble(char& byte) {
        const std::string digits = "0123456789abcdef";
        const auto digit = digits.find(byte);
        if (digit == std::string::npos) {
            byte ^= static_cast<char>(1 + random_() % 127);
        } else {
            byte = digits[(digit + 1 + random_() % 15) % 16];
        }
    }

    bool answer(TcpStream& near, std::string piece) {
        const auto send = [&](const std::string& what) {
            near.write(what, Deadline::in(std::chrono::seconds(2)));
        };
        const bool hit = std::uniform_real_distribution<>(0, 1)(random_) < share_;
        auto damage = hit ? static_cast<Damage>(1 + random_() % 8) : Damage::kNone;
        if (damage == Damage::kGarble && !garbles_) damage = Damage::kCut;
        if (hit && garbles_ && random_() % 2 == 0) damage = Damage::kGarble;
        damages_ += hit ? 1 : 0;
        const std::string before = old_;
        old_ = piece;
        switch (damage) {
            case Damage::kNone:
                send(piece);
                break;
            case Damage::kCut:
                return false;
            case Damage::kGarble:
                garble(piece[random_() % piece.size()]);
                send(piece);
                break;
            case Damage::kTruncate:
                send(piece.substr(0, random_() % piece.size()));
                break;
            case Damage::kDuplicate:
                send(piece + piece);
                break;
            case Damage::kLate:
                std::this_thread::sleep_for(std::chrono::milliseconds(35));
                send(piece);
                break;
            case Damage::kDrop:
                break;
            case Damage::kStray:
                send(garbles_ ? "$OK#9a" : "0.8\n");
                send(piece);
                break;
            case Damage::kRepeatOld:
                send(before);
                send(piece);
                break;
        }
        return true;
    }

    TcpListener listener_{{"127.0.0.1", 0}};
    TcpAddress server_;
    std::mt19937 random_;
    std::atomic<double> share_;
    bool garbles_;
    std::string old_;
    std::atomic<int> damages_{0};
    std::atomic<bool> stop_{false};
    std::thread thread_;
};

}  // namespace brownout::test
