#include <array>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "scratch_file.h"
#include "targets.h"
#include "visema/core/error.h"
#include "visema/core/sha256.h"
#include "visema/landmarks/avatar.h"
#include "visema/models/tensor_file.h"

namespace visema::fuzz {
namespace {

/// Takes bytes from the front; zeros when there are none left.
class Bytes {
 public:
  explicit Bytes(std::span<const std::byte> bytes) : rest_(bytes) {}
  unsigned next() {
    if (rest_.empty()) return 0;
    const auto value = static_cast<unsigned>(rest_.front());
    rest_ = rest_.subspan(1);
    return value;
  }
  /// The rest as ASCII, since metadata is text.
  std::string text() const {
    std::string text;
    for (const std::byte byte : rest_) text += static_cast<char>(byte & std::byte{0x7F});
    return text;
  }

 private:
  std::span<const std::byte> rest_;
};

struct Part {
  std::string dtype;
  std::vector<std::int64_t> shape;
  std::vector<std::byte> bytes;
};

/// The right part, or one with a fault that `fault` selects.
Part make_part(std::string dtype, std::vector<std::int64_t> shape, unsigned fault, unsigned fill) {
  if (fault == 2) dtype = "U8";
  if (fault == 3) dtype = "F16";
  if (fault == 4) dtype = "I64";
  if (fault == 5 && !shape.empty()) shape[0] += 1;
  if (fault == 6 && !shape.empty()) shape.back() = 0;
  if (fault == 7) shape = {7};
  std::size_t size = dtype_size(dtype);
  for (const auto side : shape) size *= static_cast<std::size_t>(side);
  return {dtype, shape, std::vector<std::byte>(size, static_cast<std::byte>(fill))};
}

/// The checksum that the reader expects, so that it reads on to the parts.
std::string checksum(const std::map<std::string, Tensor>& tensors) {
  std::string digests;
  for (const auto& [name, tensor] : tensors) digests += name + sha256_hex(tensor.bytes);
  return sha256_hex(std::as_bytes(std::span(digests)));
}

/// Writes an avatar whose checksum is right and whose parts have faults.
void write_faulty(Bytes bytes, const std::filesystem::path& path) {
  const auto frames = static_cast<std::int64_t>(bytes.next() % 4);
  const auto references = static_cast<std::int64_t>(bytes.next() % 4);
  const auto speech = static_cast<std::int64_t>(bytes.next() % 5);
  const bool still = bytes.next() % 2 == 0;
  std::map<std::string, Part> parts;
  const auto add = [&](const std::string& name, const char* dtype,
                       std::vector<std::int64_t> shape) {
    const unsigned fault = bytes.next() % 16;
    const unsigned fill = bytes.next();
    if (fault != 1) parts[name] = make_part(dtype, std::move(shape), fault, fill);
  };
  add("frames.time", "F32", {frames});
  add("frames.score", "F32", {frames});
  add("frames.mesh", "F32", {frames, kMeshPoints, 3});
  add("frames.pose", "F32", {frames, 13});
  add("rest", "F32", {kMeshPoints, 3});
  add("speech_references", "F32", {speech, kMeshPoints, 3});
  add("references.mesh", "F32", {references, kMeshPoints, 3});
  add("references.pose", "F32", {references, 13});
  add("references.gap", "F32", {references});
  for (std::int64_t i = 0; i < references; ++i)
    add("references.picture." + std::to_string(i), "U8", {4, 6, 3});
  add(still ? "picture" : "media", "U8", {8, 8, 3});

  std::string about = bytes.text();
  if (about.empty())
    about = std::string(R"({"version":1,"still":)") + (still ? "true" : "false") +
            R"(,"width":8,"height":8,"fps_num":25,"fps_den":1,"references":)" +
            std::to_string(references) + "}";
  std::map<std::string, Tensor> tensors;
  for (const auto& [name, part] : parts) tensors[name] = {part.dtype, part.shape, part.bytes};
  write_tensor_file(path, tensors,
                    {{"network", "visema-avatar"},
                     {"version", std::to_string(kAvatarVersion)},
                     {"avatar", about},
                     {"sha256", checksum(tensors)}});
}

}  // namespace

void avatar(std::span<const std::byte> bytes) try {
  static const ScratchFolder folder;
  const auto path = folder.path() / "fuzz.avatar";
  Bytes input(bytes);
  if (input.next() % 2 == 0)
    write_bytes(path, bytes.subspan(bytes.empty() ? 0 : 1));
  else
    write_faulty(input, path);
  const Avatar avatar = load_avatar(path);
  require(!avatar.frames.empty() && !avatar.references.empty(), "an avatar has a face");
  require(avatar.frames_without_face() <= static_cast<std::int64_t>(avatar.frames.size()),
          "no more frames without a face than frames");
  for (const auto& reference : avatar.references)
    require(reference.picture.rgb.size() == static_cast<std::size_t>(reference.picture.width) *
                                                static_cast<std::size_t>(reference.picture.height) *
                                                3,
            "a picture has its pixels");
} catch (const Error&) {
}

}  // namespace visema::fuzz
