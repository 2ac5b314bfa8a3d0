#pragma once

#include <string>

namespace brownout {

/// The style sheet of the pages that we write, as a <style> element: light, dark and print.
std::string pageStyle();

}  // namespace brownout
