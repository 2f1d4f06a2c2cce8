#pragma once

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "visema/landmarks/canonical_face.h"

namespace visema {

/// The installed canonical face where set-up has run.
inline std::optional<std::filesystem::path> installed_canonical_face() {
  const char* folder = std::getenv("VISEMA_MODELS");
  std::vector<std::filesystem::path> places;
  if (folder != nullptr && *folder != '\0') places.emplace_back(folder);
  places.emplace_back(std::filesystem::path(VISEMA_BINARY_DIR) / "share/visema/models");
  places.emplace_back(std::filesystem::path(VISEMA_SOURCE_DIR) /
                      "build/release/share/visema/models");
  for (const auto& place : places) {
    const auto file = place / "canonical_face.safetensors";
    if (std::filesystem::exists(file)) return file;
  }
  return std::nullopt;
}

/// Faces that MediaPipe found in the golden pictures, pixels; empty where the data is absent.
inline std::vector<FaceMesh> golden_faces(const std::string& file = "portraits.jsonl") {
  const auto path = std::filesystem::path(VISEMA_SOURCE_DIR) / "../shared/golden/face_mesh" / file;
  std::ifstream in(path);
  std::vector<FaceMesh> faces;
  for (std::string line; std::getline(in, line);) {
    const auto record = nlohmann::json::parse(line);
    if (record["points"].is_null()) continue;
    const float width = record["width"];
    const float height = record["height"];
    FaceMesh mesh;
    for (int i = 0; i < kMeshPoints; ++i) {
      const auto& p = record["points"][i];
      mesh[i] = {p[0].get<float>() * width, p[1].get<float>() * height, p[2].get<float>() * width};
    }
    faces.push_back(mesh);
  }
  return faces;
}

/// The canonical face for tests: the installed one, else the most frontal golden face made
/// symmetric about its own middle. None where there is neither.
inline std::optional<CanonicalFace> test_face() {
  if (const auto file = installed_canonical_face()) return CanonicalFace::load(*file);
  const FaceMesh* best = nullptr;
  float best_turn = 1e9F;
  const auto faces = golden_faces();
  for (const auto& face : faces) {
    const float width = face[263].x - face[33].x;
    const float turn =
        (std::abs(face[263].z - face[33].z) + std::abs(face[263].y - face[33].y) +
         std::abs(face[14].y - face[13].y) + std::abs(face[263].x + face[33].x - 2 * face[168].x)) /
        width;
    if (width > 0 && turn < best_turn) {
      best_turn = turn;
      best = &face;
    }
  }
  if (best == nullptr) return std::nullopt;
  std::vector<float> centimetres;
  for (int i = 0; i < CanonicalFace::kVertices; ++i) {
    centimetres.insert(centimetres.end(), {(*best)[i].x, -(*best)[i].y, -(*best)[i].z});
  }
  return CanonicalFace::from_vertices(centimetres);
}

inline float distance(Point3 a, Point3 b) {
  return std::hypot(a.x - b.x, a.y - b.y, a.z - b.z);
}

inline float largest_distance(const FaceMesh& a, const FaceMesh& b) {
  float largest = 0;
  for (int i = 0; i < kMeshPoints; ++i) largest = std::max(largest, distance(a[i], b[i]));
  return largest;
}

/// Skips a test that needs a face where there is none.
#define VISEMA_TEST_FACE(name)                                                              \
  const auto name##_found = ::visema::test_face();                                          \
  if (!name##_found) GTEST_SKIP() << "neither canonical_face.safetensors nor golden faces"; \
  const ::visema::CanonicalFace& name = *name##_found

}  // namespace visema
