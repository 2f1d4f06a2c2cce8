#include <torch/torch.h>

#include <algorithm>

#include "compute_device_torch.h"
#include "generator_model_torch.h"
#include "visema/core/error.h"
#include "visema/models/generator_network.h"
#include "visema/models/tensor_file.h"
#include "weight_card_torch.h"

namespace visema {
namespace {

constexpr std::int64_t kFullSize = 192;

torch::ScalarType type_of(Precision precision) {
  return precision == Precision::kBfloat16 ? torch::kBFloat16 : torch::kFloat;
}

}  // namespace

struct GeneratorNetwork::State {
  std::shared_ptr<GeneratorModel> model;
  Compute compute;
  GeneratorInfo info;
};

GeneratorNetwork::GeneratorNetwork(const std::filesystem::path& weights, const Compute& compute)
    : GeneratorNetwork(TensorFile::open(weights), compute) {}

GeneratorNetwork::GeneratorNetwork(const TensorFile& file, const Compute& compute)
    : state_(std::make_unique<State>()) {
  const WeightCard card = read_weight_card(file, kGeneratorName, kGeneratorVersion);
  state_->model = load_generator(file, card);
  state_->model->to(torch_device(compute), type_of(compute.precision));
  state_->model->eval();
  state_->model->prepare();
  state_->compute = compute;
  state_->info = {card.network,
                  card.version,
                  file.sha256(),
                  card.card,
                  state_->model->config().to_json(),
                  static_cast<double>(state_->model->flop(kFullSize, kFullSize)) * 1e-9};
}

GeneratorNetwork::~GeneratorNetwork() = default;
GeneratorNetwork::GeneratorNetwork(GeneratorNetwork&&) noexcept = default;
GeneratorNetwork& GeneratorNetwork::operator=(GeneratorNetwork&&) noexcept = default;

const GeneratorInfo& GeneratorNetwork::info() const {
  return state_->info;
}

void GeneratorNetwork::run(std::span<const float> planes, std::span<float> result, int size) const {
  const auto stride = static_cast<int>(state_->model->config().stride());
  const auto area = static_cast<std::size_t>(size) * static_cast<std::size_t>(std::max(size, 0));
  if (size <= 0 || size % stride != 0 || planes.empty() ||
      planes.size() % (kInputPlanes * area) != 0 ||
      result.size() != planes.size() / kInputPlanes * kOutputPlanes)
    throw Error(ErrorCode::kModel,
                std::string(kGeneratorName) + ": " + std::to_string(planes.size()) +
                    " numbers in and " + std::to_string(result.size()) + " out at size " +
                    std::to_string(size) + ": must be 13 and 4 planes, size a multiple of " +
                    std::to_string(stride));
  const auto count = static_cast<std::int64_t>(planes.size() / (kInputPlanes * area));
  use(state_->compute);
  const torch::InferenceMode guard;
  auto input = torch::from_blob(const_cast<float*>(planes.data()),
                                {count, kInputPlanes, size, size}, torch::kFloat)
                   .to(torch_device(state_->compute));
  const auto output = state_->model->forward(input, type_of(state_->compute.precision))
                          .to(torch::kCPU, torch::kFloat)
                          .contiguous();
  std::copy_n(output.data_ptr<float>(), result.size(), result.begin());
}

}  // namespace visema
