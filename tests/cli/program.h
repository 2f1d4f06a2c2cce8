#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

namespace visema::cli {

struct Finished {
  int code = 0;  // -1: ended by a signal
  std::string out;
  std::string err;
};

/// A run of the built program.
class Program {
 public:
  /// Starts it; both outputs are pipes or files, so it sees no terminal.
  Program(const std::vector<std::string>& arguments, const std::filesystem::path& folder);
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  void signal(int number) const;
  /// Until it ends; after ten minutes it is killed.
  Finished wait();

 private:
  int pid_ = -1;
  std::filesystem::path out_;
  std::filesystem::path err_;
};

/// Runs the program in a folder of the test's own, removed with it.
class ProgramTest : public testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

  Finished run(const std::vector<std::string>& arguments) const;
  std::filesystem::path write(const std::string& name, const std::string& text) const;

  std::filesystem::path folder_;
};

std::string read_text(const std::filesystem::path& path);

}  // namespace visema::cli
