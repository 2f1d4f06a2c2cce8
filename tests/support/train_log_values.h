#pragma once

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace visema::test {

/// Every value called `name` in a training log's lines of a kind.
inline std::vector<double> values_of(const std::filesystem::path& log, const std::string& kind,
                                     const std::string& name) {
  std::vector<double> values;
  std::ifstream file(log);
  for (std::string text; std::getline(file, text);) {
    std::istringstream words(text);
    std::string word;
    words >> word;
    if (word != kind) continue;
    while (words >> word)
      if (word == name) {
        words >> word;
        values.push_back(std::stod(word));
      }
  }
  return values;
}

}  // namespace visema::test
