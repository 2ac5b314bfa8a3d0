#include "hardware/bench/bench_server.h"

#include <poll.h>

#include <algorithm>
#include <array>

#include "base/error.h"
#include "hardware/bench/gdb_stub.h"

namespace brownout {
namespace {

constexpr std::chrono::milliseconds kTick(50);
/// Longest time that a client may leave answers unread.
constexpr std::chrono::milliseconds kPatience(2000);

Deadline now() { return Deadline::in(std::chrono::milliseconds(0)); }

}  // namespace

struct BenchServer::Client {
    std::unique_ptr<TcpStream> stream;
    std::function<std::string(std::string_view)> receive;
};

BenchServer::BenchServer(std::unique_ptr<BenchMemory> memory, const Settings& settings)
    : memory_(std::move(memory)),
      supply_(settings.nominalV, settings.voltsPerSecond),
      front_(supply_, settings.identity, settings.mostVolts, [this] { tellSupply(); }),
      gdb_(settings.gdb),
      scpi_(settings.scpi) {
    tellSupply();
}

BenchServer::~BenchServer() = default;

void BenchServer::tellSupply() { memory_->supplyIs(volts()); }

void BenchServer::serve(Client& client) {
    std::array<char, 1 << 14> bytes{};
    try {
        const std::size_t count = client.stream->read(bytes.data(), bytes.size(), now());
        const std::string answer = client.receive({bytes.data(), count});
        client.stream->write(answer, Deadline::in(kPatience));
    } catch (const Error&) {
        client.stream.reset();  // the client has gone
    }
}

void BenchServer::run(const std::function<bool()>& stop) {
    while (!stop()) {
        std::vector<pollfd> waiting{{gdb_.socket(), POLLIN, 0}, {scpi_.socket(), POLLIN, 0}};
        for (const auto& client : clients_) {
            waiting.push_back({client->stream->socket(), POLLIN, 0});
        }
        if (::poll(waiting.data(), waiting.size(), static_cast<int>(kTick.count())) <= 0) continue;
        for (std::size_t i = 0; i < clients_.size(); ++i) {
            if (waiting[i + 2].revents != 0) serve(*clients_[i]);
        }
        clients_.erase(std::remove_if(clients_.begin(), clients_.end(),
                                      [](const auto& client) { return !client->stream; }),
                       clients_.end());
        if (auto stream = gdb_.accept(now())) {
            auto stub = std::make_shared<GdbStub>(*memory_, [this] { tellSupply(); });
            clients_.push_back(std::make_unique<Client>(
                Client{std::move(stream), [stub](auto bytes) { return stub->receive(bytes); }}));
        }
        if (auto stream = scpi_.accept(now())) {
            auto connection = std::make_shared<ScpiConnection>(front_);
            clients_.push_back(
                std::make_unique<Client>(Client{std::move(stream), [connection](auto bytes) {
                                                    return connection->receive(bytes);
                                                }}));
        }
    }
}

}  // namespace brownout
