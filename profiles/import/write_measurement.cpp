#include "profiles/import/write_measurement.h"

#include <optional>

#include "profiles/counts_writer.h"

namespace brownout {
namespace {

class ProfileSink : public MeasurementSink {
 public:
    ProfileSink(const std::filesystem::path& path, const ProfileHeader& header, double arraysToAdd,
                const std::function<void(double)>& progress)
        : path_(path), header_(header), arraysToAdd_(arraysToAdd), progress_(progress) {}

    void begin(const SramGeometry& geometry, std::uint32_t chips,
               const CountsConditions& conditions, std::uint32_t mostTrials) override {
        header_.device.geometry = geometry;
        writer_.emplace(path_, header_, CountsShape{chips, conditions, mostTrials});
    }
    void addSparse(const CountsPlace& place, std::uint32_t trials,
                   Span<const CellFails> failing) override {
        writer_->addSparse(place, trials, failing);
        added();
    }
    void addDense(const CountsPlace& place, std::uint32_t trials,
                  Span<const std::uint32_t> fails) override {
        writer_->add(place, trials, fails);
        added();
    }
    void commit() { writer_->commit(); }

 private:
    void added() {
        ++added_;
        if (progress_) progress_(static_cast<double>(added_) / arraysToAdd_);
    }

    std::filesystem::path path_;
    ProfileHeader header_;
    double arraysToAdd_;
    const std::function<void(double)>& progress_;
    std::optional<CountsWriter> writer_;
    std::uint64_t added_ = 0;
};

}  // namespace

void writeMeasurement(const std::filesystem::path& path, const ProfileHeader& header,
                      Measurement& measurement, const std::function<void(double)>& progress) {
    double directions = 0;
    for (std::uint32_t i = 0; i < measurement.entries(); ++i) {
        const Coverage& coverage = measurement.coverage(i);
        directions += (coverage.bits01 != 0 ? 1 : 0) + (coverage.bits10 != 0 ? 1 : 0) +
                      (coverage.unknown ? 1 : 0);
    }
    const double arrays =
        static_cast<double>(measurement.blocks()) * measurement.map().arraysPerBlock();
    ProfileSink sink(path, header, directions * arrays, progress);
    measurement.deliver(sink);
    sink.commit();
}

}  // namespace brownout
