#pragma once

#include <torch/torch.h>

#include <cstdint>

namespace visema {

/// The crop that MediaPipe's attention mesh cuts out of its features around lips or an eye.
struct CropRule {
  std::int64_t left = 0, right = 0;  // points whose line becomes horizontal
  double rotation = 0;               // of that line in the crop, radians
  std::int64_t height = 0, width = 0;
  double scale_x = 1, scale_y = 1;  // crop size over the size of the points' box
};

/// points [n,p,3], subset [k] (int64): matrices [n,4,4] from crop pixels to the points'
/// coordinates.
torch::Tensor landmarks_to_matrix(const torch::Tensor& points, const torch::Tensor& subset,
                                  const CropRule& rule);

/// picture [n,c,h,w], matrix [n,4,4] from output to input coordinates (pixel centres at .5):
/// bilinear, zero outside the outermost pixel centres.
torch::Tensor crop_bilinear(const torch::Tensor& picture, const torch::Tensor& matrix,
                            std::int64_t height, std::int64_t width);

/// points [n,p,2 or 3], matrix [n,4,4]: x and y transformed, z kept.
torch::Tensor transform_points(const torch::Tensor& points, const torch::Tensor& matrix);

}  // namespace visema
