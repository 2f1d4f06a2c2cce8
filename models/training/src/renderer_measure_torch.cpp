#include "generator_model_torch.h"
#include "renderer_samples.h"
#include "renderer_trainer_torch.h"
#include "renderer_training.h"
#include "renderer_validation_torch.h"
#include "visema/core/error.h"

namespace visema::training {

void measure(const RendererTraining& training, const std::filesystem::path& weights,
             TrainLog& log) {
  use(training.compute);
  const TensorFile file = TensorFile::open(weights);
  const auto model =
      load_generator(file, read_weight_card(file, kGeneratorName, kGeneratorVersion));
  model->to(training.compute.device == Device::kCuda ? torch::kCUDA : torch::kCPU);
  model->prepare();
  const CropSet set = CropSet::load(
      training.pack,
      training.face.empty() ? training.pack / "canonical_face.safetensors" : training.face);
  const RendererSampler sampler(set, Split::kValidation);
  if (sampler.empty())
    throw Error(ErrorCode::kInput,
                training.pack.string() + ": no clip of the validation split has enough face crops");
  const RendererValidation validation(sampler, training.validation_count, kValidationSeed);
  const auto type =
      training.compute.precision == Precision::kBfloat16 ? torch::kBFloat16 : torch::kFloat;
  log.line("validation", 0, 0,
           values_of(validation.measure(*model, type, perceptual_of(training))));
}

}  // namespace visema::training
