#include "profiles/validate.h"

#include <algorithm>
#include <map>

#include "base/error.h"
#include "base/numbers.h"
#include "profiles/hdf5/hdf5_reader.h"
#include "profiles/hdf5/spatial_fields.h"
#include "profiles/profile.h"

namespace brownout {
namespace {

/// Names that this version knows, by group; of attributes and of groups and datasets.
struct KnownNames {
    std::vector<std::string> attributes;
    std::vector<std::string> children;
};

const std::map<std::string, KnownNames>& knownNames() {
    static const std::map<std::string, KnownNames> names{
        {"/",
         {{"format", "version", "creator", "created", "provenance", "history"},
          {"device", "cells", "energy"}}},
        {"/device",
         {{"arrays", "rows", "columns", "column_mux", "node", "voltage_unit", "vmin_v"}, {}}},
        {"/energy",
         {{"reference_voltage", "source"}, {"voltage", "read_j", "write_j", "leakage_w"}}},
        {"/cells", {{"encoding", "chips"}, {"reference_voltage", "threshold", "recipe", "counts"}}},
        {"/cells/threshold",
         {{"floor_voltage", "highest_voltage", "read_noise", "reference_temperature",
           "temperature_coefficient"},
          {"chip_start", "cell", "voltage", "p01", "p10"}}},
        {"/cells/recipe",
         {{"generator", "preset", "seed", "share_flipping", "share_stuck_at_0", "share_stuck_at_1"},
          {"curve_voltage", "curve_rate"}}},
        {"/cells/counts",
         {{},
          {"voltage", "temperature", "pattern", "fails01", "trials01", "fails10", "trials10",
           "fails", "trials"}}},
    };
    return names;
}

class Validation {
 public:
    explicit Validation(const std::filesystem::path& path) : path_(path) {}

    std::vector<Finding> run() {
        try {
            const Profile profile = Profile::open(path_);
            checkHeader(profile);
            checkNames();
            checkVoltages(profile);
            checkChips(profile);
        } catch (const Error& error) {
            addError(error);
        }
        return findings_;
    }

 private:
    void add(Severity severity, const std::string& object, const std::string& message) {
        findings_.push_back(
            {severity, path_.string() + (object.empty() ? "" : ":" + object), message});
    }

    /// Divides "FILE:/OBJECT: MESSAGE" into its place and its message.
    void addError(const Error& error) {
        const std::string text = error.what();
        std::size_t end =
            text.compare(0, path_.string().size(), path_.string()) == 0 ? path_.string().size() : 0;
        end = text.find(": ", end);
        if (end == std::string::npos) return add(Severity::kError, "", text);
        findings_.push_back({Severity::kError, text.substr(0, end), text.substr(end + 2)});
    }

    void checkHeader(const Profile& profile) {
        const ProfileInfo& info = profile.info();
        if (info.version.minor > kProfileFormat.minor) {
            add(Severity::kNote, "",
                "is of version " + std::to_string(info.version.major) + "." +
                    std::to_string(info.version.minor) +
                    ", newer than this program: what is new "
                    "in it was not checked");
        }
        if (!profile.sealed()) {
            add(Severity::kNote, "", "has no seal, so damage to its numbers can't be noticed");
        }
        if (info.creator.empty()) add(Severity::kWarning, "/", "attribute 'creator' is empty");
        const std::string& created = info.created;
        if (created.size() != 20 || created[10] != 'T' || created.back() != 'Z') {
            add(Severity::kWarning, "/",
                "attribute 'created' is '" + created + "'; expected UTC as 2025-01-31T12:00:00Z");
        }
        if (!profile.energy()) {
            add(Severity::kNote, "", "has no /energy, so only accuracy can be told");
            return;
        }
        if (!profile.energy()->covers(profile.supplies().lowest()) ||
            !profile.energy()->covers(profile.supplies().highest())) {
            add(Severity::kWarning, "/energy", "doesn't cover all voltages of the cells");
        }
        if (profile.energy()->source().empty()) {
            add(Severity::kWarning, "/energy", "attribute 'source' is empty");
        }
    }

    /// A misspelt optional name would silently be ignored.
    void checkNames() {
        const Hdf5Session session;
        const FileHandle file = openHdf5(path_);
        const Hdf5Group root(file, path_);
        checkNamesOf(root, "/");
        checkNamesOf(root.group("device"), "/device");
        if (root.has("energy")) checkNamesOf(root.group("energy"), "/energy");
        const Hdf5Group cells = root.group("cells");
        checkNamesOf(cells, "/cells");
        for (const char* encoding : {"threshold", "recipe", "counts"}) {
            if (!cells.has(encoding)) continue;
            checkNamesOf(cells.group(encoding), std::string("/cells/") + encoding);
            const std::string used = cells.text("encoding");
            const bool noisy = used == kNoisyThreshold && std::string(encoding) == "threshold";
            if (used != encoding && !noisy) {
                add(Severity::kWarning, std::string("/cells/") + encoding,
                    "is not used: the encoding is '" + used + "'");
            }
        }
    }

    void checkNamesOf(const Hdf5Group& group, const std::string& object) {
        KnownNames known = knownNames().at(object);
        if (object == "/cells/recipe") {
            for (const SpatialField& field : spatialFields()) {
                known.attributes.emplace_back(field.name);
            }
            known.attributes.emplace_back(kArraysAcross);
        }
        const auto check = [&](const std::string& kind, const std::vector<std::string>& names,
                               const std::vector<std::string>& expected) {
            for (const std::string& name : names) {
                if (std::find(expected.begin(), expected.end(), name) != expected.end()) continue;
                add(Severity::kNote, object, kind + " '" + name + "' is unknown and ignored");
            }
        };
        check("attribute", group.attributes(), known.attributes);
        check("object", group.children(), known.children);
    }

    static void checkChip(const Profile& profile, std::uint32_t chip) {
        if (!profile.counts()) {
            profile.chip(chip);
            return;
        }
        const CountsConditions& conditions = profile.counts()->conditions();
        for (const double voltage : conditions.voltages) {
            if (conditions.temperaturesC.empty()) profile.counts()->cells(chip, {voltage});
            for (const double temperature : conditions.temperaturesC) {
                profile.counts()->cells(chip, {voltage, temperature});
            }
        }
    }

    void checkVoltages(const Profile& profile) {
        if (!profile.counts()) return;
        const std::vector<double>& stored = profile.counts()->storedVoltages();
        const auto pair = std::adjacent_find(stored.begin(), stored.end(), sameButForNoise);
        if (pair == stored.end()) return;
        add(Severity::kNote, "/cells/counts/voltage",
            shortestNumber(pair[0]) + " and " + shortestNumber(pair[1]) +
                " are taken as one supply, with the worst of their measurements");
    }

    void checkChips(const Profile& profile) {
        constexpr std::size_t kMostErrors = 20;
        std::size_t errors = 0;
        for (std::uint32_t i = 0; i < profile.chipCount(); ++i) {
            try {
                checkChip(profile, i);
            } catch (const Error& error) {
                addError(error);
                if (++errors == kMostErrors) {
                    add(Severity::kNote, "/cells", "more errors are not listed");
                    return;
                }
            }
        }
    }

    std::filesystem::path path_;
    std::vector<Finding> findings_;
};

}  // namespace

const char* nameOf(Severity severity) {
    switch (severity) {
        case Severity::kNote:
            return "note";
        case Severity::kWarning:
            return "warning";
        case Severity::kError:
            return "error";
    }
    return "";
}

std::vector<Finding> validateProfile(const std::filesystem::path& path) {
    return Validation(path).run();
}

bool hasError(const std::vector<Finding>& findings) {
    return std::any_of(findings.begin(), findings.end(),
                       [](const Finding& one) { return one.severity == Severity::kError; });
}

}  // namespace brownout
