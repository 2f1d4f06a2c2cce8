#include "graph_crop_torch.h"

namespace visema {

torch::Tensor landmarks_to_matrix(const torch::Tensor& points, const torch::Tensor& subset,
                                  const CropRule& rule) {
  const torch::Tensor line = points.select(1, rule.right) - points.select(1, rule.left);
  const torch::Tensor angle = rule.rotation - torch::atan2(line.select(1, 1), line.select(1, 0));
  const torch::Tensor c = angle.cos(), s = angle.sin();

  // Box of the points in the rotated frame.
  const torch::Tensor chosen = points.index_select(1, subset);
  const torch::Tensor x = chosen.select(2, 0), y = chosen.select(2, 1);
  const torch::Tensor c1 = c.unsqueeze(1), s1 = s.unsqueeze(1);
  const torch::Tensor turned = torch::stack({c1 * x - s1 * y, s1 * x + c1 * y}, 1);  // [n,2,k]
  const torch::Tensor high = turned.amax(2), low = turned.amin(2);
  const torch::Tensor size = high - low, middle = (high + low) * 0.5;
  const torch::Tensor mx = middle.select(1, 0), my = middle.select(1, 1);
  const torch::Tensor scale_x =
      size.select(1, 0) * (rule.scale_x / static_cast<double>(rule.width));
  const torch::Tensor scale_y =
      size.select(1, 1) * (rule.scale_y / static_cast<double>(rule.height));

  const torch::Tensor m00 = c * scale_x, m01 = s * scale_y;
  const torch::Tensor m10 = -s * scale_x, m11 = c * scale_y;
  const double half_w = static_cast<double>(rule.width) / 2;
  const double half_h = static_cast<double>(rule.height) / 2;
  const torch::Tensor m03 = c * mx + s * my - m00 * half_w - m01 * half_h;
  const torch::Tensor m13 = c * my - s * mx - m10 * half_w - m11 * half_h;
  const torch::Tensor zero = torch::zeros_like(c), one = torch::ones_like(c);
  return torch::stack({m00, m01, zero, m03, m10, m11, zero, m13, zero, zero, one, zero, zero, zero,
                       zero, one},
                      1)
      .view({-1, 4, 4});
}

torch::Tensor crop_bilinear(const torch::Tensor& picture, const torch::Tensor& matrix,
                            std::int64_t height, std::int64_t width) {
  const double last_x = static_cast<double>(picture.size(3) - 1);
  const double last_y = static_cast<double>(picture.size(2) - 1);
  const torch::Tensor u = torch::arange(width, matrix.options()).add_(0.5).view({1, 1, width});
  const torch::Tensor v = torch::arange(height, matrix.options()).add_(0.5).view({1, height, 1});
  const auto row = [&](int index) {
    const auto entry = [&](int column) {
      return matrix.select(1, index).select(1, column).view({-1, 1, 1});
    };
    return entry(0) * u + entry(1) * v + entry(3) - 0.5;  // index coordinates, [n,h,w]
  };
  const torch::Tensor x = row(0), y = row(1);
  const torch::Tensor inside =
      (x >= 0).logical_and(x <= last_x).logical_and(y >= 0).logical_and(y <= last_y);
  const torch::Tensor grid = torch::stack({x * (2 / last_x) - 1, y * (2 / last_y) - 1}, 3);
  const torch::Tensor crop = torch::grid_sampler(picture, grid, 0, 0, true);
  return crop * inside.unsqueeze(1);
}

torch::Tensor transform_points(const torch::Tensor& points, const torch::Tensor& matrix) {
  const torch::Tensor linear = matrix.slice(1, 0, 2).slice(2, 0, 2);  // [n,2,2]
  const torch::Tensor shift = matrix.slice(1, 0, 2).select(2, 3).unsqueeze(1);
  const torch::Tensor moved = torch::matmul(points.slice(2, 0, 2), linear.transpose(1, 2)) + shift;
  if (points.size(2) == 2) return moved;
  return torch::cat({moved, points.slice(2, 2)}, 2);
}

}  // namespace visema
