#include "ip_lap_plain_landmarks_torch.h"

#include <torch/torch.h>

#include "ip_lap_plain_landmarks.h"

namespace visema::test {

std::vector<float> plain_landmarks(const std::filesystem::path& weights, std::vector<float> mels,
                                   std::vector<float> poses, std::vector<float> reference_poses,
                                   std::vector<float> reference_content) {
  const torch::NoGradGuard no_grad;
  const auto view = [](std::vector<float>& values, const std::vector<std::int64_t>& shape) {
    return torch::from_blob(values.data(), shape, torch::kFloat);
  };
  IpLapWeights loaded(ip_lap_landmark_tensors());
  loaded.load(TensorFile::open(weights));
  loaded.eval();
  const torch::Tensor said =
      IpLapPlainLandmarks(loaded)
          .forward({view(mels, {1, 5, 80, 16}), view(poses, {1, 5, 2, 74}),
                    view(reference_poses, {1, 15, 2, 74}), view(reference_content, {1, 15, 2, 57})})
          .contiguous();
  return {said.data_ptr<float>(), said.data_ptr<float>() + said.numel()};
}

}  // namespace visema::test
