#include "hardware/supply/scpi_link.h"

namespace brownout {

bool isScpiQuestion(const std::string& command) { return command.find('?') != std::string::npos; }

std::string withoutLineEnd(std::string answer) {
    while (!answer.empty() && (answer.back() == '\n' || answer.back() == '\r')) answer.pop_back();
    return answer;
}

}  // namespace brownout
