#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "test_face.h"
#include "visema/core/error.h"
#include "visema/landmarks/articulation_basis.h"
#include "visema/landmarks/face_regions.h"

namespace visema {
namespace {

// A face that talks in three ways below and raises its brows, with a little tracking noise.
FaceMesh talking(const CanonicalFace& face, std::mt19937& random, float noise_units = 0.001F) {
  std::normal_distribution<float> normal(0, 1);
  const float jaw = std::abs(normal(random)) * 0.1F;
  const float wide = normal(random) * 0.04F;
  const float lift = normal(random) * 0.02F;
  const float brow = normal(random) * 0.04F;
  const auto lower = lower_face_weights(face.mesh());
  const auto upper = upper_face_weights(face.mesh());
  FaceMesh offset{};
  for (int i = 0; i < kMeshPoints; ++i) {
    const auto& p = face.mesh()[i];
    offset[i].x = lower[i] * wide * p.x;
    offset[i].y = lower[i] * (jaw * std::max(0.0F, p.y - 0.7F) - lift * p.x * p.x) -
                  upper[i] * brow * std::max(0.0F, -p.y);
    offset[i].z = lower[i] * wide * 0.3F;
    offset[i].x += noise_units * normal(random);
    offset[i].y += noise_units * normal(random);
  }
  return offset;
}

ArticulationBasis fitted(const CanonicalFace& face, int frames = 400) {
  BasisFitter fitter(face, {.lower_size = 6, .upper_size = 3});
  std::mt19937 random(2);
  for (int i = 0; i < frames; ++i) fitter.add(talking(face, random));
  return fitter.fit();
}

TEST(ArticulationBasis, explains_held_out_offsets) {
  VISEMA_TEST_FACE(face);
  const auto basis = fitted(face);
  std::mt19937 random(99);
  double error = 0;
  double size = 0;
  const auto lower = lower_face_weights(face.mesh());
  for (int trial = 0; trial < 50; ++trial) {
    const auto truth = talking(face, random, 0);
    const auto got = basis.offset(basis.coefficients(truth));
    for (int i = 0; i < kMeshPoints; ++i) {
      if (lower[i] < 1) continue;
      error += std::pow(distance(got[i], truth[i]), 2);
      size += std::pow(distance(truth[i], {}), 2);
    }
  }
  EXPECT_LT(error, 0.01 * size);
}

TEST(ArticulationBasis, coefficients_invert_offset) {
  VISEMA_TEST_FACE(face);
  const auto basis = fitted(face);
  const std::vector<float> lower = {0.1F, -0.2F, 0.3F, 0.01F, -0.02F, 0.03F};
  const std::vector<float> upper = {0.2F, -0.1F, 0.05F};
  const auto back = basis.coefficients(basis.offset(lower, upper));
  for (std::size_t k = 0; k < lower.size(); ++k) EXPECT_NEAR(back.lower[k], lower[k], 1e-4);
  for (std::size_t k = 0; k < upper.size(); ++k) EXPECT_NEAR(back.upper[k], upper[k], 1e-4);
}

TEST(ArticulationBasis, zero_is_rest_and_regions_stay_apart) {
  VISEMA_TEST_FACE(face);
  const auto basis = fitted(face);
  EXPECT_EQ(largest_distance(basis.offset(std::vector<float>(6), std::vector<float>(3)), {}), 0);
  EXPECT_EQ(largest_distance(basis.offset(ArticulationCoefficients{}), {}), 0);
  const auto lower = basis.offset(std::vector<float>(6, 1.0F));
  for (const auto i : kNose) EXPECT_EQ(distance(lower[i], {}), 0);
  for (const auto i : kRightBrow) EXPECT_EQ(distance(lower[i], {}), 0);
  const auto upper = basis.offset({}, std::vector<float>(3, 1.0F));
  for (const auto i : kLips) EXPECT_EQ(distance(upper[i], {}), 0);
}

TEST(ArticulationBasis, deviations_are_those_of_the_data_and_descend) {
  VISEMA_TEST_FACE(face);
  const auto basis = fitted(face);
  std::mt19937 random(2);
  std::vector<double> squares(6);
  for (int i = 0; i < 400; ++i) {
    const auto c = basis.coefficients(talking(face, random));
    for (int k = 0; k < 6; ++k) squares[k] += c.lower[k] * c.lower[k] / 400.0;
  }
  for (int k = 0; k < 6; ++k) {
    EXPECT_NEAR(std::sqrt(squares[k]), basis.lower().deviation[k],
                0.02 * basis.lower().deviation[k]);
  }
  EXPECT_GT(basis.lower().deviation[0], basis.lower().deviation[1]);
  EXPECT_GT(basis.lower().deviation[1], basis.lower().deviation[3]);
}

TEST(ArticulationBasis, weight_counts_like_repetition) {
  VISEMA_TEST_FACE(face);
  BasisFitter weighted(face, {.lower_size = 3, .upper_size = 2});
  BasisFitter repeated(face, {.lower_size = 3, .upper_size = 2});
  std::mt19937 random(4);
  for (int i = 0; i < 300; ++i) {
    const auto offset = talking(face, random);
    weighted.add(offset, i % 2 == 0 ? 2 : 1);
    repeated.add(offset);
    if (i % 2 == 0) repeated.add(offset);
  }
  const auto a = weighted.fit();
  const auto b = repeated.fit();
  for (int k = 0; k < 3; ++k) {
    EXPECT_NEAR(a.lower().deviation[k], b.lower().deviation[k], 1e-4);
  }
}

TEST(ArticulationBasis, survives_its_file) {
  VISEMA_TEST_FACE(face);
  const auto basis = fitted(face);
  const auto path = std::filesystem::path(testing::TempDir()) / "basis.safetensors";
  basis.save(path, {{"version", "1"}});
  const auto back = ArticulationBasis::load(path);
  EXPECT_EQ(back.lower().rows, basis.lower().rows);
  EXPECT_EQ(back.upper().project, basis.upper().project);
  EXPECT_EQ(back.lower().deviation, basis.lower().deviation);
  write_tensor_file(path, basis.tensors("basis."));
  EXPECT_EQ(ArticulationBasis::load(TensorFile::open(path), "basis.").lower().rows,
            basis.lower().rows);
  EXPECT_THROW(ArticulationBasis::load(path), Error);
  std::filesystem::remove(path);
}

TEST(ArticulationBasis, refuses_wrong_sizes_and_little_data) {
  VISEMA_TEST_FACE(face);
  const auto basis = fitted(face);
  EXPECT_THROW(basis.offset(std::vector<float>(5)), Error);
  EXPECT_THROW(ArticulationBasis({{}, {}, {1}}, {}), Error);
  EXPECT_THROW(BasisFitter(face, {.lower_size = 0}), Error);
  BasisFitter fitter(face);
  FaceMesh broken{};
  broken[3].x = NAN;
  for (int i = 0; i < 100; ++i) fitter.add(broken);
  EXPECT_THROW(fitter.fit(), Error);
}

}  // namespace
}  // namespace visema
