#pragma once

#include <span>

#include "visema/core/socket.h"

namespace visema::session {

/// Memory of one picture's planes [13, 192, 192] and their result [4, 192, 192] that two processes
/// see. Who may write is the owner's matter.
class SharedPicture {
 public:
  /// New memory, whose size nobody can change any more. Throws Error(kInternal).
  static SharedPicture create();
  /// That of the other process. Throws Error(kInternal).
  explicit SharedPicture(FileDescriptor file);
  ~SharedPicture();
  SharedPicture(SharedPicture&& other) noexcept;
  SharedPicture& operator=(SharedPicture&&) = delete;

  int file() const { return file_.number(); }
  std::span<float> planes() const;
  std::span<float> result() const;

 private:
  FileDescriptor file_;
  float* data_ = nullptr;
};

/// A file in memory with these bytes. Throws Error(kInternal).
FileDescriptor file_with(std::span<const std::byte> bytes);

}  // namespace visema::session
