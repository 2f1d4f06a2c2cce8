#include "visema/audio/pcm_stream.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <thread>

#include "visema/core/error.h"

namespace visema {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

/// Wide enough for a busy machine; nothing waits so long when all is well.
constexpr auto kPatience = 30s;

std::vector<std::int16_t> ramp(std::size_t count) {
  std::vector<std::int16_t> samples(count);
  for (std::size_t i = 0; i < count; ++i)
    samples[i] = static_cast<std::int16_t>(i * 7 % 65536 - 32768);
  return samples;
}

std::vector<float> take(SoundInput& input, std::size_t frames) {
  std::vector<float> all;
  const auto end = std::chrono::steady_clock::now() + kPatience;
  const auto channels = static_cast<std::size_t>(input.channels());
  while (all.size() < frames * channels && std::chrono::steady_clock::now() < end) {
    std::vector<float> part(frames * channels - all.size());
    part.resize(input.read(part, 100ms) * channels);
    all.insert(all.end(), part.begin(), part.end());
    if (part.empty() && input.ended()) break;
  }
  return all;
}

std::vector<float> as_float(const std::vector<std::int16_t>& samples) {
  std::vector<float> all;
  for (const auto sample : samples) all.push_back(static_cast<float>(sample) / 32768.0F);
  return all;
}

void send_all(int number, const void* data, std::size_t size) {
  const char* at = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t sent = send(number, at, size, MSG_NOSIGNAL);
    if (sent > 0) {
      at += sent;
      size -= static_cast<std::size_t>(sent);
    } else {
      pollfd one{number, POLLOUT, 0};
      poll(&one, 1, 100);
    }
  }
}

template <typename Condition>
bool becomes(Condition condition) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (std::chrono::steady_clock::now() < end) {
    if (condition()) return true;
    std::this_thread::sleep_for(1ms);
  }
  return false;
}

class PcmStreamTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("visema-pcm-" + std::to_string(getpid()));
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path folder_;
};

TEST_F(PcmStreamTest, AFileIsReadToItsEnd) {
  const auto samples = ramp(5000);
  std::ofstream(folder_ / "sound.raw", std::ios::binary)
      .write(reinterpret_cast<const char*>(samples.data()), 10000);
  PcmStream stream(PcmSource::parse("pcm:s16le:16000:2:" + (folder_ / "sound.raw").string()));
  EXPECT_EQ(stream.rate_hz(), 16000);
  EXPECT_EQ(stream.channels(), 2);
  EXPECT_EQ(take(stream, 2500), as_float(samples));
  EXPECT_TRUE(becomes([&] { return stream.ended(); }));
}

TEST_F(PcmStreamTest, APeerMaySendInOddPiecesAndAnotherMayFollow) {
  PcmStream stream(PcmSource::parse("tcp://127.0.0.1:0?rate=16000&channels=1"));
  auto address = SocketAddress::parse("tcp://127.0.0.1:1");
  address.port = stream.port();
  const auto samples = ramp(4000);
  const auto* bytes = reinterpret_cast<const char*>(samples.data());
  std::mt19937 random(3);
  for (int peer = 0; peer < 2; ++peer) {
    const FileDescriptor socket = connect_to(address);
    for (std::size_t at = 0; at < 8000;) {
      const std::size_t size = std::min<std::size_t>(1 + random() % 333, 8000 - at);
      send_all(socket.number(), bytes + at, size);
      at += size;
    }
    send_all(socket.number(), "x", 1);  // half a sample, lost with its sender
    EXPECT_EQ(take(stream, 4000), as_float(samples));
  }
  EXPECT_FALSE(stream.ended());
  EXPECT_EQ(stream.statistics().connections, 2);
}

TEST_F(PcmStreamTest, AUnixSocketListensAndConnects) {
  const std::string address = "unix:" + (folder_ / "in.sock").string();
  PcmStream listening(PcmSource::parse(address + "?format=f32le&rate=48000"));
  const FileDescriptor socket = connect_to(SocketAddress::parse(address));
  const float sample = 0.125F;
  send_all(socket.number(), &sample, sizeof sample);
  EXPECT_EQ(take(listening, 1), std::vector<float>{0.125F});

  const std::string other = "unix:" + (folder_ / "out.sock").string();
  PcmStream connecting(PcmSource::parse(other + "?format=u8&mode=connect"));
  EXPECT_TRUE(becomes([&] { return !connecting.statistics().problem.empty(); }));
  Listener listener(SocketAddress::parse(other));
  FileDescriptor peer;
  ASSERT_TRUE(becomes([&] { return static_cast<bool>(peer = listener.accept()); }));
  send_all(peer.number(), "\xC0", 1);
  EXPECT_EQ(take(connecting, 1), std::vector<float>{0.5F});
}

TEST_F(PcmStreamTest, APeerThatLeavesAtOnceIsNotCalledInHaste) {
  const std::string address = "unix:" + (folder_ / "out.sock").string();
  Listener listener(SocketAddress::parse(address));
  PcmStream connecting(PcmSource::parse(address + "?mode=connect"));
  const auto accepted = [&] { return static_cast<bool>(listener.accept()); };
  ASSERT_TRUE(becomes(accepted));
  const auto begin = std::chrono::steady_clock::now();
  ASSERT_TRUE(becomes(accepted));
  EXPECT_GT(std::chrono::steady_clock::now() - begin, 400ms);
}

TEST_F(PcmStreamTest, ClearEndsAFile) {
  const auto path = folder_ / "sound.raw";
  std::ofstream(path, std::ios::binary) << std::string(std::size_t{100} * 8000, '\x40');
  PcmStream stream(PcmSource::parse("pcm:u8:8000:1:" + path.string()));
  ASSERT_EQ(take(stream, 100).size(), 100U);
  stream.clear();
  EXPECT_TRUE(becomes([&] { return stream.ended(); }));
}

TEST_F(PcmStreamTest, AFifoWaitsForTheNextWriter) {
  const auto path = folder_ / "fifo";
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  PcmStream stream(PcmSource::parse("pcm:u8:8000:1:" + path.string()));
  for (int writer = 0; writer < 2; ++writer) {
    const FileDescriptor pipe(open(path.c_str(), O_WRONLY));
    ASSERT_EQ(write(pipe.number(), "\x40\xC0", 2), 2);
    EXPECT_EQ(take(stream, 2), (std::vector<float>{-0.5F, 0.5F}));
  }
  EXPECT_FALSE(stream.ended());
}

TEST_F(PcmStreamTest, AFifoMayEndWithItsWriter) {
  const auto path = folder_ / "fifo";
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  PcmSource source = PcmSource::parse("pcm:u8:8000:1:" + path.string());
  source.ends_with_writer = true;
  PcmStream stream(source);
  EXPECT_FALSE(stream.ended());
  {
    const FileDescriptor pipe(open(path.c_str(), O_WRONLY));
    ASSERT_EQ(write(pipe.number(), "\x40\xC0", 2), 2);
  }
  EXPECT_EQ(take(stream, 2), (std::vector<float>{-0.5F, 0.5F}));
  EXPECT_TRUE(becomes([&] { return stream.ended(); }));
}

TEST_F(PcmStreamTest, WhatComesTooFastWaitsInTheSenderAndIsForgottenWithTheRest) {
  const std::string address = "unix:" + (folder_ / "in.sock").string();
  PcmStream stream(PcmSource::parse(address + "?format=u8&rate=8000"));
  const FileDescriptor socket = connect_to(SocketAddress::parse(address));
  const std::vector<char> second(8000, '\x40');
  std::size_t sent = 0;
  // A socket that takes no more, although all of the buffer's 30 s have had time to go through.
  for (int full = 0; full < 20;) {
    const ssize_t count = send(socket.number(), second.data(), second.size(), MSG_NOSIGNAL);
    if (count > 0) sent += static_cast<std::size_t>(count);
    full = count > 0 ? 0 : full + 1;
    if (count <= 0) std::this_thread::sleep_for(20ms);
    ASSERT_LT(sent, 100U * 8000) << "all was taken";
  }
  EXPECT_EQ(stream.available(), 30U * 8000);
  stream.clear();
  send_all(socket.number(), "\xC0", 1);
  EXPECT_EQ(take(stream, 1), std::vector<float>{0.5F});
}

TEST_F(PcmStreamTest, WrongTextsAreNamed) {
  const std::pair<const char*, const char*> cases[] = {
      {"pcm:s16le:24000", "must be pcm:FORMAT:RATE:CHANNELS:PATH"},
      {"pcm:mp3:24000:1:-", "format \"mp3\": must be one of"},
      {"pcm:s16le:1:1:-", "rate \"1\": must be in 4000..192000"},
      {"pcm:s16le:24000:9:-", "channels \"9\": must be in 1..8"},
      {"tcp://127.0.0.1", "host and port are needed"},
      {"tcp://127.0.0.1:70000", "must be in 0..65535"},
      {"unix:", "the path must have 1.."},
      {"unix:/tmp/a?speed=3", "options must be format="},
  };
  for (const auto& [text, part] : cases) try {
      PcmSource::parse(text);
      ADD_FAILURE() << text << " was accepted";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kUsage);
      EXPECT_THAT(error.what(), HasSubstr(part));
    }
  EXPECT_THROW(PcmStream(PcmSource::parse("pcm:u8:8000:1:/no/such/file")), Error);
}

}  // namespace
}  // namespace visema
