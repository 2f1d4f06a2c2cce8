#include "proto_reader.h"
#include "tensor_file_mapping.h"
#include "tflite_convert.h"
#include "tflite_reader.h"
#include "visema/core/error.h"
#include "visema/core/sha256.h"
#include "visema/models/graph_convert.h"

namespace visema {
namespace {

constexpr const char* kAssetsSha256 =
    "dbe5905c582c0462cdaea17e7e6ecea92edaa8cccc515c5e2e7291f2cbb5fb99";
struct Range {
  std::size_t begin, end;
};
constexpr Range kMesh{0, 2495952};
constexpr Range kGeometry{3737848, 3757224};
constexpr Range kDetector{3757224, 3986256};

std::map<std::string, std::string> card(const char* network, const char* description) {
  return {{"network", network},
          {"description", description},
          {"origin", "npm @mediapipe/face_mesh@0.4.1633559619, converted by visema-convert"},
          {"source_sha256", kAssetsSha256},
          {"license", "Apache-2.0"}};
}

struct CanonicalFace {
  std::vector<float> vertices;  // [n,3]
  std::vector<float> uv;        // [n,2]
  std::vector<std::int32_t> triangles;
  std::vector<std::int32_t> procrustes_index;
  std::vector<float> procrustes_weight;
};

// Field numbers of mediapipe/modules/face_geometry/protos: GeometryPipelineMetadata {1 mesh,
// 2 weighted landmarks}, Mesh3d {3 vertex buffer (x y z u v), 4 index buffer}, WeightedLandmarkRef
// {1 landmark, 2 weight}.
CanonicalFace read_canonical_face(std::span<const std::byte> bytes) {
  CanonicalFace face;
  std::size_t number = 0;
  const auto read_mesh = [&](std::span<const std::byte> mesh) {
    ProtoReader fields(mesh);
    while (const auto field = fields.next()) {
      if (field->number == 3) {
        auto& into = number % 5 < 3 ? face.vertices : face.uv;
        into.push_back(field->real());
        ++number;
      } else if (field->number == 4) {
        face.triangles.push_back(static_cast<std::int32_t>(field->value));
      }
    }
  };
  const auto read_landmark = [&](std::span<const std::byte> landmark) {
    ProtoReader fields(landmark);
    std::int32_t index = 0;
    float weight = 0;
    while (const auto field = fields.next()) {
      if (field->number == 1) index = static_cast<std::int32_t>(field->value);
      if (field->number == 2) weight = field->real();
    }
    face.procrustes_index.push_back(index);
    face.procrustes_weight.push_back(weight);
  };
  ProtoReader fields(bytes);
  while (const auto field = fields.next()) {
    if (field->number == 1) read_mesh(field->bytes);
    if (field->number == 2) read_landmark(field->bytes);
  }
  if (number != 468 * 5 || face.triangles.size() != 898 * 3) {
    throw Error(ErrorCode::kModel, "face geometry: not the mesh of 468 points and 898 triangles");
  }
  return face;
}

void write_canonical_face(const std::filesystem::path& path, const CanonicalFace& face) {
  const auto points = static_cast<std::int64_t>(face.procrustes_index.size());
  write_tensor_file(
      path,
      {{"vertices", view_of(face.vertices, {468, 3})},
       {"uv", view_of(face.uv, {468, 2})},
       {"triangles", view_of(face.triangles, {898, 3})},
       {"procrustes_index", view_of(face.procrustes_index, {points})},
       {"procrustes_weight", view_of(face.procrustes_weight, {points})}},
      card("canonical_face", "canonical face mesh in centimetres, y up, z to the viewer"));
}

}  // namespace

void convert_face_mesh_assets(const std::filesystem::path& packed_assets,
                              const std::filesystem::path& folder) {
  const FileMapping file(packed_assets);
  const std::string sha256 = sha256_hex(file.bytes());
  if (sha256 != kAssetsSha256) {
    throw Error(ErrorCode::kModel, packed_assets.string() + " has SHA-256 " + sha256 +
                                       ", expected " + kAssetsSha256 +
                                       " (npm @mediapipe/face_mesh@0.4.1633559619)");
  }
  const auto part = [&](Range range) {
    return file.bytes().subspan(range.begin, range.end - range.begin);
  };
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) {
    throw Error(ErrorCode::kOutput, "cannot create " + folder.string() + ": " + failed.message());
  }
  write_graph(folder / "face_detector.safetensors",
              convert_tflite(part(kDetector), "face detector"),
              card("face_detector", "BlazeFace, short range; 128x128 RGB in -1..1"));
  write_graph(folder / "face_mesh.safetensors", convert_tflite(part(kMesh), "face mesh"),
              card("face_mesh", "face mesh with attention; 192x192 RGB in 0..1"));
  write_canonical_face(folder / "canonical_face.safetensors", read_canonical_face(part(kGeometry)));
}

}  // namespace visema
