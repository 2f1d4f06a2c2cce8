#include "visema/landmarks/face_embedding.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <numeric>
#include <string>

#include "face_embedding_region.h"
#include "face_fixture.h"
#include "visema/core/error.h"
#include "visema/core/face_points.h"
#include "visema/landmarks/face_tracker.h"
#include "visema/media/video_reader.h"

namespace visema {
namespace {

double cosine(const std::vector<float>& a, const std::vector<float>& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

/// A mesh of which only what alignment looks at is set: a template's points turned, scaled and
/// shifted.
FaceMesh placed_face(float scale, float angle, Point2 shift) {
  FaceMesh mesh{};
  const auto put = [&](std::size_t point, float x, float y) {
    const float c = scale * std::cos(angle), s = scale * std::sin(angle);
    mesh[point] = {c * x - s * y + shift.x, s * x + c * y + shift.y, 0};
  };
  for (const auto point : kRightEye) put(point, 38.29f, 51.70f);
  for (const auto point : kLeftEye) put(point, 73.53f, 51.50f);
  put(kNoseTip, 56.03f, 71.74f);
  put(61, 41.55f, 92.37f);
  put(291, 70.73f, 92.20f);
  return mesh;
}

TEST(FaceEmbedding, AlignsFacesByEyesNoseAndMouth) {
  const float scale = 2.5f, angle = 0.3f;
  const FaceRegion region = aligned_region(placed_face(scale, angle, {100, 40}));
  EXPECT_NEAR(region.size, 112 * scale, 1e-2);
  EXPECT_NEAR(region.rotation, angle, 1e-4);
  const float c = 56 * scale * std::cos(angle), s = 56 * scale * std::sin(angle);
  EXPECT_NEAR(region.centre.x, c - s + 100, 1e-2);
  EXPECT_NEAR(region.centre.y, s + c + 40, 1e-2);
}

/// Numbers of an embedding and what its cosines should keep clear of.
struct Network {
  const char* file;
  std::size_t size;
  double same, other;
};
class FaceEmbeddingOf : public ::testing::TestWithParam<Network> {};
INSTANTIATE_TEST_SUITE_P(Networks, FaceEmbeddingOf,
                         ::testing::Values(Network{"faceres.safetensors", 1024, 0.7, 0.6},
                                           Network{"mobileface.safetensors", 256, 0.6, 0.4}),
                         [](const auto& info) {
                           return std::filesystem::path(info.param.file).stem().string();
                         });

TEST_P(FaceEmbeddingOf, TellsPersonsApart) {
  VISEMA_NEED_MODELS(models);
  VISEMA_NEED_FILE(models / GetParam().file);
  VISEMA_NEED_FILE(shared_data() / "clips");
  const FaceEmbedding embedding(models / GetParam().file);
  const auto embed = [&](const char* clip, int frame) {
    VideoReader reader(shared_data() / clip);
    for (int i = 0; i < frame; ++i) reader.skip();
    const auto picture = reader.read();
    const auto face = FaceTracker(models).track(*picture);
    return embedding.embed(picture->image, face->mesh);
  };
  const auto one = embed("clips/grid-s1/0205.mp4", 5);
  const auto again = embed("clips/grid-s1/0227.mp4", 50);
  const auto other = embed("clips/mcgurk-pl/0020.mp4", 20);
  ASSERT_EQ(one.size(), GetParam().size);
  EXPECT_EQ(embedding.size(), GetParam().size);
  EXPECT_NEAR(cosine(one, one), 1, 1e-4);
  EXPECT_GT(cosine(one, again), GetParam().same);
  EXPECT_LT(cosine(one, other), GetParam().other);
}

/// Share of (same, other) pairs in which the same person is more alike.
double area_under_curve(const std::vector<double>& same, const std::vector<double>& other) {
  double right = 0;
  for (const double a : same)
    for (const double b : other) right += a > b ? 1 : (a == b ? 0.5 : 0);
  return right / static_cast<double>(same.size() * other.size());
}

TEST_P(FaceEmbeddingOf, SeparatesThirtyPersons) {
  VISEMA_NEED_MODELS(models);
  VISEMA_NEED_FILE(models / GetParam().file);
  VISEMA_NEED_FILE(shared_data() / "clips");
  // Two clips each, or one clip's beginning and later.
  const char* persons[][2] = {{"grid-s1/0205", "grid-s1/0227"},
                              {"grid-s4/0001", "grid-s4/0020"},
                              {"mcgurk-pl/0020", "mcgurk-pl/0003"},
                              {"mcgurk-sy/0001", "mcgurk-sy/0009"},
                              {"grid-a/0001", "grid-a/0001"},
                              {"grid-b/0001", "grid-b/0001"},
                              {"grid-c/0001", "grid-c/0001"},
                              {"edtalk/0001", "edtalk/0001"},
                              {"voxceleb-b/0003", "voxceleb-b/0003"},
                              {"voxceleb/0002", "voxceleb/0002"},
                              {"talkvid/0001", "talkvid/0001"},
                              {"talkvid/0003", "talkvid/0003"},
                              {"talkvid/0006", "talkvid/0006"},
                              {"speakervid/0002", "speakervid/0002"},
                              {"speakervid/0007", "speakervid/0007"},
                              {"celebv-dub/0001", "celebv-dub/0001"},
                              {"celebv-dub/0007", "celebv-dub/0007"},
                              {"celebv-dub/0013", "celebv-dub/0013"},
                              {"multivsr/0001", "multivsr/0001"},
                              {"multivsr/0003", "multivsr/0003"},
                              {"lab/0004", "lab/0004"},
                              {"vidtimit/0001", "vidtimit/0001"},
                              {"tmsv/0001", "tmsv/0001"},
                              {"selfie/0001", "selfie/0001"},
                              {"talkvid-silent/0001", "talkvid-silent/0001"},
                              {"talkvid-silent/0009", "talkvid-silent/0009"},
                              {"celebv-silent/0002", "celebv-silent/0002"},
                              {"celebv-silent/0010", "celebv-silent/0010"},
                              {"celebv-silent/0020", "celebv-silent/0020"},
                              {"liveportrait-silent/0001", "liveportrait-silent/0001"}};
  const FaceEmbedding embedding(models / GetParam().file);
  FaceTracker tracker(models);
  std::vector<std::vector<std::vector<float>>> faces;
  for (const auto& clips : persons) {
    auto& of_person = faces.emplace_back();
    for (int i = 0; i < 2; ++i) {
      const auto path = shared_data() / "clips" / (std::string(clips[i]) + ".mp4");
      if (!std::filesystem::exists(path)) continue;
      VideoReader reader(path);
      for (int f = 0; f < (i == 0 ? 3 : 25); ++f) reader.skip();
      const auto picture = reader.read();
      if (!picture) continue;
      tracker.reset();
      const auto face = tracker.track(*picture);
      if (face) of_person.push_back(embedding.embed(picture->image, face->mesh));
    }
  }
  std::vector<double> same, other;
  for (std::size_t a = 0; a < faces.size(); ++a) {
    if (faces[a].size() == 2) same.push_back(cosine(faces[a][0], faces[a][1]));
    for (std::size_t b = 0; b < a; ++b)
      for (const auto& one : faces[a])
        for (const auto& two : faces[b]) other.push_back(cosine(one, two));
  }
  EXPECT_GE(same.size(), 25U);
  const double auc = area_under_curve(same, other);
  RecordProperty("auc", std::to_string(auc));
  std::sort(same.begin(), same.end());
  std::sort(other.begin(), other.end());
  EXPECT_GE(auc, 0.99) << "same " << same.front() << ".." << same[same.size() / 2] << ", other "
                       << other[other.size() / 2] << ".." << other.back();
}

TEST(FaceEmbedding, RefusesAnotherNetwork) {
  VISEMA_NEED_MODELS(models);
  EXPECT_THROW(FaceEmbedding(models / "face_mesh.safetensors"), Error);
}

}  // namespace
}  // namespace visema
