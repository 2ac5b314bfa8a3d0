#include "tools/report/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <filesystem>
#include <functional>
#include <set>

#include "base/atomic_file.h"
#include "base/text.h"
#include "emulation/tolerable_point.h"
#include "tests/report/page_reader.h"
#include "tests/results/sample_campaign.h"
#include "tools/report/gnuplot.h"
#include "tools/results/campaign_identity.h"

namespace brownout {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

ReportExtras sampleExtras() {
    ReportExtras extras;
    extras.command = "brownout sweep --seed 1 && echo \"<done>\"";
    extras.faultMap = FaultMapFigure{SramGeometry{2, 64, 64, 1}, {{7, 1.F, 1.F, 0.F}}, 0, "0.833"};
    return extras;
}

std::string samplePage(const CampaignSpec& campaign) {
    return reportHtml(summarize(campaign, sampleTrials(campaign)), sampleExtras());
}

std::size_t occurrences(const std::string& text, const std::string& part) {
    std::size_t count = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
    return count;
}

// No std::regex here: under the sanitizers GCC 12 takes its own header for faulty.

/// Values of the attribute `name`, in either kind of quotes.
std::vector<std::string> valuesOf(const std::string& html, const std::string& name) {
    std::vector<std::string> values;
    const auto start = " " + name + "=";
    for (auto at = html.find(start); at != std::string::npos; at = html.find(start, at + 1)) {
        const auto begin = at + start.size() + 1;
        values.push_back(html.substr(begin, html.find(html[begin - 1], begin) - begin));
    }
    return values;
}

/// Elements that have an end are ended, in order.
void expectWellFormed(const std::string& html) {
    static const std::set<std::string> kEmpty = {"meta", "br", "img", "!DOCTYPE"};
    std::vector<std::string> open;
    for (auto at = html.find('<'); at != std::string::npos; at = html.find('<', at + 1)) {
        const auto tag = html.substr(at + 1, html.find('>', at) - at - 1);
        ASSERT_EQ(tag.find('<'), std::string::npos) << tag.substr(0, 80);
        for (const char* attribute : {" style=", " class=", " id=", " fill=", " stroke="}) {
            ASSERT_LE(occurrences(tag, attribute), 1U) << tag.substr(0, 80);
        }
        const bool ends = tag[0] == '/';
        const auto name = tag.substr(ends ? 1 : 0, tag.find_first_of(" \n\t/", 1) - (ends ? 1 : 0));
        if (kEmpty.count(name) > 0 || tag.back() == '/') continue;
        if (!ends) {
            open.push_back(name);
        } else {
            ASSERT_FALSE(open.empty()) << name;
            ASSERT_EQ(open.back(), name);
            open.pop_back();
        }
    }
    EXPECT_TRUE(open.empty());
}

TEST(Report, NeedsNothingBesideItself) {
    auto page = samplePage(sampleCampaign());
    for (const char* attribute : {"src", "href"}) {
        const auto targets = valuesOf(page, attribute);
        EXPECT_FALSE(targets.empty());
        for (const auto& target : targets) {
            const bool inside = target[0] == '#' || target.rfind("data:image/png;base64,", 0) == 0;
            EXPECT_TRUE(inside) << target.substr(0, 80);
        }
    }
    // Base64 may hold two slashes in a row: look at the page without its picture's data.
    const auto data = page.find("base64,");
    page.erase(data, page.find('"', data) - data);
    for (const char* outside :
         {"http:", "https:", "//", "<script", "<link", "@import", "<iframe", "<object", "url("}) {
        EXPECT_THAT(page, Not(HasSubstr(outside)));
    }
}

/// Mean share of wrong images of a network at a point, in percent, straight from the trials: every
/// chip of the sample has as many.
double meanErrorOf(const std::vector<TrialResult>& trials, std::uint32_t network,
                   std::uint32_t point, std::optional<std::uint64_t> TrialCounts::*wrong) {
    double sum = 0;
    double images = 0;
    for (const auto& [key, counts, strata] : trials) {
        if (key.network != network || key.point != point) continue;
        sum += static_cast<double>((counts.*wrong).value());
        images += static_cast<double>(counts.images);
    }
    return 100 * sum / images;
}

TEST(Report, ShowsInItsTablesWhatTheTrialsCounted) {
    const auto campaign = sampleCampaign();
    const auto trials = sampleTrials(campaign);
    const auto tables = test::tablesOf(samplePage(campaign));
    for (std::uint32_t network = 0; network < 2; ++network) {
        const auto table = std::find_if(tables.begin(), tables.end(), [&](const auto& one) {
            return one.heading == campaign.networks[network].name;
        });
        ASSERT_NE(table, tables.end());
        ASSERT_EQ(table->rows.size(), 3U);
        const auto cell = [&](std::size_t row, const std::string& heading) {
            const auto& headings = table->rows[0];
            const auto column = std::find(headings.begin(), headings.end(), heading);
            return column == headings.end()
                       ? std::string("no such column")
                       : table->rows[row][static_cast<std::size_t>(column - headings.begin())];
        };
        for (std::uint32_t point = 0; point < 2; ++point) {  // 0.917 is the milder one
            EXPECT_EQ(cell(point + 1, "V/Vmin"), campaign.points[point].label);
            for (const auto& [heading, wrong] :
                 {std::pair{"clean error %", &TrialCounts::wrongClean},
                  {"error %", &TrialCounts::wrongPerturbed},
                  {"robust error %", &TrialCounts::wrongEither}}) {
                EXPECT_NEAR(std::stod(cell(point + 1, heading)),
                            meanErrorOf(trials, network, point, wrong), 0.005001)
                    << heading;
            }
        }
        // 687,500 reads of 0.84 pJ and 0.69 pJ.
        EXPECT_EQ(cell(1, "energy/inference"), "578 nJ");
        EXPECT_EQ(cell(2, "energy/inference"), "474 nJ");
    }
    // Errors of the three chips: 6.5, 9.5, 12.5 %; t(0.975, 2) = 4.303, 3 / sqrt(3) = 1.732,
    // and stretched as Summary.TakesTheChipAsTheUnitOfReplication says.
    EXPECT_EQ(tables.back().rows.back().front(), "profile");
    EXPECT_THAT(samplePage(campaign), HasSubstr("9.50 ± 3.00 [5.32, 52.05]"));
}

TEST(Report, ShowsEveryPointOfEveryCurveWhereItsAxesSay) {
    const auto campaign = sampleCampaign();
    const auto trials = sampleTrials(campaign);
    const auto page = samplePage(campaign);
    struct Expected {
        std::string title;
        std::function<double(const PointSpec&)> x;
        std::function<double(std::uint32_t, std::uint32_t)> y;
    };
    const auto energy = [&](const PointSpec& point) { return 687500 * *point.energy.readJ * 1e9; };
    const auto error = [&](std::uint32_t network, std::uint32_t point) {
        return meanErrorOf(trials, network, point, &TrialCounts::wrongPerturbed);
    };
    for (const auto& [title, x, y] : std::vector<Expected>{
             {"Error against voltage", [](const PointSpec& point) { return *point.voltage; },
              error},
             {"Energy against voltage", [](const PointSpec& point) { return *point.voltage; },
              [&](std::uint32_t, std::uint32_t point) { return energy(campaign.points[point]); }},
             {"Error against energy", energy, error}}) {
        const auto marks = test::marksOf(page, title);
        ASSERT_EQ(marks.size(), 4U) << title;
        for (std::size_t i = 0; i < marks.size(); ++i) {
            const auto network = static_cast<std::uint32_t>(i / 2);
            const auto point = static_cast<std::uint32_t>(i % 2);
            EXPECT_EQ(marks[i].curve, static_cast<int>(network)) << title;
            EXPECT_NEAR(marks[i].x / x(campaign.points[point]), 1, 0.01) << title;
            EXPECT_NEAR(marks[i].y / y(network, point), 1, 0.03) << title;
        }
    }
}

TEST(Report, ShowsTheFaultMapAndSaysHowItWasMade) {
    const auto page = samplePage(sampleCampaign());
    expectWellFormed(page);
    for (const char* part : {"fails at 0.833", "How low the supply can go", "How to read this",
                             "Networks against each other", "18446744073709551615"}) {
        EXPECT_THAT(page, HasSubstr(part));
    }
    EXPECT_EQ(occurrences(page, "<svg "), 3U);
    EXPECT_EQ(occurrences(page, "<img "), 1U);
    EXPECT_THAT(page, HasSubstr(fingerprint(sampleCampaign())));
}

// WCAG 2 asks for a contrast of 4.5 for text and of 3 for graphics.
TEST(Report, IsLegibleOnLightAndDarkScreens) {
    const auto page = samplePage(sampleCampaign());
    const auto dark = page.find("prefers-color-scheme:dark");
    const auto print = page.find("@media print");
    ASSERT_LT(dark, print);
    const auto light = page.substr(0, dark);
    for (const auto& style : {light, light + page.substr(dark, print - dark)}) {
        for (const char* paper : {"--paper", "--card"}) {
            const auto background = test::propertyIn(style, paper);
            for (const char* text : {"--ink", "--faint", "--accent"}) {
                EXPECT_GE(test::contrast(test::propertyIn(style, text), background), 4.5)
                    << text << " on " << background;
            }
            for (int curve = 0; curve < 8; ++curve) {
                const auto colour = test::propertyIn(style, "--curve" + std::to_string(curve));
                EXPECT_GE(test::contrast(colour, background), 3) << colour << " on " << background;
            }
        }
    }
    // Nothing of a plot keeps a colour of its own that one of the backgrounds swallows.
    for (const char* colour : {"black", "white", "rgb(0,0,0)", "#000"}) {
        EXPECT_EQ(occurrences(page.substr(page.find("<svg")), colour), 0U) << colour;
    }
}

TEST(Report, OfAProtectedCampaignTellsWhatTheCodecDidAndWhatItTook) {
    auto campaign = sampleCampaign();
    campaign.protection = "none,secded";
    campaign.detected = "zero-weight";
    campaign.networks[1] = campaign.networks[0];
    campaign.networks[1].name += "+secded";
    campaign.networks[1].protection = ProtectionSpec{"secded", 64, 8, 28, 4};
    const auto page = samplePage(campaign);
    expectWellFormed(page);
    for (const char* part :
         {"What protection takes", "28 + 4", "112.5", "weight nearest to zero", "miscorrected %",
          "silent %", "Only an emulator", "1 network under 2 protections on 3 chips", "none,secded",
          "zero-weight", "protected by secded (8 check bits for 64)"}) {
        EXPECT_THAT(page, HasSubstr(part));
    }
    EXPECT_THAT(samplePage(sampleCampaign()), Not(HasSubstr("What protection takes")));
}

// Two networks under two protections each have pairs that differ in one thing: two of networks, two
// of protections, at two points.
TEST(Report, ComparesCodecsOfOneNetworkAndNetworksUnderOneCodec) {
    auto campaign = sampleCampaign();
    for (int i = 0; i < 2; ++i) {
        campaign.networks.push_back(campaign.networks[static_cast<std::size_t>(i)]);
        campaign.networks.back().name += "+parity";
        campaign.networks.back().protection = ProtectionSpec{"parity", 64, 1, 31, 1};
    }
    const auto page = samplePage(campaign);
    EXPECT_THAT(page, HasSubstr("robust8 - normal8<"));
    EXPECT_THAT(page, HasSubstr("robust8 - robust8+parity<"));
    EXPECT_THAT(page, HasSubstr("robust8+parity - normal8+parity<"));
    EXPECT_THAT(page, Not(HasSubstr("robust8 - normal8+parity<")));
}

TEST(Report, HasNoTwoElementsOfTheSameName) {
    const auto page = samplePage(sampleCampaign());
    std::set<std::string> names;
    for (const auto& name : valuesOf(page, "id")) {
        EXPECT_TRUE(names.insert(name).second) << name;
    }
    EXPECT_GT(names.size(), 10U);
}

TEST(Report, HasTheSameBytesEachTime) {
    EXPECT_EQ(samplePage(sampleCampaign()), samplePage(sampleCampaign()));
}

TEST(Report, InUniformModeShowsErrorAgainstRateAndNoEnergy) {
    auto campaign = sampleCampaign();
    campaign.profile.reset();
    campaign.energySource.clear();
    campaign.points = {{"ber=0", {}, 0.0, 0.0, {}},
                       {"ber=0.001", {}, 0.001, 0.001, {}},
                       {"ber=0.01", {}, 0.01, 0.01, {}}};
    const auto page = samplePage(campaign);
    expectWellFormed(page);
    EXPECT_THAT(page, HasSubstr("Error against bit error rate"));
    EXPECT_THAT(page, Not(HasSubstr("Energy against")));
    EXPECT_THAT(page, Not(HasSubstr("energy saved")));
}

TEST(Report, ShowsTheErrorOfTheTopClassesAsAPlotOfItsOwn) {
    CampaignSpec campaign = sampleCampaign();
    campaign.top = 5;
    std::vector<TrialResult> trials = sampleTrials(campaign);
    for (TrialResult& trial : trials) {
        trial.counts.wrongCleanTop = trial.counts.wrongPerturbedTop = 1;
        trial.counts.wrongEitherTop = 1;
    }
    const std::string page = reportHtml(summarize(campaign, trials), {});
    for (const char* plot : {"<h3>Error against voltage", "<h3>Top-5 error against voltage",
                             "<h3>Top-5 error against energy"}) {
        EXPECT_THAT(page, HasSubstr(plot));
    }
    EXPECT_THAT(page, Not(HasSubstr("<h3>Robust error against")));
}

TEST(Report, SaysWhetherEnergyIsThatOfTheWeightMemoryOrOfAnAccelerator) {
    CampaignSpec campaign = sampleCampaign();
    const std::string memory = samplePage(campaign);
    EXPECT_THAT(memory, HasSubstr("access energy per inference"));
    EXPECT_THAT(memory, HasSubstr("access energy saved"));
    EXPECT_THAT(memory, HasSubstr("nothing else of the accelerator is counted"));
    campaign.accelerator = AcceleratorSpec{"systolic-8x8", "", ""};
    const std::string whole = samplePage(campaign);
    EXPECT_THAT(whole, Not(HasSubstr("access energy per inference")));
    EXPECT_THAT(whole, Not(HasSubstr("access energy saved")));
    EXPECT_THAT(whole, HasSubstr("One inference on systolic-8x8, all memories"));
}

TEST(Report, IsMadeOfWhateverThereIs) {
    const auto campaign = sampleCampaign();
    auto trials = sampleTrials(campaign);
    for (const std::size_t finished : {0U, 1U, 7U, 13U}) {
        trials.resize(finished);
        const auto page = reportHtml(summarize(campaign, trials), {});
        expectWellFormed(page);
        EXPECT_THAT(page, HasSubstr("This campaign is unfinished"));
        trials = sampleTrials(campaign);
    }
    auto single = campaign;
    single.networks.resize(1);
    single.points.resize(1);
    single.chips = 1;
    single.offsets = {0};
    const auto page = samplePage(single);
    expectWellFormed(page);
    EXPECT_THAT(page, HasSubstr("unknown from one chip"));
    EXPECT_THAT(page, Not(HasSubstr("against each other")));
}

TEST(Report, ShowsANetworkThatMakesNoErrorsBesideOneThatMakesMany) {
    const auto campaign = sampleCampaign();
    auto trials = sampleTrials(campaign);
    for (auto& trial : trials) {
        auto& counts = trial.counts;
        counts.wrongClean = 0;
        counts.wrongPerturbed = trial.key.network == 0 ? 0 : trial.key.point == 0 ? 1 : 90;
        counts.wrongEither = counts.wrongPerturbed;
    }
    expectWellFormed(reportHtml(summarize(campaign, trials), {}));
}

TEST(Report, TakesNamesAsTextWhateverTheyHold) {
    const TemporaryFolder folder;
    const auto canary = folder.path() / "canary";
    auto campaign = sampleCampaign();
    // gnuplot runs what stands between backquotes in its double-quoted strings.
    campaign.networks[0].name = "<b>'`touch " + canary.string() + "`\" & \\n $x {/=30 y}";
    campaign.points[0].label = "0.9\"`touch " + canary.string() + "`";
    campaign.profile->unit = "`touch " + canary.string() + "`";
    const auto page = samplePage(campaign);
    expectWellFormed(page);
    EXPECT_THAT(page, Not(HasSubstr("<b>")));
    EXPECT_THAT(page, HasSubstr("&lt;b&gt;"));
    EXPECT_THAT(page, HasSubstr("echo &quot;&lt;done&gt;&quot;"));
    EXPECT_FALSE(std::filesystem::exists(canary));
}

// Every way in which a name enters the page: as text and attribute, as a label of gnuplot, as a
// datum of gnuplot, as CSV.
TEST(Report, ShowsNamesThatAreNoTextAtAllAsText) {
    for (const std::string& name :
         {std::string("caf\xe9"), std::string("a\x1b[31mb"), std::string("nul\0byte", 8),
          std::string("BROWNOUT_END"), std::string("two\nlines"), std::string("end\\"),
          std::string("#c"), std::string("@macro ${x} %s"), std::string("\xe2\x80\xae txet"),
          std::string("\xed\xa0\x80"), std::string(300, 'n'), std::string("]]>&amp;")}) {
        auto campaign = sampleCampaign();
        campaign.networks[0].name = name;
        campaign.points[0].label = name + "1";
        campaign.profile->name = name;
        campaign.profile->unit = name;
        campaign.data.name = name;
        campaign.energySource = name;
        auto extras = sampleExtras();
        extras.command = name;
        extras.faultMap->point = name;
        const auto page = reportHtml(summarize(campaign, sampleTrials(campaign)), extras);
        expectWellFormed(page);
        EXPECT_EQ(validUtf8(page), page) << name;
        EXPECT_EQ(printable(page), page) << name;
        EXPECT_EQ(test::marksOf(page, "Error against voltage").size(), 4U) << name;
        EXPECT_EQ(occurrences(page, "<svg "), 3U);
    }
}

TEST(Report, IsWrittenWholeOrNotAtAll) {
    const TemporaryFolder folder;
    const auto campaign = sampleCampaign();
    const auto summary = summarize(campaign, sampleTrials(campaign));
    const auto path = folder.path() / "report.html";
    writeReport(path, summary, sampleExtras());
    EXPECT_EQ(readFile(path), reportHtml(summary, sampleExtras()));
    const auto nowhere = folder.path() / "none" / "report.html";
    EXPECT_THAT(errorOf([&] { writeReport(nowhere, summary, {}); }),
                StartsWith(nowhere.string() + ": "));
}

TEST(Gnuplot, ThatIsMissingIsNamed) {
    EXPECT_THAT(errorOf([] { runGnuplot("plot x", "no-such-gnuplot"); }),
                StartsWith("no-such-gnuplot: cannot be started (No such file or directory)"));
}

TEST(Gnuplot, ThatHangsIsStopped) {
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ(errorOf([] { runGnuplot("pause 600\n", "gnuplot", std::chrono::milliseconds(300)); }),
              "gnuplot: was still drawing after 0.3 s and was stopped");
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(60));
}

TEST(Gnuplot, ThatFailsIsQuoted) {
    EXPECT_THAT(errorOf([] { runGnuplot("set terminal svg\nplot nonsense\n"); }),
                testing::AllOf(StartsWith("gnuplot: failed and said: "), HasSubstr("nonsense")));
    EXPECT_THAT(errorOf([] { runGnuplot("exit\n"); }), StartsWith("gnuplot: failed without"));
}

TEST(Gnuplot, LabelsAnAxisAtRoundNumbersThatAreNotTooMany) {
    EXPECT_EQ(linearXTics(0.8, 0.9), "set xtics 0.02\n");
    EXPECT_EQ(linearXTics(0.73, 1.02), "set xtics 0.05\n");
    EXPECT_EQ(linearXTics(0, 14), "set xtics 2\n");
    EXPECT_EQ(linearXTics(1, 1), "");
}

TEST(OperatingPoint, IsTheHarshestUpToWhichEveryPointIsTolerable) {
    auto campaign = sampleCampaign();
    campaign.networks.resize(1);
    campaign.points = {{"0.8", 0.8, {}, 0, {}}, {"1", 1.0, {}, 0, {}}, {"0.9", 0.9, {}, 0, {}}};
    EXPECT_THAT(pointsMildestFirst(campaign), testing::ElementsAre(1, 2, 0));
    auto trials = sampleTrials(campaign);
    const auto set = [&](std::uint32_t point, std::uint64_t wrong) {
        for (auto& trial : trials) {
            if (trial.key.point != point) continue;
            trial.counts.wrongPerturbed = wrong + trial.key.chip % 2;
            trial.counts.wrongEither = trial.counts.wrongPerturbed;
        }
    };
    // 4 wrong clean; one chip of three one more: 4.33 + 4.30 x 0.577 / sqrt(3) = 5.77 %, and
    // stretched, because one chip has all the harm, 4.33 + 1.43 (1 + 6 K) = 13.09 % with K = 0.850.
    set(1, 4);
    set(2, 4);
    set(0, 4);
    EXPECT_EQ(harshestTolerable(summarize(campaign, trials), 0, 0.10), 0U);
    EXPECT_EQ(harshestTolerable(summarize(campaign, trials), 0, 0.08), std::nullopt);
    set(2, 30);
    EXPECT_EQ(harshestTolerable(summarize(campaign, trials), 0, 0.10), 1U)
        << "0.8 is no help where 0.9 fails";
}

TEST(OperatingPoint, IsUnknownFromOneChip) {
    auto campaign = sampleCampaign();
    campaign.chips = 1;
    campaign.offsets = {0};
    EXPECT_EQ(harshestTolerable(summarize(campaign, sampleTrials(campaign)), 0, 1.0), std::nullopt);
}

}  // namespace
}  // namespace brownout
