#include "tests/brownout/program.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

#include "base/atomic_file.h"

namespace brownout::test {
namespace {

/// In the child: becomes the program that `words` begin with. Never returns.
[[noreturn]] void become(const std::vector<std::string>& words, const std::string& folder,
                         const std::vector<std::string>& environment, const std::string& out,
                         const std::string& err) {
    std::vector<char*> argv;
    std::vector<std::string> copy = words;
    for (std::string& argument : copy) argv.push_back(argument.data());
    argv.push_back(nullptr);
    for (std::string variable : environment) {
        const auto equals = variable.find('=');
        ::setenv(variable.substr(0, equals).c_str(), variable.substr(equals + 1).c_str(), 1);
    }
    const int in = ::open("/dev/null", O_RDONLY);
    const int outFile = ::open(out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    const int errFile = ::open(err.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ::dup2(in, 0);
    ::dup2(outFile, 1);
    ::dup2(errFile, 2);
    if (::chdir(folder.c_str()) == 0) ::execvp(argv[0], argv.data());
    ::_exit(127);
}

RunResult runWords(const std::vector<std::string>& words, const std::filesystem::path& folder,
                   const std::vector<std::string>& environment) {
    const TemporaryFolder output;
    const std::string out = output / "out";
    const std::string err = output / "err";
    const pid_t child = ::fork();
    if (child == 0) become(words, folder.string(), environment, out, err);
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    RunResult result;
    result.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    result.out = readFile(out);
    result.err = readFile(err);
    return result;
}

std::vector<std::string> wordsOf(const std::vector<std::string>& arguments) {
    std::vector<std::string> words{BROWNOUT_PROGRAM};
    words.insert(words.end(), arguments.begin(), arguments.end());
    return words;
}

}  // namespace

RunResult run(const std::vector<std::string>& arguments, const std::filesystem::path& folder,
              const std::vector<std::string>& environment) {
    return runWords(wordsOf(arguments), folder, environment);
}

RunResult shell(const std::string& script, const std::filesystem::path& folder) {
    return runWords({"bash", "-c", script}, folder,
                    {"BROWNOUT=" BROWNOUT_PROGRAM, "FOLDER=" + folder.string()});
}

pid_t start(const std::vector<std::string>& arguments, const std::string& err) {
    const pid_t child = ::fork();
    if (child == 0) become(wordsOf(arguments), ".", {}, "/dev/null", err);
    return child;
}

std::optional<std::string> asOrdinaryUser() {
    if (::geteuid() != 0) return "$BROWNOUT";
    const std::string words = "setpriv --reuid 65534 --clear-groups $BROWNOUT";
    const RunResult result = shell(words + " inspect " + zoo("rquant"));
    return result.status == 0 ? std::optional(words) : std::nullopt;
}

std::string TemporaryFolder::expand(std::string text) const {
    for (const auto& [from, to] :
         {std::pair('$', path().string()), std::pair('%', std::string(BROWNOUT_SOURCE_DIR))}) {
        const auto at = text.find(from);
        if (at != std::string::npos) text.replace(at, 1, to);
    }
    return text;
}

std::vector<std::string> TemporaryFolder::expand(std::vector<std::string> texts) const {
    for (std::string& text : texts) text = expand(text);
    return texts;
}

std::string source(const std::string& path) {
    return std::string(BROWNOUT_SOURCE_DIR) + "/" + path;
}

std::string zoo(const std::string& name) {
    return source("inference/zoo/fashion-" + name + ".onnx");
}

}  // namespace brownout::test
