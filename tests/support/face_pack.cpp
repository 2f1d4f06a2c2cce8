#include "face_pack.h"

#include <cmath>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "visema/models/tensor_file.h"

namespace visema::test {
namespace {

constexpr int kSide = 128, kPoints = 131, kFirstMoved = 74;
constexpr int kMouthRow = 96, kMostOpen = 25;

double openness(int clip, std::int64_t frame) {
  return 0.5 + 0.5 * std::sin(1.7 * static_cast<double>(frame) + clip);
}

struct Faces {
  std::vector<std::uint8_t> pixels;
  std::vector<std::int32_t> frame, size;
  std::vector<float> points;

  Faces(int clip, std::int64_t frames, int count) {
    for (int n = 0; n < count; ++n) {
      frame.push_back(static_cast<std::int32_t>(n * (frames / count)));
      const double open = kMostOpen * openness(clip, frame.back());
      for (int p = 0; p < 3 * kSide * kSide; ++p)
        pixels.push_back(std::abs(p / kSide % kSide - kMouthRow) < open ? 40 : 150 + 10 * clip);
    }
    for (std::int64_t i = 0; i < frames; ++i) {
      size.insert(size.end(), {100, 120});
      const auto shift = static_cast<float>(0.1 * openness(clip, i));
      for (int p = 0; p < kPoints; ++p)
        points.insert(points.end(), {0.1F + 0.006F * static_cast<float>(p),
                                     p < kFirstMoved ? 0.3F : 0.7F + shift});
    }
  }
};

}  // namespace

void add_whole_faces(const std::filesystem::path& pack, int count) {
  const std::filesystem::path path = pack / "clips-000.safetensors";
  const TensorFile shard = TensorFile::open(path);
  std::map<std::string, Tensor> tensors;
  std::vector<std::string> ids;
  for (const std::string& name : shard.names()) {
    tensors[name] = shard.get(name);
    if (name.ends_with("/time")) ids.push_back(name.substr(0, name.rfind('/')));
  }
  std::vector<Faces> faces;
  faces.reserve(ids.size());
  for (std::size_t c = 0; c < ids.size(); ++c) {
    const std::int64_t frames = shard.get(ids[c] + "/time").shape[0];
    const Faces& own = faces.emplace_back(static_cast<int>(c), frames, count);
    tensors[ids[c] + "/face"] = view_of(own.pixels, {count, 3, kSide, kSide});
    tensors[ids[c] + "/face_frame"] = view_of(own.frame, {count});
    tensors[ids[c] + "/face_points"] = view_of(own.points, {frames, kPoints, 2});
    tensors[ids[c] + "/face_size"] = view_of(own.size, {frames, 2});
  }
  write_tensor_file(path, tensors);
}

}  // namespace visema::test
