#include "suggestion.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace visema::cli {
namespace {

/// Edits from one word to the other (Levenshtein), one row at a time.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = std::exchange(row[j + 1], std::min({replaced, row[j] + 1, row[j + 1] + 1}));
    }
  }
  return row.back();
}

}  // namespace

std::string nearest(std::string_view word, const std::vector<std::string>& known) {
  std::string best;
  std::size_t least = word.size();
  for (const auto& candidate : known) {
    const std::size_t edits =
        !word.empty() && candidate.starts_with(word) ? 1 : distance(word, candidate);
    if (edits * 3 > std::max(candidate.size(), word.size()) || edits >= least) continue;
    least = edits;
    best = candidate;
  }
  return best;
}

std::string suggestion(std::string_view word, const std::vector<std::string>& known,
                       std::string_view prefix) {
  const std::string meant = nearest(word, known);
  return meant.empty() ? "" : "; did you mean " + std::string(prefix) + meant + "?";
}

}  // namespace visema::cli
