#include "visema/evaluation/requirement.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <utility>

#include "visema/core/error.h"
#include "visema/evaluation/measures.h"

namespace visema {
namespace {

constexpr std::array<std::pair<std::string_view, Comparison>, 6> kOperators = {
    {{"<=", Comparison::kAtMost},
     {">=", Comparison::kAtLeast},
     {"==", Comparison::kEqual},
     {"!=", Comparison::kUnequal},
     {"<", Comparison::kLess},
     {">", Comparison::kMore}}};

std::string_view trimmed(std::string_view text) {
  const auto is_space = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

[[noreturn]] void reject(std::string_view expression, const std::string& why) {
  throw Error(ErrorCode::kUsage, "requirement \"" + std::string(expression) + "\": " + why);
}

double number_of(std::string_view expression, std::string_view text) {
  text = trimmed(text);
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(number))
    reject(expression, "\"" + std::string(text) + "\" must be a number");
  return number;
}

/// Letters in common at the start, and the same group: how near a name is.
std::size_t likeness(std::string_view a, std::string_view b) {
  std::size_t common = 0;
  for (std::size_t i = 0; i + 3 <= a.size(); ++i)
    common += b.find(a.substr(i, 3)) != std::string_view::npos ? 1 : 0;
  return common;
}

std::string nearest_measures(std::string_view name) {
  std::vector<std::pair<std::size_t, std::string_view>> ranked;
  for (const MeasureInfo& m : measures()) ranked.emplace_back(likeness(name, m.name), m.name);
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  std::string text;
  for (std::size_t i = 0; i < 3; ++i) text += (i == 0 ? "" : ", ") + std::string(ranked[i].second);
  return text;
}

void set_measure(RequirementRule& rule, std::string_view name) {
  rule.measure = std::string(trimmed(name));
  if (rule.measure.empty()) reject(rule.expression, "a measure must come first");
  if (find_measure(rule.measure) == nullptr)
    reject(rule.expression, "\"" + rule.measure + "\" is no measure; near are " +
                                nearest_measures(rule.measure) + " (docs/metrics.md has all)");
}

bool holds(const RequirementRule& rule, double value) {
  switch (rule.comparison) {
    case Comparison::kLess:
      return value < rule.low;
    case Comparison::kAtMost:
      return value <= rule.low;
    case Comparison::kMore:
      return value > rule.low;
    case Comparison::kAtLeast:
      return value >= rule.low;
    case Comparison::kEqual:
      return value == rule.low;
    case Comparison::kUnequal:
      return value != rule.low;
    case Comparison::kIn:
      return value >= rule.low && value <= rule.high;
  }
  return false;
}

/// With six digits, or as many more as it takes until what is printed `says` what it must.
std::string number_text(double number, const auto& says) {
  std::array<char, 40> text{};
  for (int digits = 6; digits <= std::numeric_limits<double>::max_digits10; ++digits) {
    std::snprintf(text.data(), text.size(), "%.*g", digits, number);
    if (says(std::strtod(text.data(), nullptr))) break;
  }
  return text.data();
}

std::string limit_text(const RequirementRule& rule) {
  const auto exact = [](double limit) {
    return number_text(limit, [&](double printed) { return printed == limit; });
  };
  if (rule.comparison == Comparison::kIn) return "in " + exact(rule.low) + ".." + exact(rule.high);
  std::string text;
  for (const auto& [symbol, comparison] : kOperators)
    if (comparison == rule.comparison) text = std::string(symbol) + " " + exact(rule.low);
  return text;
}

}  // namespace

RequirementRule parse_requirement(std::string_view expression) {
  RequirementRule rule;
  rule.expression = std::string(trimmed(expression));
  const std::string_view text = rule.expression;
  const std::size_t in = text.find(" in ");
  if (in != std::string_view::npos) {
    set_measure(rule, text.substr(0, in));
    const std::string_view range = text.substr(in + 4);
    const std::size_t dots = range.find("..");
    if (dots == std::string_view::npos || range.substr(dots).starts_with("..."))
      reject(text, "\"" + std::string(trimmed(range)) +
                       "\" must be a range such as -1..1, with two points between its ends");
    rule.comparison = Comparison::kIn;
    rule.low = number_of(text, range.substr(0, dots));
    rule.high = number_of(text, range.substr(dots + 2));
    if (rule.low > rule.high) reject(text, "the range must not end before it begins");
    return rule;
  }
  const std::size_t at = text.find_first_of("<>=!");
  if (at == std::string_view::npos)
    reject(text, "must be MEASURE OPERATOR NUMBER with one of < <= > >= == !=, or MEASURE in A..B");
  set_measure(rule, text.substr(0, at));
  for (const auto& [symbol, comparison] : kOperators) {
    if (!text.substr(at).starts_with(symbol)) continue;
    rule.comparison = comparison;
    rule.low = rule.high = number_of(text, text.substr(at + symbol.size()));
    return rule;
  }
  reject(text, "\"" + std::string(text.substr(at, 1)) + "\" must be one of < <= > >= == !=");
}

Requirement check(const RequirementRule& rule, const EvaluationReport& report) {
  Requirement result;
  result.expression = rule.expression;
  result.measure = rule.measure;
  const Figure* figure = report.figure(rule.measure);
  if (figure == nullptr || !figure->value) {
    result.message = rule.measure + " could not be measured" +
                     (figure == nullptr || figure->why.empty() ? "" : ": " + figure->why);
    return result;
  }
  result.value = figure->value;
  result.holds = holds(rule, *figure->value);
  const std::string value = number_text(
      *figure->value, [&](double printed) { return holds(rule, printed) == result.holds; });
  result.message = rule.measure + " is " + value +
                   (result.holds ? ", as it must be: " : ", must be ") + limit_text(rule);
  return result;
}

}  // namespace visema
