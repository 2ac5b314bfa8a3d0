#pragma once

#include <iosfwd>
#include <memory>

namespace brownout {

/// A guard during whose life std::cout and std::cerr show text as `printable` does: what stands in
/// a file, or is its name, can't act on the terminal. For main(), once.
class CleanOutput {
 public:
    CleanOutput();
    ~CleanOutput();
    CleanOutput(const CleanOutput&) = delete;
    CleanOutput& operator=(const CleanOutput&) = delete;

 private:
    class Filter;
    std::unique_ptr<Filter> out_, err_;
};

/// Returns standard output for text with terminal sequences of our own (bold, progress bars), which
/// must hold nothing that was not cleaned by `printable`.
std::ostream& terminalOutput();
/// Returns standard error for such text.
std::ostream& terminalErrors();

}  // namespace brownout
