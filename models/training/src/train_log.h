#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

namespace visema::training {

/// Tab-separated lines "kind step minutes name value name value ..." to the console and, if a path
/// is given, at the end of a file, beside which a page (PATH.html) draws their curves. A page that
/// cannot be written is a remark, not the end of a training.
class TrainLog {
 public:
  /// Throws Error(kOutput). An empty path: console only.
  explicit TrainLog(const std::filesystem::path& path);

  void line(const std::string& kind, long step, double minutes,
            const std::vector<std::pair<std::string, double>>& values);
  /// The latest sheet of samples, for the page.
  void show(const std::filesystem::path& sheet);
  /// A remark, console only.
  void note(const std::string& text);

 private:
  void draw();

  std::filesystem::path path_, sheet_;
  bool has_page_ = false;
  std::ofstream file_;
};

}  // namespace visema::training
