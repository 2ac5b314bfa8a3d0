#include "hardware/debugger/etherbone_packet.h"

namespace brownout {
namespace {

/// Magic number, version 1, addresses and data of 32 bits.
constexpr unsigned char kPacketHead[] = {0x4e, 0x6f, 0x10, 0x44, 0, 0, 0, 0};
constexpr char kAllBytes = 0x0f;

void add(std::string& packet, std::uint32_t word) {
    for (int shift = 24; shift >= 0; shift -= 8) packet += static_cast<char>(word >> shift);
}

std::uint32_t wordAt(const std::string& bytes, std::size_t at) {
    std::uint32_t word = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        word = word << 8 | static_cast<unsigned char>(bytes[at + i]);
    }
    return word;
}

std::string headOf(std::size_t writes, std::size_t reads) {
    std::string packet(reinterpret_cast<const char*>(kPacketHead), sizeof kPacketHead);
    packet += '\0';
    packet += kAllBytes;
    packet += static_cast<char>(writes);
    packet += static_cast<char>(reads);
    return packet;
}

}  // namespace

std::string etherboneWrite(std::uint32_t address, Span<const std::uint32_t> words) {
    std::string packet = headOf(words.size(), 0);
    add(packet, address);
    for (const std::uint32_t word : words) add(packet, word);
    return packet;
}

std::string etherboneRead(std::uint32_t address, std::size_t count, std::uint32_t answerAddress) {
    std::string packet = headOf(0, count);
    add(packet, answerAddress);
    for (std::size_t i = 0; i < count; ++i) {
        add(packet, address + static_cast<std::uint32_t>(4 * i));
    }
    return packet;
}

std::optional<std::size_t> etherboneAnswerBytes(const std::string& head) {
    const auto writes = static_cast<unsigned char>(head[kEtherboneHead - 2]);
    const auto reads = static_cast<unsigned char>(head[kEtherboneHead - 1]);
    const bool ours = head.compare(0, 2, "No") == 0 &&
                      (static_cast<unsigned char>(head[2]) & 0xf0) == 0x10 && head[3] == 0x44;
    if (!ours || writes == 0 || reads != 0) return std::nullopt;
    return 4 * (std::size_t{writes} + 1);
}

EtherboneAnswer etherboneAnswer(const std::string& rest) {
    EtherboneAnswer answer;
    answer.address = wordAt(rest, 0);
    for (std::size_t at = 4; at + 4 <= rest.size(); at += 4) {
        answer.words.push_back(wordAt(rest, at));
    }
    return answer;
}

}  // namespace brownout
