#include "sim/user_buffer.h"

#include <dlfcn.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "base/atomic_file.h"
#include "base/child_process.h"
#include "base/error.h"
#include "base/temporary_files.h"
#include "sim/port_contract.h"

namespace brownout {
namespace {

namespace fs = std::filesystem;

constexpr char kPrefix[] = "Vuser_buffer";

/// Keeps the shared library loaded as long as its model lives. Its file may be gone by then.
class LoadedModel final : public RtlModel {
 public:
    LoadedModel(void* library, RtlModel* model) : library_(library), model_(model) {}
    ~LoadedModel() override {
        model_.reset();
        ::dlclose(library_);
    }
    void settle(const RtlInputs& in, RtlOutputs& out) override { model_->settle(in, out); }
    void rise() override { model_->rise(); }
    bool hasBist() const override { return model_->hasBist(); }
    void record(const char* file, std::uint64_t cycles, std::uint64_t periodPs) override {
        model_->record(file, cycles, periodPs);
    }

 private:
    void* library_;
    std::unique_ptr<RtlModel> model_;
};

/// rtl_adapter.cpp: installed beside the program's other data, or in the source tree.
fs::path adapterFolder() {
    std::error_code ignored;
    const fs::path program = fs::read_symlink("/proc/self/exe", ignored);
    for (const fs::path& folder : {program.parent_path().parent_path() / "share/brownout/adapter",
                                   fs::path(BROWNOUT_SOURCE_DIR)}) {
        if (fs::exists(folder / "sim/rtl_adapter.cpp", ignored)) return folder;
    }
    throw Error("sim/rtl_adapter.cpp", "is neither installed with the program nor in its sources");
}

std::vector<std::string> sourcesIn(const fs::path& folder) {
    std::error_code error;
    std::vector<std::string> packages;
    std::vector<std::string> modules;
    for (const auto& entry : fs::directory_iterator(folder, error)) {
        const fs::path& path = entry.path();
        if (path.extension() != ".sv" && path.extension() != ".v") continue;
        const std::string stem = path.stem().string();
        const bool package = stem.size() > 4 && stem.compare(stem.size() - 4, 4, "_pkg") == 0;
        (package ? packages : modules).push_back(fs::absolute(path).string());
    }
    if (error) throw ioError(folder.string(), "cannot be read", error.value());
    if (packages.empty() && modules.empty()) {
        throw Error(folder.string(),
                    "holds no .sv or .v file; expected the RTL of a weight buffer");
    }
    std::sort(packages.begin(), packages.end());
    std::sort(modules.begin(), modules.end());
    packages.insert(packages.end(), modules.begin(), modules.end());
    return packages;
}

/// The line of a tool's output that says what is wrong.
std::string firstError(const std::string& output) {
    for (const char* mark : {"%Error", "error:", "Error:"}) {
        const auto at = output.find(mark);
        if (at == std::string::npos) continue;
        const auto begin = output.rfind('\n', at);
        const auto first = begin == std::string::npos ? 0 : begin + 1;
        return output.substr(first, output.find('\n', at) - first);
    }
    const auto first = output.find_first_not_of('\n');
    return first == std::string::npos ? "no message"
                                      : output.substr(first, output.find('\n', first) - first);
}

std::string runTool(const std::string& purpose, const std::vector<std::string>& arguments,
                    const fs::path& folder) {
    // Compiling a large buffer takes minutes; a tool that takes longer hangs.
    constexpr std::chrono::minutes kLongest(30);
    if (!programExists(arguments[0])) {
        throw Error(arguments[0],
                    "is not installed; it takes Verilator and a C++ compiler to " + purpose);
    }
    const ProgramResult result = runProgram(arguments, "", kLongest, folder);
    if (!result.status) throw Error(purpose, arguments[0] + " took more than 30 minutes");
    if (!result.succeeded()) throw Error(purpose, firstError(result.out + result.err));
    return result.out;
}

void verilate(const UserBufferSettings& settings, const fs::path& work) {
    std::vector<std::string> arguments{
        "verilator",    "--cc",       "--Mdir",     work.string(), "--prefix",   kPrefix,
        "--top-module", settings.top, "-O3",        "--assert",    "--x-assign", "fast",
        "--x-initial",  "fast",       "-Wno-fatal", "-Wno-lint",   "-Wno-style"};
    if (settings.waves) arguments.emplace_back("--trace-fst");
    for (const std::string& parameter : settings.parameters) {
        arguments.push_back("-G" + parameter);
    }
    for (const std::string& source : sourcesIn(settings.folder)) arguments.push_back(source);
    runTool("verilate " + settings.folder.string(), arguments, work);
}

fs::path compile(const UserBufferSettings& settings, const fs::path& work) {
    std::string root = runTool("find Verilator", {"verilator", "--getenv", "VERILATOR_ROOT"}, work);
    while (!root.empty() && root.back() == '\n') root.pop_back();
    const fs::path include = fs::path(root) / "include";
    const fs::path adapter = adapterFolder();
    fs::path library = work / "user_buffer.so";
    const char* compiler = std::getenv("CXX");
    std::vector<std::string> arguments{compiler != nullptr && *compiler != '\0' ? compiler : "c++",
                                       "-std=c++17",
                                       "-O2",
                                       "-fPIC",
                                       "-shared",
                                       "-fvisibility=hidden",
                                       "-w",
                                       "-DBROWNOUT_USER_BUFFER",
                                       "-DVL_USER_STOP",
                                       "-DVL_USER_FINISH",
                                       "-DVL_USER_FATAL",
                                       "-DVL_PRINTF=brownoutRtlPrint",
                                       "-DVM_SC=0",
                                       "-DVM_TRACE=" + std::to_string(settings.waves),
                                       "-DVM_TRACE_FST=" + std::to_string(settings.waves),
                                       "-include",
                                       (adapter / "sim/rtl_print.h").string(),
                                       "-I" + adapter.string(),
                                       "-I" + work.string(),
                                       "-I" + include.string(),
                                       "-I" + (include / "vltstd").string(),
                                       "-o",
                                       library.string()};
    for (const auto& entry : fs::directory_iterator(work)) {
        if (entry.path().extension() == ".cpp") arguments.push_back(entry.path().string());
    }
    arguments.push_back((adapter / "sim/rtl_adapter.cpp").string());
    arguments.push_back((include / "verilated.cpp").string());
    arguments.push_back((include / "verilated_threads.cpp").string());
    if (settings.waves) {
        arguments.push_back((include / "verilated_fst_c.cpp").string());
        arguments.emplace_back("-lz");
    }
    runTool("compile " + settings.top, arguments, work);
    return library;
}

}  // namespace

RtlBufferModel buildUserBuffer(const UserBufferSettings& settings) {
    const TemporaryFolder work;
    verilate(settings, work.path());
    const RtlShape shape =
        checkPorts(portsOf(readFile(work.path() / (std::string(kPrefix) + ".h"))), settings.top,
                   settings.folder.string());
    const fs::path library = compile(settings, work.path());

    void* handle = ::dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (handle == nullptr) throw Error(settings.folder.string(), ::dlerror());
    const auto version = reinterpret_cast<int (*)()>(::dlsym(handle, "brownoutRtlModelVersion"));
    const auto make = reinterpret_cast<RtlModel* (*)()>(::dlsym(handle, "brownoutMakeRtlModel"));
    if (version == nullptr || make == nullptr || version() != kRtlModelVersion) {
        throw Error(settings.folder.string(), "was compiled with the adapter of another version");
    }
    RtlBufferModel buffer;
    buffer.model = std::make_unique<LoadedModel>(handle, make());
    buffer.name = settings.top;
    buffer.dataBits = shape.dataBits;
    buffer.words = std::uint64_t{1} << shape.addressBits;
    return buffer;
}

}  // namespace brownout
