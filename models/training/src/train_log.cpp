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
  has_page_ = std::filesystem::is_regular_file(path_);
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
  if (kind != "train") draw();
}

void TrainLog::draw() {
  if (!has_page_) return;
  try {
    write_log_page(path_, sheet_);
  } catch (const std::exception& error) {
    has_page_ = false;
    note(std::string("no page of curves: ") + error.what());
  }
}

void TrainLog::show(const std::filesystem::path& sheet) {
  sheet_ = sheet;
  draw();
}

void TrainLog::note(const std::string& text) {
  std::cout << "# " << text << std::endl;
}

}  // namespace visema::training
