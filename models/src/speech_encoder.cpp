#include "visema/models/speech_encoder.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <numeric>
#include <utility>

#include "graph_kernels.h"
#include "visema/models/tensor_file.h"
#include "visema/models/weight_card.h"

namespace visema {
namespace {

constexpr std::int64_t kWidth = kEncodedWidth;
constexpr std::int64_t kMiddleWidth = 2 * kWidth;
constexpr std::int64_t kHiddenWidth = 4 * kWidth;
constexpr std::int64_t kHeads = 8;
constexpr std::int64_t kHeadWidth = kWidth / kHeads;
constexpr std::int64_t kTurned = 32;  // numbers of a head that rotary embedding turns
constexpr float kEpsilon = 1e-5F;

/// A convolution over time.
struct Filter {
  std::int64_t taps, step;
};
constexpr Filter kFirst{127, 64}, kSecond{7, 3}, kThird{3, 2};
static_assert(kFirst.step * kSecond.step * kThird.step == kEncodedHop);
static_assert(2 * kEncodedReach + 1 ==
              kFirst.taps + kFirst.step * (kSecond.taps - 1 + kSecond.step * (kThird.taps - 1)));

constexpr std::int64_t rows_after(std::int64_t rows, Filter filter) {
  return (rows - filter.taps) / filter.step + 1;
}

using Rows = std::vector<float>;

float gelu(float x) {
  return 0.5F * x * (1 + std::erf(x * static_cast<float>(M_SQRT1_2)));
}

/// Scales the rows of width kWidth to mean 0 and variance 1, then each place by its weight.
Rows normalised(const Rows& rows, const Rows& weight) {
  Rows out(rows.size());
  for (std::size_t at = 0; at < rows.size(); at += kWidth) {
    const float* x = &rows[at];
    const float mean = std::accumulate(x, x + kWidth, 0.0F) / kWidth;
    float squares = 0;
    for (std::int64_t i = 0; i < kWidth; ++i) squares += (x[i] - mean) * (x[i] - mean);
    const float scale = 1 / std::sqrt(squares / kWidth + kEpsilon);
    for (std::int64_t i = 0; i < kWidth; ++i) out[at + i] = (x[i] - mean) * scale * weight[i];
  }
  return out;
}

void add(Rows& sum, const Rows& more) {
  std::transform(sum.begin(), sum.end(), more.begin(), sum.begin(), std::plus<>());
}

class Matrix {
 public:
  /// Tensor `name`.weight [outs, ins], bias of `name`.bias where there is one.
  Matrix(const TensorFile& file, const std::string& name, std::int64_t outs, std::int64_t ins)
      : outs_(outs),
        ins_(ins),
        kernel_(file.floats(name + ".weight", {outs, ins}), bias(file, name, outs), outs, ins) {}
  /// A convolution's weight [outs, ins, taps], for rows of taps times ins numbers.
  Matrix(const TensorFile& file, const std::string& name, std::int64_t outs, std::int64_t ins,
         std::int64_t taps)
      : outs_(outs),
        ins_(ins * taps),
        kernel_(taps_first(file.floats(name + ".weight", {outs, ins, taps}), ins, taps),
                bias(file, name, outs), outs, ins * taps) {}

  Rows operator()(const Rows& from) const {
    const auto count = static_cast<std::int64_t>(from.size()) / ins_;
    Rows to(static_cast<std::size_t>(count * outs_));
    kernel_.run(from.data(), to.data(), count);
    return to;
  }

 private:
  static Rows bias(const TensorFile& file, const std::string& name, std::int64_t outs) {
    return file.contains(name + ".bias") ? file.floats(name + ".bias", {outs}) : Rows();
  }
  static Rows taps_first(const Rows& weight, std::int64_t ins, std::int64_t taps) {
    Rows turned(weight.size());
    for (std::size_t o = 0; o < weight.size(); o += static_cast<std::size_t>(ins * taps))
      for (std::int64_t i = 0; i < ins; ++i)
        for (std::int64_t t = 0; t < taps; ++t) turned[o + t * ins + i] = weight[o + i * taps + t];
    return turned;
  }

  std::int64_t outs_, ins_;
  PointwiseKernel kernel_;
};

/// What lies under the taps of each place of a convolution over rows of `width`, side by side.
Rows under_taps(std::span<const float> rows, std::int64_t width, Filter filter) {
  const std::int64_t count = rows_after(static_cast<std::int64_t>(rows.size()) / width, filter);
  const std::int64_t size = filter.taps * width;
  Rows out(static_cast<std::size_t>(count * size));
  for (std::int64_t i = 0; i < count; ++i)
    std::copy_n(&rows[i * filter.step * width], size, &out[i * size]);
  return out;
}

struct Layer {
  Rows attention_norm, hidden_norm;
  Matrix query, key, value, merge, expand, contract;

  Layer(const TensorFile& file, const std::string& name)
      : attention_norm(file.floats(name + ".attention_norm.weight", {kWidth})),
        hidden_norm(file.floats(name + ".hidden_norm.weight", {kWidth})),
        query(file, name + ".query", kWidth, kWidth),
        key(file, name + ".key", kWidth, kWidth),
        value(file, name + ".value", kWidth, kWidth),
        merge(file, name + ".merge", kWidth, kWidth),
        expand(file, name + ".expand", kHiddenWidth, kWidth),
        contract(file, name + ".contract", kWidth, kHiddenWidth) {}
};

/// Rotary embedding (Su et al. 2021): neighbouring numbers of each head are turned by an angle that
/// grows with the row.
void turn(Rows& rows, const std::vector<std::pair<float, float>>& turns) {
  constexpr std::int64_t kPairs = kTurned / 2;
  const auto count = static_cast<std::int64_t>(rows.size()) / kWidth;
  for (std::int64_t r = 0; r < count; ++r)
    for (std::int64_t h = 0; h < kHeads; ++h)
      for (std::int64_t p = 0; p < kPairs; ++p) {
        float* x = &rows[r * kWidth + h * kHeadWidth + 2 * p];
        const auto [c, s] = turns[static_cast<std::size_t>(r * kPairs + p)];
        const float first = x[0];
        x[0] = first * c - x[1] * s;
        x[1] = x[1] * c + first * s;
      }
}

/// Softmax attention of one head's rows to all of its rows, added at its place in `to`.
void attend(const Rows& query, const Rows& key, const Rows& value, std::int64_t head, Rows& to) {
  const auto count = static_cast<std::int64_t>(query.size()) / kWidth;
  const float scale = 1 / std::sqrt(static_cast<float>(kHeadWidth));
  Rows share(static_cast<std::size_t>(count));
  for (std::int64_t r = 0; r < count; ++r) {
    const float* q = &query[r * kWidth + head * kHeadWidth];
    for (std::int64_t k = 0; k < count; ++k) {
      const float* other = &key[k * kWidth + head * kHeadWidth];
      share[k] = scale * std::inner_product(q, q + kHeadWidth, other, 0.0F);
    }
    const float most = *std::max_element(share.begin(), share.end());
    float sum = 0;
    for (float& s : share) sum += s = std::exp(s - most);
    float* out = &to[r * kWidth + head * kHeadWidth];
    for (std::int64_t k = 0; k < count; ++k) {
      const float* v = &value[k * kWidth + head * kHeadWidth];
      const float weight = share[k] / sum;
      for (std::int64_t i = 0; i < kHeadWidth; ++i) out[i] += weight * v[i];
    }
  }
}

}  // namespace

struct SpeechEncoder::State {
  explicit State(const TensorFile& file)
      : sha256(file.sha256()),
        first(file, "conv1", kWidth, 1, kFirst.taps),
        second(file, "conv2", kMiddleWidth, kWidth, kSecond.taps),
        third(file, "conv3", kWidth, kMiddleWidth, kThird.taps),
        gain(file.floats("norm.weight", {kWidth})),
        shift(file.floats("norm.bias", {kWidth})),
        rotary(file.floats("rotary", {kTurned / 2})) {
    for (int i = 0; i < kEncoderLayers; ++i)
      layers.emplace_back(file, "layers." + std::to_string(i));
  }

  Rows heard(std::span<const float> samples) const;

  std::string sha256;
  Matrix first, second, third;
  Rows gain, shift, rotary;
  std::vector<Layer> layers;
};

/// The convolutions.
Rows SpeechEncoder::State::heard(std::span<const float> samples) const {
  Rows rows = first(under_taps(samples, 1, kFirst));
  double sum = 0, squares = 0;
  for (float& x : rows) {
    x = std::tanh(x);
    sum += x;
    squares += static_cast<double>(x) * x;
  }
  const double mean = sum / static_cast<double>(rows.size());
  const double variance = squares / static_cast<double>(rows.size()) - mean * mean;
  const auto scale = static_cast<float>(1 / std::sqrt(std::max(variance, 0.0) + kEpsilon));
  for (std::size_t i = 0; i < rows.size(); ++i)
    rows[i] = (rows[i] - static_cast<float>(mean)) * scale * gain[i % kWidth] + shift[i % kWidth];
  rows = second(under_taps(rows, kWidth, kSecond));
  std::transform(rows.begin(), rows.end(), rows.begin(), gelu);
  rows = third(under_taps(rows, kMiddleWidth, kThird));
  std::transform(rows.begin(), rows.end(), rows.begin(), gelu);
  return rows;
}

SpeechEncoder::SpeechEncoder(const std::filesystem::path& path) {
  const TensorFile file = TensorFile::open(path);
  read_weight_card(file, kEncoderName, kEncoderVersion);
  state_ = std::make_unique<State>(file);
}

SpeechEncoder::~SpeechEncoder() = default;
SpeechEncoder::SpeechEncoder(SpeechEncoder&&) noexcept = default;
SpeechEncoder& SpeechEncoder::operator=(SpeechEncoder&&) noexcept = default;

const std::string& SpeechEncoder::sha256() const {
  return state_->sha256;
}

std::vector<float> SpeechEncoder::encode(std::span<const float> samples) const {
  assert(static_cast<std::int64_t>(samples.size()) >= samples_of_rows(1));
  Rows rows = state_->heard(samples);
  const auto count = static_cast<std::int64_t>(rows.size()) / kWidth;
  std::vector<std::pair<float, float>> turns;
  for (std::int64_t r = 0; r < count; ++r)
    for (const float frequency : state_->rotary) {
      const float angle = static_cast<float>(r) * frequency;
      turns.emplace_back(std::cos(angle), std::sin(angle));
    }
  for (const Layer& layer : state_->layers) {
    const Rows before = normalised(rows, layer.attention_norm);
    Rows query = layer.query(before), key = layer.key(before);
    const Rows value = layer.value(before);
    turn(query, turns);
    turn(key, turns);
    Rows mixed(rows.size(), 0.0F);
    for (std::int64_t head = 0; head < kHeads; ++head) attend(query, key, value, head, mixed);
    add(rows, layer.merge(mixed));
    Rows hidden = layer.expand(normalised(rows, layer.hidden_norm));
    std::transform(hidden.begin(), hidden.end(), hidden.begin(), gelu);
    add(rows, layer.contract(hidden));
  }
  return rows;
}

}  // namespace visema
