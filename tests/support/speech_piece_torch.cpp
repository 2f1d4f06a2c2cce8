#include <torch/torch.h>

#include "speech_model_torch.h"
#include "speech_piece.h"
#include "visema/models/speech_basis.h"
#include "visema/models/speech_network.h"
#include "weight_card_torch.h"

namespace visema::test {

std::vector<float> lower_of_piece(const std::filesystem::path& weights, std::vector<float> mel,
                                  std::vector<float> encoded, std::vector<float> positions,
                                  std::vector<float> references) {
  const torch::NoGradGuard no_grad;
  const TensorFile file = TensorFile::open(weights);
  const WeightCard card = read_weight_card(file, kSpeechName, kSpeechVersion);
  const SpeechConfig config = SpeechConfig::from_json(card.config, file.source());
  const SpeechBasis basis = SpeechBasis::read(file, "basis.");
  SpeechModel model(config);
  load_weights(model, file, "model.");
  model.eval();
  const torch::Tensor deviation = torch::tensor(basis.lower.deviation);
  const auto given = static_cast<std::int64_t>(references.size()) / config.lower;
  SpeechBatch batch;
  batch.mel = torch::tensor(mel).view({1, -1, kSpeechBands});
  if (!encoded.empty()) batch.encoded = torch::tensor(encoded).view({1, -1, config.encoded});
  batch.positions = torch::tensor(positions).unsqueeze(0);
  batch.references = torch::zeros({1, kSpeechReferences, config.lower});
  batch.references.narrow(1, 0, given) =
      torch::tensor(references).view({1, given, config.lower}) / deviation;
  batch.present = torch::zeros({1, kSpeechReferences});
  batch.present.narrow(1, 0, given).fill_(1);
  const torch::Tensor lower = (model.forward(batch).lower * deviation).contiguous();
  return {lower.data_ptr<float>(), lower.data_ptr<float>() + lower.numel()};
}

}  // namespace visema::test
