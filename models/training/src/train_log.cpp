#include "train_log.h"

#include <cstdio>
#include <iostream>

#include "log_page.h"
#include "visema/core/error.h"

namespace visema::training {

TrainLog::TrainLog(const std::filesystem::path& path) : path_(path) {
  if (path_.empty()) return;
  file_.open(path_, std::ios::app);
  if (!file_) throw Error(ErrorCode::kOutput, path_.string() + ": cannot be written");
}

void TrainLog::line(const std::string& kind, long step, double minutes,
                    const std::vector<std::pair<std::string, double>>& values) {
  char number[64];
  std::snprintf(number, sizeof number, "\t%ld\t%.2f", step, minutes);
  std::string text = kind + number;
  for (const auto& [name, value] : values) {
    std::snprintf(number, sizeof number, "\t%.5g", value);
    text += "\t" + name + number;
  }
  std::cout << text << std::endl;
  if (!file_.is_open()) return;
  if (!(file_ << text << std::endl))
    throw Error(ErrorCode::kOutput, path_.string() + ": cannot be written");
  if (kind != "train") write_log_page(path_, sheet_);
}

void TrainLog::show(const std::filesystem::path& sheet) {
  sheet_ = sheet;
  if (file_.is_open()) write_log_page(path_, sheet_);
}

void TrainLog::note(const std::string& text) {
  std::cout << "# " << text << std::endl;
}

}  // namespace visema::training
