#include "tools/report/gnuplot.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <memory>
#include <system_error>
#include <vector>

#include "base/error.h"
#include "base/numbers.h"

namespace brownout {
namespace {

/// A file without a name, gone when closed. Files rather than pipes: neither side ever waits.
class ScratchFile {
 public:
    ScratchFile() : file_(std::tmpfile(), &std::fclose) {
        if (!file_) throw ioError("temporary file for gnuplot", "cannot be made", errno);
    }
    int descriptor() const { return ::fileno(file_.get()); }

    void fill(const std::string& content) const {
        if (std::fwrite(content.data(), 1, content.size(), file_.get()) != content.size() ||
            std::fflush(file_.get()) != 0) {
            throw ioError("temporary file for gnuplot", "cannot be written", errno);
        }
        std::rewind(file_.get());
    }
    std::string content() const {
        std::rewind(file_.get());
        std::string all;
        std::array<char, 1 << 14> buffer{};
        for (std::size_t got = 0;
             (got = std::fread(buffer.data(), 1, buffer.size(), file_.get())) > 0;) {
            all.append(buffer.data(), got);
        }
        return all;
    }

 private:
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
};

/// Starts the program with the three files as its standard streams and waits for its end.
int runWith(const std::string& program, const ScratchFile& in, const ScratchFile& out,
            const ScratchFile& errors) {
    posix_spawn_file_actions_t streams;
    posix_spawn_file_actions_init(&streams);
    posix_spawn_file_actions_adddup2(&streams, in.descriptor(), STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&streams, out.descriptor(), STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&streams, errors.descriptor(), STDERR_FILENO);
    std::vector<std::string> words = {program, "--default-settings", "-"};
    std::vector<char*> arguments;
    for (auto& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    pid_t child = 0;
    const int problem =
        ::posix_spawnp(&child, program.c_str(), &streams, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&streams);
    if (problem != 0) {
        throw Error(program, "cannot be started (" + std::generic_category().message(problem) +
                                 "); the report's plots need gnuplot");
    }
    int status = 0;
    while (::waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) throw ioError(program, "cannot be waited for", errno);
    }
    return status;
}

}  // namespace

std::string runGnuplot(const std::string& script, const std::string& program) {
    const ScratchFile in;
    const ScratchFile out;
    const ScratchFile errors;
    in.fill(script);
    const int status = runWith(program, in, out, errors);
    auto picture = out.content();
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0 || picture.empty()) {
        const auto said = errors.content();
        throw Error(program, "failed" + (said.empty() ? std::string(" without a word")
                                                      : " and said: " + said.substr(0, 300)));
    }
    return picture;
}

std::string gnuplotText(const std::string& text) {
    std::string quoted = "'";
    for (const char c : text) {
        if (c == '\'') quoted += '\'';
        quoted += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
    }
    return quoted + "'";
}

std::string gnuplotDatum(const std::string& text) {
    std::string field = "\"";
    for (const char c : text) {
        const bool special =
            c == '"' || c == '`' || c == '\\' || static_cast<unsigned char>(c) < ' ';
        field += special ? '\'' : c;
    }
    return field + "\"";
}

std::string linearXTics(double low, double high) {
    const double least = (high - low) / 7;
    if (!(least > 0)) return "";
    const double power = std::pow(10.0, std::floor(std::log10(least)));
    double step = 10 * power;
    for (const double digit : {5, 2, 1}) {
        if (digit * power >= least) step = digit * power;
    }
    return "set xtics " + shortestNumber(step) + "\n";
}

}  // namespace brownout
