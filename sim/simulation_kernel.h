#pragma once

#include <functional>
#include <memory>

namespace brownout {

/// The SystemC kernel and the thread that owns it. There is one kernel in a process, and its
/// coroutines don't like to migrate between threads, so every touch of it goes through here. Other
/// threads hand in work and wait; several may do so at once, and are served one after the other.
///
/// No SystemC type shows, so that ordinary code can hold one.
class SimulationKernel {
 public:
    /// Starts the thread. Throws Error if the process already has or had a kernel.
    SimulationKernel();
    /// Ends the thread. Modules must have gone before.
    ~SimulationKernel();
    SimulationKernel(const SimulationKernel&) = delete;
    SimulationKernel& operator=(const SimulationKernel&) = delete;

    /// Runs `work` on the kernel's thread while no simulation runs: where modules are built, all
    /// of them before the first `simulate`, and taken down. What `work` throws is thrown here;
    /// errors of SystemC become an Error of one line.
    void elaborate(const std::function<void()>& work);

    /// Runs `work` as a process of the simulation, which may wait for simulated time, and
    /// simulates until it returns. Throws like `elaborate`.
    void simulate(const std::function<void()>& work);

 private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace brownout
