#include "sim/simulation_kernel.h"

#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <system_error>
#include <systemc>
#include <thread>

#include "base/error.h"

// libsystemc refers to sc_main, which only programs that let the library bring their main() have.
extern "C" __attribute__((weak)) int sc_main(int, char*[]) { return 0; }

namespace brownout {
namespace {

/// The process in which the work of `simulate` runs.
class Worker final : public sc_core::sc_module {
 public:
    explicit Worker(const sc_core::sc_module_name& name) : sc_core::sc_module(name) {
        SC_HAS_PROCESS(Worker);
        SC_THREAD(loop);
    }

    /// Simulates until `work` has run. Outside the simulation.
    void run(const std::function<void()>& work) {
        work_ = &work;
        failure_ = nullptr;
        if (started_) wake_.notify(sc_core::SC_ZERO_TIME);
        started_ = true;
        while (work_ != nullptr) {
            sc_core::sc_start();
            if (work_ != nullptr && !sc_core::sc_pending_activity()) {
                work_ = nullptr;
                throw Error("simulation", "stopped: a process waits for what never happens");
            }
        }
        if (failure_) std::rethrow_exception(failure_);
    }

 private:
    void loop() {
        for (;;) {
            while (work_ == nullptr) wait(wake_);
            try {
                (*work_)();
            } catch (const sc_core::sc_unwind_exception&) {
                throw;  // the simulation is being taken down
            } catch (...) {
                failure_ = std::current_exception();
            }
            work_ = nullptr;
            sc_core::sc_pause();
        }
    }

    const std::function<void()>* work_ = nullptr;
    std::exception_ptr failure_;
    sc_core::sc_event wake_;
    bool started_ = false;
};

/// Calls `work`, with errors of SystemC as ours.
void translatingErrors(const std::function<void()>& work) {
    try {
        work();
    } catch (const sc_core::sc_report& report) {
        throw Error("SystemC", std::string(report.get_msg_type()) + ": " + report.get_msg());
    }
}

std::atomic<bool> kernelTaken{false};

}  // namespace

struct SimulationKernel::State {
    std::mutex callers;  ///< held by the one whose work is being done
    std::mutex mutex;
    std::condition_variable changed;
    const std::function<void()>* work = nullptr;
    std::exception_ptr failure;
    bool ending = false;
    std::unique_ptr<Worker> worker;
    std::thread thread;

    void serve() {
        std::unique_lock<std::mutex> lock(mutex);
        for (;;) {
            changed.wait(lock, [this] { return work != nullptr || ending; });
            if (work == nullptr) return;
            try {
                translatingErrors(*work);
            } catch (...) {
                failure = std::current_exception();
            }
            work = nullptr;
            changed.notify_all();
        }
    }

    void doOnThread(const std::function<void()>& task) {
        const std::lock_guard<std::mutex> alone(callers);
        std::unique_lock<std::mutex> lock(mutex);
        failure = nullptr;
        work = &task;
        changed.notify_all();
        changed.wait(lock, [this] { return work == nullptr; });
        if (failure) std::rethrow_exception(failure);
    }
};

SimulationKernel::SimulationKernel() {
    if (kernelTaken.exchange(true)) {
        throw Error("simulation", "a process can have one SystemC kernel only");
    }
    state_ = std::make_unique<State>();
    try {
        state_->thread = std::thread([this] { state_->serve(); });
    } catch (const std::system_error& error) {
        kernelTaken = false;
        throw Error("simulation", std::string("its thread cannot be started: ") + error.what());
    }
    elaborate([this] {
        // Errors are for the caller: nothing is printed on the way.
        sc_core::sc_report_handler::set_actions(sc_core::SC_ERROR, sc_core::SC_THROW);
        sc_core::sc_report_handler::set_actions(sc_core::SC_WARNING, sc_core::SC_DO_NOTHING);
        sc_core::sc_report_handler::set_actions(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
        state_->worker = std::make_unique<Worker>("brownout_worker");
    });
}

SimulationKernel::~SimulationKernel() {
    elaborate([this] { state_->worker.reset(); });
    {
        const std::lock_guard<std::mutex> lock(state_->mutex);
        state_->ending = true;
        state_->changed.notify_all();
    }
    state_->thread.join();
}

void SimulationKernel::elaborate(const std::function<void()>& work) { state_->doOnThread(work); }

void SimulationKernel::simulate(const std::function<void()>& work) {
    state_->doOnThread([&] { state_->worker->run(work); });
}

}  // namespace brownout
