#pragma once

#include <span>

#include "visema/core/image.h"
#include "visema/renderer/face_crop.h"
#include "visema/renderer/face_triangles.h"

namespace visema {

/// Planes of the generator's input, each kCropSize x kCropSize.
enum GeneratorPlane : int {
  kBasePlane = 0,       // r g b of the target's crop, 0 where the mask is not 0
  kMaskPlane = 3,       // 0..1
  kRestPlane = 4,       // r g b of the reference with closed mouth, warped to the target
  kOpenPlane = 7,       // r g b of the reference with open mouth, warped to the target
  kInnerLipPlane = 10,  // signed distance / kContourReach, positive inside, -1..1
  kOuterLipPlane = 11,
  kFaceOvalPlane = 12,
  kGeneratorPlanes = 13,
};
inline constexpr int kCropPixels = kCropSize * kCropSize;
inline constexpr int kGeneratorInputSize = kGeneratorPlanes * kCropPixels;

/// A rectified picture of the person, kCropSize x kCropSize, with its points in crop pixels.
struct Reference {
  Image crop;
  FacePoints points{};
};

/// What the generator sees of one frame; training and rendering both use this function. Colours
/// 0..1. `base_crop`: the target's rectified crop, already warped to the target points (crop
/// pixels); no colour inside the mask is read. `planes`: kGeneratorInputSize floats. About 2 ms;
/// reentrant.
void build_generator_input(const Image& base_crop, const FacePoints& target, const Reference& rest,
                           const Reference& open, const FaceTriangles& triangles,
                           std::span<float> planes);

/// r g b of a crop as planes in 0..1, what the generator's picture is compared with. `planes`: 3 *
/// kCropPixels floats.
void picture_planes(const Image& crop, std::span<float> planes);

}  // namespace visema
