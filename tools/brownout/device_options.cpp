#include "tools/brownout/device_options.h"

#include <cmath>
#include <iostream>

#include "base/fields.h"
#include "base/input.h"
#include "base/numbers.h"
#include "hardware/debugger/open_target.h"
#include "hardware/device/word_bytes.h"
#include "hardware/guard/supply_away.h"
#include "profiles/device.h"
#include "tools/brownout/guarded_supply.h"
#include "tools/brownout/voltage.h"

namespace brownout {
namespace {

namespace po = boost::program_options;
using std::chrono::milliseconds;

constexpr const char* kOptions[] = {"memory-base", "words",     "array",   "supply-control",
                                    "supply-file", "limits",    "nominal", "access",
                                    "hold",        "ramp-step", "settle",  "supply-tolerance",
                                    "watchdog",    "bench-log"};

std::string dashed(const char* option) { return std::string("--") + option; }

/// Reads "10s", "250ms" or "2min".
milliseconds timeOf(const std::string& option, const std::string& text) {
    const std::pair<const char*, double> units[] = {{"ms", 1}, {"min", 60'000}, {"s", 1000}};
    for (const auto& [unit, factor] : units) {
        const std::string name = unit;
        if (text.size() <= name.size() ||
            text.compare(text.size() - name.size(), name.size(), name) != 0) {
            continue;
        }
        const auto number = parseReal(text.substr(0, text.size() - name.size()));
        if (number && *number >= 0 && *number * factor <= 86'400'000) {
            return milliseconds(std::llround(*number * factor));
        }
    }
    throw UsageError(option, quoted(text) + "; expected a time of at most a day, '10s' or '250ms'");
}

milliseconds timeIn(const CommandLine& line, const char* option) {
    return timeOf(dashed(option), line.get<std::string>(option));
}

SupplyPlan planOf(const CommandLine& line) {
    line.require("limits", "the voltages that the supply may have, '0.45V:0.9V'");
    line.require("nominal", "the voltage at which words are written and at which all ends");
    SupplyPlan plan;
    const auto limits = line.get<std::string>("limits");
    const auto colon = limits.find(':');
    if (colon == std::string::npos) {
        throw UsageError("--limits", quoted(limits) + "; expected LOWEST:HIGHEST, '0.45V:0.9V'");
    }
    plan.lowestV = instrumentVolts("--limits", limits.substr(0, colon));
    plan.highestV = instrumentVolts("--limits", limits.substr(colon + 1));
    plan.nominalV = voltsIn(line, "nominal");
    plan.stepV = voltsIn(line, "ramp-step");
    plan.toleranceV = voltsIn(line, "supply-tolerance");
    plan.settle = timeIn(line, "settle");
    plan.patience += 10 * plan.settle;
    line.named([&] { validate(plan); });
    return plan;
}

SupplyAddress supplyOf(const CommandLine& line) {
    line.require("supply-control",
                 "the supply of the memory, scpi://HOST, vxi11://HOST or "
                 "command://PROGRAM");
    SupplyAddress address;
    address.url = line.get<std::string>("supply-control");
    checkSupplyUrl("--supply-control", address.url);
    if (line.has("supply-file")) {
        address.dialect = readScpiDialect(*openInput(line.get<std::string>("supply-file")));
    }
    return address;
}

/// Reads "512x64" or, with the column mux, "512x256x4".
SramGeometry arrayOf(const std::string& text) {
    std::vector<std::string> parts;
    splitFields(text, 'x', parts);
    SramGeometry array;
    std::uint32_t* const members[] = {&array.rows, &array.columns, &array.columnMux};
    bool good = parts.size() == 2 || parts.size() == 3;
    for (std::size_t i = 0; i < parts.size() && good; ++i) {
        const auto number = parseUnsigned(parts[i]);
        good = number && *number >= 1 && *number <= 1 << 20;
        if (good) *members[i] = static_cast<std::uint32_t>(*number);
    }
    if (!good) {
        throw UsageError("--array", quoted(text) +
                                        "; expected ROWSxCOLUMNS or, with the column "
                                        "mux, ROWSxCOLUMNSxMUX: 512x64, 512x256x4");
    }
    return array;
}

DeviceSettings settingsOf(const CommandLine& line) {
    line.require("memory-base", "the address of the first word");
    line.require("words", "how many words the memory has");
    DeviceSettings settings;
    settings.base = memoryBaseIn(line);
    settings.geometry = arrayOf(line.get<std::string>("array"));
    const std::uint64_t words = *line.count("words");
    const std::uint64_t perArray = settings.geometry.wordsPerArray();
    if (words % perArray != 0) {
        throw UsageError("--words", std::to_string(words) + " are no whole arrays of " +
                                        std::to_string(perArray) + " words; see --array");
    }
    settings.geometry.arrays = static_cast<std::uint32_t>(words / perArray);
    settings.geometry.validate();
    bytesOfWord(settings.geometry);
    settings.access = deviceAccessOf("--access", line.get<std::string>("access"));
    settings.hold = timeIn(line, "hold");
    if (settings.access != DeviceAccess::kRetention && !line.values()["hold"].defaulted()) {
        throw UsageError("--hold", "goes with --access retention");
    }
    return settings;
}

}  // namespace

std::uint64_t memoryBaseIn(const CommandLine& line) {
    const auto& text = line.get<std::string>("memory-base");
    if (const auto base = parseUnsigned(text)) return *base;
    throw UsageError("--memory-base", quoted(text) + "; expected an address, 0x20000000");
}

void addDeviceOptions(CommandLine& line) {
    line.options().add_options()  //
        ("memory-base", po::value<std::string>()->value_name("ADDRESS"),
         "real memory: address of its first word, '0x20000000'")  //
        ("words", po::value<std::string>()->value_name("N"),
         "real memory: its words, those for check bits included; whole arrays")  //
        ("array", po::value<std::string>()->value_name("SIZE")->default_value("512x64"),
         "real memory: rows x columns of an array and, if it isn't 1, the column mux "
         "('512x256x4'); words of 8, 16, 32 or 64 bits")  //
        ("supply-control", po::value<std::string>()->value_name("URL"),
         "supply of the real memory: scpi://HOST[:5025] (SCPI over TCP), vxi11://HOST[/inst0] "
         "(SCPI over VXI-11) or command://PROGRAM (run as 'PROGRAM set 0.8', 'PROGRAM measure' and "
         "'PROGRAM identify')")  //
        ("supply-file", po::value<std::string>()->value_name("FILE"),
         "commands of an instrument that differs from SCPI's usual ones, YAML: start, set, "
         "measure, "
         "errors, numbered")  //
        ("limits", po::value<std::string>()->value_name("A:B"),
         "voltages that the supply may have, '0.45V:0.9V'; nothing passes them")  //
        ("nominal", po::value<std::string>()->value_name("V"),
         "voltage at which words are written and to which the supply returns")  //
        ("access", po::value<std::string>()->value_name("HOW")->default_value("at-supply"),
         "at-supply: words are read at the low supply; retention: they are held there for --hold "
         "and read at nominal")  //
        ("hold", po::value<std::string>()->value_name("TIME")->default_value("0s"),
         "time at the low supply, '10s'")  //
        ("ramp-step", po::value<std::string>()->value_name("V")->default_value("0.05V"),
         "largest change of the supply at once")  //
        ("settle", po::value<std::string>()->value_name("TIME")->default_value("10ms"),
         "wait after each step, before the voltage is measured")  //
        ("supply-tolerance", po::value<std::string>()->value_name("V")->default_value("0.01V"),
         "largest difference of the measured voltage from the one that was set")  //
        ("watchdog", po::value<std::string>()->value_name("TIME")->default_value("60s"),
         "longest time without a word from this program, the hold not counted, before its guardian "
         "puts nominal back")  //
        ("bench-log", po::value<std::string>()->value_name("FILE"),
         "log of the guardian (default: bench.log in the folder of --out)");
}

void refuseDeviceOptions(const CommandLine& line, const std::string& what) {
    for (const char* option : kOptions) {
        if (line.has(option) && !line.values()[option].defaulted()) {
            throw UsageError(dashed(option),
                             "goes with a real memory, gdb://HOST:PORT, not with " + what);
        }
    }
}

GuardedDevice::GuardedDevice(const CommandLine& line, const std::string& option,
                             const std::string& url, const std::string& log)
    : url_(url), quiet_(line.common().quiet) {
    const DeviceSettings settings = settingsOf(line);
    GuardSettings guard;
    guard.supply = supplyOf(line);
    guard.plan = planOf(line);
    guard.log = line.has("bench-log") ? line.get<std::string>("bench-log") : log;
    guard.watchdog = timeIn(line, "watchdog") + settings.hold;
    supplyUrl_ = guard.supply.url;
    // A guardian without a log is better than none: the file is tried here, where errors are told.
    BenchLog tried(guard.log);
    guardian_ = startGuardian(guard);
    auto target = openTarget(option, url);
    auto supply =
        std::make_unique<ControlledSupply>(openSupply(guard.supply), guard.plan, guardian_.get());
    guardian_->note("target " + url + " is " + target->identity());
    device_ = std::make_shared<HardwareDevice>(std::move(target), std::move(supply), settings);
}

DeviceSpec GuardedDevice::spec() const {
    const DeviceSettings& settings = device_->settings();
    DeviceSpec spec;
    spec.target = device_->target().identity();
    spec.targetUrl = url_;
    spec.supply = device_->supply().instrument().identity();
    spec.supplyUrl = supplyUrl_;
    spec.base = settings.base;
    spec.arrays = settings.geometry.arrays;
    spec.rows = settings.geometry.rows;
    spec.columns = settings.geometry.columns;
    spec.columnMux = settings.geometry.columnMux;
    spec.access = nameOf(settings.access);
    spec.holdS = static_cast<double>(settings.hold.count()) / 1000;
    spec.nominalV = device_->supply().plan().nominalV;
    return spec;
}

/// Says what went over the link, and how fast.
std::string GuardedDevice::workDone() const {
    const DeviceWork& work = device_->work();
    const TargetTraffic traffic = device_->target().traffic();
    const double words = static_cast<double>(work.wordsRead + work.wordsWritten);
    return url_ + ": " + groupedNumber(work.wordsWritten) + " words written, " +
           groupedNumber(work.wordsRead) + " read, " + groupedNumber(traffic.roundTrips) +
           " round trips, " + groupedNumber(traffic.repeats) + " repeats, " +
           humanNumber(work.seconds, 3) + " s" +
           (work.seconds > 0 ? ", " + humanNumber(words / work.seconds, 3) + " words/s" : "");
}

void GuardedDevice::finish() {
    const std::string done = workDone();
    guardian_->note(done);
    if (!quiet_) std::cerr << done << "\n";
    device_->close();
    guardian_->finish();
}

ExitStatus GuardedDevice::during(const std::function<ExitStatus()>& work) {
    ExitStatus status = ExitStatus::kSuccess;
    try {
        status = work();
    } catch (const Error& error) {
        guardian_->note(std::string("the program fails: ") + error.what());
        try {
            finish();
        } catch (const SupplyAwayError& away) {
            throw SupplyAwayError("",
                                  std::string(away.what()) + "; this followed on: " + error.what());
        }
        throw;
    }
    finish();
    return status;
}

}  // namespace brownout
