#pragma once

#include <string>
#include <vector>

namespace visema::batch {

/// Lines of text over a socket that others own.
class LineSocket {
 public:
  explicit LineSocket(int descriptor) : descriptor_(descriptor) {}

  /// False when the other end is closed.
  bool send(const std::string& line) const;
  /// Waits for something and appends the lines that are whole. False at the end.
  bool receive(std::vector<std::string>& lines);

 private:
  int descriptor_;
  std::string rest_;
};

}  // namespace visema::batch
