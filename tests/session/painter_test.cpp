#include "painter.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <fstream>
#include <memory>
#include <optional>
#include <thread>

#include "remote_generator.h"
#include "session_fixture.h"
#include "visema/core/error.h"
#include "visema/models/tensor_file.h"
#include "visema/renderer/generator_input.h"

namespace visema::session {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

constexpr std::size_t kResult = std::size_t{4} * kCropPixels;
constexpr int kLongMs = 60'000;

/// Painters of this process; those who ask are threads of it.
class PainterTest : public SessionTest {
 protected:
  static std::filesystem::path weights(const std::string& name = "renderer") {
    return built_models().weights / (name + ".safetensors");
  }

  static GeneratorOrder order(const std::filesystem::path& weights,
                              const std::string& precision = "fp32") {
    return {weights, 0, weights.string(), "cpu", precision};
  }

  /// The same listener, for a painter.
  PacketListener listener() const {
    return PacketListener(FileDescriptor(dup(listener_.number())));
  }

  /// Planes that differ with `seed`.
  static std::vector<float> planes(unsigned seed) {
    std::vector<float> values(kGeneratorInputSize);
    for (std::size_t i = 0; i < values.size(); ++i)
      values[i] = static_cast<float>((i + seed * 7919) * 2654435761U % 1000) / 1000.0F;
    return values;
  }

  /// What a network paints of them by itself, on one thread.
  static std::vector<float> alone(const TensorFile& weights, unsigned seed,
                                  const std::string& precision = "fp32") {
    std::vector<float> result(kResult);
    GeneratorNetwork(weights, resolve({"cpu", precision, 1})).run(planes(seed), result);
    return result;
  }
  static std::vector<float> alone(unsigned seed) {
    return alone(TensorFile::open(weights()), seed);
  }

  /// Somebody who asks for one picture.
  struct Customer {
    std::vector<float> result = std::vector<float>(kResult);
    PaintCounts counts;
    GeneratorInfo info;
    std::string error;
    std::thread thread;

    void ask(const std::string& address, const GeneratorOrder& order, unsigned seed,
             const std::vector<std::byte>& brought = {}) {
      thread = std::thread([=, this] {
        try {
          const RemoteGenerator generator(address, order, brought);
          info = generator.info();
          generator.run(planes(seed), result);
          counts = generator.counts();
        } catch (const PainterLost& lost) {
          error = std::string("lost: ") + lost.what();
        } catch (const Error& refused) {
          error = std::to_string(static_cast<int>(refused.code())) + ": " + refused.what();
        }
      });
    }
  };

  static bool gather(Painter& painter, std::size_t wanted) {
    for (int turn = 0; turn < 1000; ++turn)
      if (painter.gather(kLongMs) >= wanted) return true;
    return false;
  }

  const PacketListener listener_;
};

TEST_F(PainterTest, PicturesThatWaitTogetherArePaintedInOneCall) {
  Painter painter(listener());
  std::vector<Customer> customers(3);
  for (unsigned k = 0; k < 3; ++k) customers[k].ask(listener_.name(), order(weights()), k);
  ASSERT_TRUE(gather(painter, 3));
  painter.paint();
  for (unsigned k = 0; k < 3; ++k) {
    SCOPED_TRACE(k);
    customers[k].thread.join();
    EXPECT_EQ(customers[k].error, "");
    EXPECT_EQ(customers[k].counts.pictures, 1);
    EXPECT_DOUBLE_EQ(customers[k].counts.calls, 1.0 / 3);
    EXPECT_EQ(customers[k].result, alone(k)) << "bit for bit, whatever it was painted with";
    EXPECT_EQ(customers[k].info.sha256, TensorFile::open(weights()).sha256());
  }
  EXPECT_EQ(painter.gather(0), 0U);
}

TEST_F(PainterTest, InBfloat16ThePictureIsTheSameToItsRounding) {
  Painter painter(listener());
  std::vector<Customer> customers(3);
  for (unsigned k = 0; k < 3; ++k) customers[k].ask(listener_.name(), order(weights(), "bf16"), k);
  ASSERT_TRUE(gather(painter, 3));
  painter.paint();
  const TensorFile file = TensorFile::open(weights());
  for (unsigned k = 0; k < 3; ++k) {
    customers[k].thread.join();
    EXPECT_EQ(customers[k].error, "");
    const std::vector<float> expected = alone(file, k, "bf16");
    float most = 0;
    for (std::size_t i = 0; i < expected.size(); ++i)
      most = std::max(most, std::abs(customers[k].result[i] - expected[i]));
    EXPECT_LT(most, 0.05F);
    RecordProperty("difference" + std::to_string(k), std::to_string(most));
  }
}

TEST_F(PainterTest, EachNetworkHasItsOwnCalls) {
  Painter painter(listener());
  const TensorFile light = TensorFile::open(weights("renderer-light"));
  std::vector<std::byte> bytes(std::filesystem::file_size(weights("renderer-light")));
  std::ifstream(weights("renderer-light"), std::ios::binary)
      .read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  GeneratorOrder brought = order("");
  brought.name = "anna.avatar";
  brought.bytes = static_cast<std::int64_t>(bytes.size());

  std::vector<Customer> customers(4);
  customers[0].ask(listener_.name(), order(weights()), 0);
  customers[1].ask(listener_.name(), brought, 1, bytes);
  customers[2].ask(listener_.name(), brought, 2, bytes);
  customers[3].ask(listener_.name(), order(weights("renderer-light")), 3);
  ASSERT_TRUE(gather(painter, 4));
  for (int call = 0; call < 3; ++call) painter.paint();
  for (Customer& customer : customers) customer.thread.join();
  EXPECT_EQ(customers[0].result, alone(0));
  for (unsigned k = 1; k < 4; ++k) EXPECT_EQ(customers[k].result, alone(light, k)) << k;
  EXPECT_EQ(customers[0].counts.calls, 1);
  EXPECT_EQ(customers[1].counts.calls, 0.5) << "the same bytes are the same network";
  EXPECT_EQ(customers[2].counts.calls, 0.5);
  EXPECT_EQ(customers[3].counts.calls, 1);
  EXPECT_EQ(customers[1].info.config, customers[3].info.config);
}

TEST_F(PainterTest, WhoIsGoneIsForgotten) {
  Painter painter(listener());
  std::optional<PacketSocket> socket = PacketSocket::to(listener_.name());
  ASSERT_TRUE(socket->send(text_of(order(weights()))));
  while (!socket->has_news()) EXPECT_EQ(painter.gather(kLongMs), 0U);
  EXPECT_EQ(info_of(socket->receive()->text).name, "visema-generator");
  ASSERT_TRUE(socket->send(kPaint));
  ASSERT_TRUE(gather(painter, 1));
  socket.reset();
  EXPECT_EQ(painter.gather(kLongMs), 0U);
  painter.paint();  // nothing

  Customer stays;
  stays.ask(listener_.name(), order(weights()), 5);
  ASSERT_TRUE(gather(painter, 1));
  painter.paint();
  stays.thread.join();
  EXPECT_EQ(stays.result, alone(5));
  EXPECT_EQ(stays.counts.calls, 1) << "alone";
}

TEST_F(PainterTest, WhatCannotBePaintedIsSaidAndStopsNobody) {
  Painter painter(listener());
  std::atomic<bool> done = false;
  std::thread serves([&] {
    while (!done)
      if (painter.gather(10) > 0) painter.paint();
  });
  std::vector<Customer> customers(4);
  customers[0].ask(listener_.name(), order(folder_ / "none.safetensors"), 0);
  GeneratorOrder cut = order("");
  cut.name = "cut.avatar";
  cut.bytes = 3;
  customers[1].ask(listener_.name(), cut, 0, std::vector<std::byte>(3));
  customers[2].ask(listener_.name(), order(weights(), "int4"), 0);
  customers[3].ask(listener_.name(), order(weights()), 7);
  for (Customer& customer : customers) customer.thread.join();
  done = true;
  serves.join();
  EXPECT_THAT(customers[0].error, AllOf(StartsWith("3: "), HasSubstr("none.safetensors")));
  EXPECT_THAT(customers[1].error, StartsWith("5: cut.avatar"));
  EXPECT_THAT(customers[2].error, StartsWith("2: precision = int4"));
  EXPECT_EQ(customers[3].error, "");
  EXPECT_EQ(customers[3].result, alone(7));
}

TEST_F(PainterTest, AnotherPainterGoesOnWhereOneHasEnded) {
  auto first = std::make_unique<Painter>(listener());
  std::vector<float> result(kResult);
  std::string lost;
  std::thread asks([&] {
    const RemoteGenerator generator(listener_.name(), order(weights()));
    try {
      generator.run(planes(1), result);
    } catch (const PainterLost& error) {
      lost = error.what();
    }
    generator.run(planes(2), result);
  });
  EXPECT_TRUE(gather(*first, 1));
  first.reset();
  Painter second(listener());
  EXPECT_TRUE(gather(second, 1));
  second.paint();
  asks.join();
  EXPECT_THAT(lost, HasSubstr("the painter ended while it was asked for"));
  EXPECT_EQ(result, alone(2));
}

}  // namespace
}  // namespace visema::session
