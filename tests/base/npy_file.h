#pragma once

#include <string>

namespace brownout::test {

/// Returns a .npy file of version 1.
inline std::string npyFile(const std::string& type, const std::string& shape,
                           const std::string& data, bool fortran = false) {
    const std::string header = "{'descr': '" + type +
                               "', 'fortran_order': " + (fortran ? "True" : "False") +
                               ", 'shape': " + shape + ", }\n";
    std::string file("\x93NUMPY\x01\x00", 8);
    file += static_cast<char>(header.size() & 0xFF);
    file += static_cast<char>(header.size() >> 8);
    return file + header + data;
}

}  // namespace brownout::test
