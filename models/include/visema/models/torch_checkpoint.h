#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace visema {

/// The tensors of a state_dict that Python's torch.save wrote: in the format before PyTorch 1.6 and
/// in the ZIP format since. Reads the dict itself or the one under its key "state_dict"; a leading
/// "module." (DataParallel) of names is dropped; entries that are no tensors are passed over.
/// Nothing in the file is executed: a file that wants to call anything but what makes tensors is
/// refused and the message names it. Names, shapes and places are checked when it is opened; the
/// numbers are read on demand. Copies share the mapping. Throws Error(kModel) that names the file;
/// kInput when it cannot be read.
class TorchCheckpoint {
 public:
  static TorchCheckpoint open(const std::filesystem::path& path);
  static TorchCheckpoint from_bytes(std::vector<std::byte> bytes, std::string name = "memory");

  /// In the order of the file.
  const std::vector<std::string>& names() const;
  bool contains(const std::string& name) const;
  /// Throws like floats() when there is no such tensor.
  const std::vector<std::int64_t>& shape(const std::string& name) const;
  /// As safetensors spells it.
  std::string dtype(const std::string& name) const;
  /// Row major, whatever the dtype and strides in the file. A tensor may be far larger than the
  /// file (stride 0), so look at its shape first.
  std::vector<float> floats(const std::string& name) const;
  /// The same, and the shape must be the one given.
  std::vector<float> floats(const std::string& name, const std::vector<std::int64_t>& shape) const;

  /// Of the whole file, 64 hex digits.
  std::string sha256() const;
  /// What messages call this file.
  const std::string& source() const;

 private:
  struct Content;
  explicit TorchCheckpoint(std::shared_ptr<const Content> content) : content_(std::move(content)) {}
  static TorchCheckpoint parse(std::shared_ptr<Content> content);
  std::shared_ptr<const Content> content_;
};

}  // namespace visema
