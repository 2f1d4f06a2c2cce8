#include <algorithm>

#include "report_text.h"
#include "visema/evaluation/report_writers.h"

namespace visema {

std::string evaluation_junit(std::span<const EvaluationReport> reports) {
  std::size_t tests = 0;
  std::size_t failures = 0;
  std::size_t errors = 0;
  double seconds = 0;
  std::string suites;
  for (const EvaluationReport& report : reports) {
    const auto& required = report.requirements;
    const auto failed = static_cast<std::size_t>(
        std::count_if(required.begin(), required.end(), [](const auto& r) { return !r.holds; }));
    const std::size_t broken = report.error.empty() ? 0 : 1;
    const std::size_t count = std::max(required.size() + broken, std::size_t{1});
    tests += count;
    failures += failed;
    errors += broken;
    seconds += report.wall_seconds;
    const std::string name = escape_markup(report.video.path);
    suites += "  <testsuite name=\"" + name + "\" tests=\"" + std::to_string(count) +
              "\" failures=\"" + std::to_string(failed) + "\" errors=\"" + std::to_string(broken) +
              "\" skipped=\"0\" time=\"" + std::to_string(report.wall_seconds) + "\">\n";
    if (broken > 0)
      suites += "    <testcase classname=\"" + name +
                "\" name=\"measured\" time=\"0\">\n      <error message=\"" +
                escape_markup(report.error) + "\"/>\n    </testcase>\n";
    else if (required.empty())
      suites += "    <testcase classname=\"" + name + "\" name=\"measured\" time=\"0\"/>\n";
    for (const Requirement& r : required) {
      suites += "    <testcase classname=\"" + name + "\" name=\"" + escape_markup(r.expression) +
                "\" time=\"0\"";
      suites += r.holds ? "/>\n"
                        : ">\n      <failure message=\"" + escape_markup(r.message) +
                              "\"/>\n    </testcase>\n";
    }
    suites += "  </testsuite>\n";
  }
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"visema eval\" tests=\"" +
         std::to_string(tests) + "\" failures=\"" + std::to_string(failures) + "\" errors=\"" +
         std::to_string(errors) + "\" time=\"" + std::to_string(seconds) + "\">\n" + suites +
         "</testsuites>\n";
}

}  // namespace visema
