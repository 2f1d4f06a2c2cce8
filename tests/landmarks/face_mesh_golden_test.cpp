// The mesh against MediaPipe's own runtime: one fresh detection and one pass a picture.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>

#include "face_fixture.h"
#include "visema/landmarks/face_detector.h"
#include "visema/landmarks/face_mesh_net.h"
#include "visema/landmarks/face_regions.h"
#include "visema/media/video_reader.h"

namespace visema {
namespace {

struct Golden {
  std::string name;
  FrameIndex frame = 0;
  int width = 0, height = 0;
  std::optional<FaceMesh> mesh;  // pixels
};

std::vector<Golden> read_golden(const std::filesystem::path& path) {
  std::vector<Golden> result;
  std::ifstream stream(path);
  for (std::string line; std::getline(stream, line);) {
    const auto json = nlohmann::json::parse(line);
    Golden golden;
    golden.name = json.at(json.contains("clip") ? "clip" : "image").get<std::string>();
    golden.frame = json.value("frame", FrameIndex{0});
    if (!json.at("points").is_null()) {
      golden.width = json.at("width");
      golden.height = json.at("height");
      const auto width = static_cast<float>(golden.width);
      const auto height = static_cast<float>(golden.height);
      FaceMesh& mesh = golden.mesh.emplace();
      for (int i = 0; i < kMeshPoints; ++i) {
        const auto& point = json["points"][i];
        mesh[i] = {point[0].get<float>() * width, point[1].get<float>() * height,
                   point[2].get<float>() * width};
      }
    }
    result.push_back(std::move(golden));
  }
  return result;
}

/// Mean distances in percent of the distance between the irises.
struct Difference {
  double all = 0, lips = 0, eyes = 0;
};

template <std::size_t N>
double mean_distance(const FaceMesh& a, const FaceMesh& b,
                     const std::array<std::uint16_t, N>& points) {
  double sum = 0;
  for (const auto i : points) sum += std::hypot(a[i].x - b[i].x, a[i].y - b[i].y);
  return sum / N;
}

Difference compare(const FaceMesh& mine, const FaceMesh& golden) {
  const double unit =
      std::hypot(golden[468].x - golden[473].x, golden[468].y - golden[473].y) / 100;
  std::array<std::uint16_t, kMeshPoints> all{};
  for (int i = 0; i < kMeshPoints; ++i) all[i] = static_cast<std::uint16_t>(i);
  const double eyes =
      mean_distance(mine, golden, kLeftEye) + mean_distance(mine, golden, kRightEye);
  return {mean_distance(mine, golden, all) / unit, mean_distance(mine, golden, kLips) / unit,
          eyes / 2 / unit};
}

/// What Chromium made of these pictures before MediaPipe saw them: they came as PNG files whose
/// gAMA chunk says 1 / 1.961 (what ffmpeg writes for BT.709 video), and were converted to sRGB.
void apply_png_gamma(Image& image) {
  std::array<std::uint8_t, 256> table{};
  for (int i = 0; i < 256; ++i) {
    const double linear = std::pow(i / 255.0, 1.961);
    const double srgb =
        linear <= 0.0031308 ? 12.92 * linear : 1.055 * std::pow(linear, 1 / 2.4) - 0.055;
    table[i] = static_cast<std::uint8_t>(std::lround(255 * srgb));
  }
  for (auto& value : image.rgb) value = table[value];
}

/// Clips of the golden set whose streams are marked as BT.709.
const std::set<std::string> kMarkedBt709 = {
    "clips/grid-gt/0004.mp4",   "clips/liveportrait-silent/0008.mp4",
    "clips/selfie/0001.mp4",    "clips/speakervid/0006.mp4",
    "clips/talkvid/0005.mp4",   "clips/voxceleb-b/0001.mp4",
    "clips/voxceleb-b/0003.mp4"};

/// A frame as the ffmpeg program converts it, which is what the golden frames were made with: its
/// chroma is not interpolated and pixels are not stretched to squares. Empty without that program.
Image convert_frame(const std::filesystem::path& path, FrameIndex index) {
  const std::string command = "ffmpeg -v error -i '" + path.string() + "' -vf 'select=eq(n\\," +
                              std::to_string(index) +
                              ")' -frames:v 1 -f image2pipe -c:v ppm - 2>/dev/null";
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(::popen(command.c_str(), "r"),
                                                             &::pclose);
  int width = 0, height = 0;
  if (!pipe || std::fscanf(pipe.get(), "P6 %d %d 255", &width, &height) != 2) return {};
  std::fgetc(pipe.get());
  Image image(width, height);
  const bool whole =
      std::fread(image.rgb.data(), 1, image.rgb.size(), pipe.get()) == image.rgb.size();
  return whole ? image : Image();
}

Image read_frame(const std::filesystem::path& path, FrameIndex index) {
  VideoReader reader(path);
  for (FrameIndex i = 0; i < index; ++i) reader.skip();
  auto frame = reader.read();
  return frame ? std::move(frame->image) : Image();
}

class FaceMeshGolden : public ::testing::Test {
 protected:
  struct Networks {
    explicit Networks(const std::filesystem::path& models)
        : detector(models / "face_detector.safetensors"), mesh(models / "face_mesh.safetensors") {}
    FaceDetector detector;
    FaceMeshNetwork mesh;
  };

  static std::optional<FaceMesh> mesh_of(const Networks& networks, const Image& image) {
    const auto faces = networks.detector.detect(image);
    if (faces.empty()) return std::nullopt;
    const auto result = networks.mesh.infer(image, region_of(faces.front()));
    if (result.score < 0.5f) return std::nullopt;
    return result.mesh;
  }
};

TEST_F(FaceMeshGolden, PortraitsAgreeWithMediaPipe) {
  VISEMA_NEED_MODELS(models);
  const auto golden_file = shared_golden() / "face_mesh/portraits.jsonl";
  VISEMA_NEED_FILE(golden_file);
  VISEMA_NEED_FILE(shared_data() / "portraits");
  const Networks networks(models);
  int frontal = 0;
  for (const auto& golden : read_golden(golden_file)) {
    SCOPED_TRACE(golden.name);
    const auto mesh = mesh_of(networks, read_image(shared_data() / golden.name));
    ASSERT_EQ(mesh.has_value(), golden.mesh.has_value());
    if (!mesh) continue;
    const Difference difference = compare(*mesh, *golden.mesh);
    std::cout << golden.name << ": all " << difference.all << " %, lips " << difference.lips
              << " %, eyes " << difference.eyes << " %\n";
    // Paintings, a monkey and small or turned faces hang more on how a JPEG was decoded.
    const bool strict = golden.name.find("photo-front") != std::string::npos;
    frontal += strict;
    EXPECT_LT(difference.all, strict ? 1.0 : 2.0);
    EXPECT_LT(difference.lips, strict ? 0.5 : 2.0);
    EXPECT_LT(difference.eyes, strict ? 0.5 : 2.0);
  }
  EXPECT_GE(frontal, 6);
}

TEST_F(FaceMeshGolden, FramesAgreeWithMediaPipe) {
  VISEMA_NEED_MODELS(models);
  const auto golden_file = shared_golden() / "face_mesh/frames.jsonl";
  VISEMA_NEED_FILE(golden_file);
  VISEMA_NEED_FILE(shared_data() / "clips");
  const Networks networks(models);
  double worst = 0, sum = 0;
  int count = 0;
  for (const auto& golden : read_golden(golden_file)) {
    SCOPED_TRACE(golden.name);
    Image image = convert_frame(shared_data() / golden.name, golden.frame);
    if (image.empty()) GTEST_SKIP() << "the ffmpeg program is not there";
    if (kMarkedBt709.contains(golden.name)) apply_png_gamma(image);
    const auto mesh = mesh_of(networks, image);
    ASSERT_TRUE(mesh.has_value());
    const Difference difference = compare(*mesh, *golden.mesh);
    worst = std::max({worst, difference.all, difference.lips, difference.eyes});
    sum += difference.all;
    ++count;
    EXPECT_LT(difference.all, 0.5);
    EXPECT_LT(difference.lips, 0.5);
    EXPECT_LT(difference.eyes, 0.5);
  }
  std::cout << "frames: mean " << sum / count << " %, worst " << worst << " %\n";
}

// Our own decoder's pixels differ by one or two levels, which can move the detector's box.
TEST_F(FaceMeshGolden, OwnDecoderChangesLittle) {
  VISEMA_NEED_MODELS(models);
  const auto golden_file = shared_golden() / "face_mesh/frames.jsonl";
  VISEMA_NEED_FILE(golden_file);
  VISEMA_NEED_FILE(shared_data() / "clips");
  const Networks networks(models);
  double lips = 0;
  int count = 0;
  for (const auto& golden : read_golden(golden_file)) {
    SCOPED_TRACE(golden.name);
    Image image = read_frame(shared_data() / golden.name, golden.frame);
    if (kMarkedBt709.contains(golden.name)) apply_png_gamma(image);
    const bool stretched = image.width != golden.width || image.height != golden.height;
    if (stretched) continue;  // golden pictures do not have square pixels there
    const auto mesh = mesh_of(networks, image);
    ASSERT_TRUE(mesh.has_value());
    const Difference difference = compare(*mesh, *golden.mesh);
    EXPECT_LT(difference.all, 1.0);
    EXPECT_LT(difference.eyes, 1.0);
    EXPECT_LT(difference.lips, 1.5);
    lips += difference.lips;
    ++count;
  }
  std::cout << "own decoder: lips " << lips / count << " % over " << count << " frames\n";
  EXPECT_LT(lips / count, 0.3);
}

}  // namespace
}  // namespace visema
