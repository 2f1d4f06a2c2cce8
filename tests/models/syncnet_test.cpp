#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>

#include "syncnet_weights.h"
#include "visema/core/error.h"
#include "visema/models/syncnet_network.h"
#include "visema/models/tensor_file.h"

namespace visema {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

/// Plain loops over channels x frames x height x width.
struct Volume {
  int c = 0, t = 1, h = 1, w = 1;
  std::vector<float> v;
  Volume(int c_, int t_, int h_, int w_)
      : c(c_), t(t_), h(h_), w(w_), v(static_cast<std::size_t>(c_) * t_ * h_ * w_) {}
  float* row(int channel, int frame, int y) {
    return &v[((static_cast<std::size_t>(channel) * t + frame) * h + y) * w];
  }
};

Volume convolve(Volume& in, const std::string& sequential, int module, int stride, int padding) {
  const std::string layer = sequential + '.' + std::to_string(module);
  const Named& kernel = syncnet_weights().at(layer + ".weight");
  const auto side = [&](std::size_t from_end) {
    return static_cast<int>(kernel.shape[kernel.shape.size() - from_end]);
  };
  const int kw = side(1), kh = side(2), kt = kernel.shape.size() == 5 ? side(3) : 1;
  Volume padded(in.c, in.t, in.h + 2 * padding, in.w + 2 * padding);
  for (int c = 0; c < in.c; ++c)
    for (int t = 0; t < in.t; ++t)
      for (int y = 0; y < in.h; ++y)
        std::copy_n(in.row(c, t, y), in.w, padded.row(c, t, y + padding) + padding);
  Volume out(static_cast<int>(kernel.shape[0]), in.t - kt + 1, (padded.h - kh) / stride + 1,
             (padded.w - kw) / stride + 1);
  const float* weight = kernel.values.data();
  for (int o = 0; o < out.c; ++o)
    for (int c = 0; c < in.c; ++c)
      for (int dt = 0; dt < kt; ++dt)
        for (int dy = 0; dy < kh; ++dy)
          for (int dx = 0; dx < kw; ++dx) {
            const float k = *weight++;
            if (k == 0) continue;
            for (int t = 0; t < out.t; ++t)
              for (int y = 0; y < out.h; ++y) {
                const float* from = padded.row(c, t + dt, y * stride + dy) + dx;
                float* to = out.row(o, t, y);
                for (int x = 0; x < out.w; ++x) to[x] += k * from[x * stride];
              }
          }
  const std::string norm = sequential + '.' + std::to_string(module + 1);
  const auto at = [&](const std::string& name, int o) {
    return syncnet_weights().at(name).values[o];
  };
  const std::size_t plane = out.v.size() / out.c;
  for (int o = 0; o < out.c; ++o)
    for (std::size_t i = 0; i < plane; ++i) {
      float& x = out.v[o * plane + i];
      x = (x + at(layer + ".bias", o) - at(norm + ".running_mean", o)) /
              std::sqrt(at(norm + ".running_var", o) + 1e-5F) * at(norm + ".weight", o) +
          at(norm + ".bias", o);
      x = std::max(x, 0.0F);
    }
  return out;
}

/// 3 x 3; what lies outside does not count.
Volume pool(Volume& in, int stride_y, int stride_x, int padding) {
  Volume out(in.c, in.t, (in.h + 2 * padding - 3) / stride_y + 1,
             (in.w + 2 * padding - 3) / stride_x + 1);
  for (int c = 0; c < in.c; ++c)
    for (int y = 0; y < out.h; ++y)
      for (int x = 0; x < out.w; ++x) {
        float most = -INFINITY;
        for (int dy = 0; dy < 3; ++dy)
          for (int dx = 0; dx < 3; ++dx) {
            const int sy = y * stride_y + dy - padding, sx = x * stride_x + dx - padding;
            if (sy >= 0 && sy < in.h && sx >= 0 && sx < in.w)
              most = std::max(most, in.row(c, 0, sy)[sx]);
          }
        out.row(c, 0, y)[x] = most;
      }
  return out;
}

std::vector<float> head(Volume& in, const std::string& name) {
  EXPECT_EQ(in.v.size(), 512U);
  std::vector<float> hidden = in.v;
  const auto linear = [&](const std::string& layer, std::size_t outputs) {
    std::vector<float> out(outputs);
    const auto& w = syncnet_weights().at(layer + ".weight").values;
    for (std::size_t o = 0; o < outputs; ++o) {
      out[o] = syncnet_weights().at(layer + ".bias").values[o];
      for (std::size_t i = 0; i < 512; ++i) out[o] += w[o * 512 + i] * hidden[i];
    }
    return out;
  };
  hidden = linear(name + ".0", 512);
  const auto at = [&](const char* part, std::size_t i) {
    return syncnet_weights().at(name + ".1." + part).values[i];
  };
  for (std::size_t i = 0; i < 512; ++i)
    hidden[i] = std::max(0.0F, (hidden[i] - at("running_mean", i)) /
                                       std::sqrt(at("running_var", i) + 1e-5F) * at("weight", i) +
                                   at("bias", i));
  return linear(name + ".3", 1024);
}

std::vector<float> reference_speech(const float* mfcc) {
  Volume x(1, 1, 13, 20);
  for (int t = 0; t < 20; ++t)
    for (int b = 0; b < 13; ++b) x.row(0, 0, b)[t] = mfcc[t * 13 + b];
  x = convolve(x, "netcnnaud", 0, 1, 1);
  x = convolve(x, "netcnnaud", 4, 1, 1);
  x = pool(x, 1, 2, 0);
  for (const int module : {8, 11, 14}) x = convolve(x, "netcnnaud", module, 1, 1);
  x = pool(x, 2, 2, 0);
  x = convolve(x, "netcnnaud", 18, 1, 0);
  return head(x, "netfcaud");
}

std::vector<float> reference_mouth(const std::uint8_t* rgb) {
  Volume x(3, 5, 224, 224);
  for (int t = 0; t < 5; ++t)
    for (int y = 0; y < 224; ++y)
      for (int column = 0; column < 224; ++column)
        for (int c = 0; c < 3; ++c) x.row(2 - c, t, y)[column] = *rgb++;  // BGR
  x = convolve(x, "netcnnlip", 0, 2, 0);
  x = pool(x, 2, 2, 0);
  x = convolve(x, "netcnnlip", 4, 2, 1);
  x = pool(x, 2, 2, 1);
  for (const int module : {8, 11, 14}) x = convolve(x, "netcnnlip", module, 1, 1);
  x = pool(x, 2, 2, 0);
  x = convolve(x, "netcnnlip", 18, 1, 0);
  return head(x, "netfclip");
}

double largest(const std::vector<float>& values) {
  double most = 0;
  for (const float v : values) most = std::max<double>(most, std::abs(v));
  return most;
}

void expect_near(std::span<const float> got, const std::vector<float>& expected) {
  ASSERT_EQ(got.size(), expected.size());
  const double scale = largest(expected);
  ASSERT_GT(scale, 0.1);
  for (std::size_t i = 0; i < got.size(); ++i) ASSERT_NEAR(got[i], expected[i], 1e-4 * scale) << i;
}

class SyncNetTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ =
        std::filesystem::temp_directory_path() / ("visema-syncnet-" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
    write_legacy_checkpoint(syncnet_weights(), folder_ / "syncnet_v2.model");
    import_syncnet(folder_ / "syncnet_v2.model", folder_ / "syncnet.safetensors");
  }
  static void TearDownTestSuite() { std::filesystem::remove_all(folder_); }

  static SyncNet network() { return {folder_ / "syncnet.safetensors", Compute{}}; }

  static inline std::filesystem::path folder_;
};

TEST_F(SyncNetTest, ImportKeepsEveryNumberAndSaysWhereItCameFrom) {
  const TensorFile file = TensorFile::open(folder_ / "syncnet.safetensors");
  std::size_t counters = 0;
  for (const auto& [name, tensor] : syncnet_weights()) {
    if (name.ends_with("num_batches_tracked"))
      ++counters;
    else
      EXPECT_EQ(file.floats(name, tensor.shape), tensor.values) << name;
  }
  EXPECT_EQ(file.names().size() + counters, syncnet_weights().size());
  const WeightCard card = read_weight_card(file, "syncnet", "2");
  EXPECT_THAT(card.card, HasSubstr("syncnet_v2.model"));
  EXPECT_EQ(network().card().network, "syncnet");
}

TEST_F(SyncNetTest, SpeechTowerEqualsPlainLoops) {
  std::vector<float> mfcc(13 * 27);
  for (std::size_t i = 0; i < mfcc.size(); ++i)
    mfcc[i] = static_cast<float>(8 * std::sin(0.37 * static_cast<double>(i * i % 1009)));
  const auto got = network().embed_speech(mfcc);
  ASSERT_EQ(got.size(), 2U * 1024);  // windows at frame 0 and 4
  expect_near(std::span(got).first(1024), reference_speech(mfcc.data()));
  expect_near(std::span(got).last(1024), reference_speech(mfcc.data() + 4 * 13));
}

TEST_F(SyncNetTest, MouthTowerEqualsPlainLoops) {
  constexpr std::size_t kPicture = 224 * 224 * 3;
  std::vector<std::uint8_t> rgb(6 * kPicture);
  for (std::size_t i = 0; i < rgb.size(); ++i)
    rgb[i] = static_cast<std::uint8_t>(mixed(static_cast<std::uint32_t>(i / 40)));
  const auto got = network().embed_mouth(rgb);
  ASSERT_EQ(got.size(), 2U * 1024);
  expect_near(std::span(got).last(1024), reference_mouth(rgb.data() + kPicture));
}

TEST_F(SyncNetTest, TooFewFramesHaveNoEmbedding) {
  const SyncNet net = network();
  EXPECT_TRUE(net.embed_mouth(std::vector<std::uint8_t>(4 * 224 * 224 * 3)).empty());
  EXPECT_TRUE(net.embed_speech(std::vector<float>(19 * 13)).empty());
  EXPECT_THROW(net.embed_speech(std::vector<float>(14)), Error);
  EXPECT_THROW(net.embed_mouth(std::vector<std::uint8_t>(100)), Error);
}

TEST_F(SyncNetTest, ImportNamesTheTensorThatIsWrong) {
  const auto message_of = [&](const SyncnetWeights& all) -> std::string {
    write_legacy_checkpoint(all, folder_ / "wrong.model");
    try {
      import_syncnet(folder_ / "wrong.model", folder_ / "wrong.safetensors");
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kModel);
      return error.what();
    }
    return "accepted";
  };
  SyncnetWeights few = {{"netcnnaud.0.weight", syncnet_weights().at("netcnnaud.0.weight")}};
  EXPECT_THAT(message_of(few), AllOf(HasSubstr("wrong.model"), HasSubstr("'netcnnaud.0.bias'")));
  few["netcnnaud.0.weight"].shape = {64, 1, 9};
  EXPECT_THAT(message_of(few), AllOf(HasSubstr("'netcnnaud.0.weight'"), HasSubstr("[64,1,3,3]"),
                                     HasSubstr("[64,1,9]")));
  few["fc.weight"] = {{1}, {1}};
  EXPECT_THAT(message_of(few), AllOf(HasSubstr("'fc.weight'"), HasSubstr("syncnet_v2.model")));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "wrong.safetensors"));
}

}  // namespace
}  // namespace visema
