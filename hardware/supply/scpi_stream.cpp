#include "hardware/supply/scpi_stream.h"

#include <algorithm>

#include "hardware/connection/tcp_dialogue.h"

namespace brownout {
namespace {

class ScpiStream final : public ScpiLink {
 public:
    ScpiStream(std::unique_ptr<TcpStream> stream, std::string name)
        : dialogue_(std::move(stream)), name_(std::move(name)) {}

    std::vector<std::string> exchange(const std::vector<std::string>& commands,
                                      Deadline deadline) override {
        if (dialogue_.reader().next(Deadline::in(std::chrono::milliseconds(0)))) {
            throw LinkTrouble(name_, "sent what it wasn't asked for");
        }
        std::string message;
        for (const std::string& command : commands) message += command + "\n";
        dialogue_.write(message, deadline);
        std::vector<std::string> answers(static_cast<std::size_t>(
            std::count_if(commands.begin(), commands.end(), isScpiQuestion)));
        for (std::string& answer : answers) {
            answer = withoutLineEnd(dialogue_.reader().until("\n", kLongestScpiAnswer, deadline));
        }
        return answers;
    }

 private:
    TcpDialogue dialogue_;
    std::string name_;
};

}  // namespace

OpenScpiLink scpiOverTcp(TcpAddress address, std::string name) {
    return [address = std::move(address), name = std::move(name)](Deadline deadline) {
        return std::make_unique<ScpiStream>(TcpStream::connect(address, deadline), name);
    };
}

}  // namespace brownout
