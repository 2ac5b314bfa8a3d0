#pragma once

#include <string>

namespace brownout {

/// Makes every signal by which a user ends the program do the same, whatever the command: temporary
/// files are removed, one line on stderr says what was lost (none if the reader of the output has
/// gone), and the program dies by that signal, as shells expect. Signals that are ignored (nohup)
/// stay so. A file that grows beyond the limit on file sizes is no interrupt but an error of
/// writing. For main(), once.
void handleInterrupts();

/// Sets what the line of an interrupt says after "brownout: interrupted; " from now on.
void sayIfInterrupted(const std::string& text);

}  // namespace brownout
