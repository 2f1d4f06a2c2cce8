#include "received_stream.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <fstream>
#include <map>
#include <string_view>

#include "visema/core/error.h"

namespace visema::bench {
namespace {

constexpr std::size_t kPacketBytes = 188;  // ISO/IEC 13818-1, 2.4.3
constexpr std::size_t kHeaderBytes = 4;
constexpr double kTicksPerSecond = 90000;
constexpr int kBufferBytes = 16 << 20;

unsigned byte_at(std::string_view bytes, std::size_t at) {
  return static_cast<unsigned char>(bytes[at]);
}

/// What follows the header and the adaptation field.
std::string_view payload_of(std::string_view packet) {
  const unsigned control = byte_at(packet, 3) >> 4U & 3U;
  std::size_t begin = kHeaderBytes;
  if (control >= 2) begin += 1 + byte_at(packet, kHeaderBytes);
  return control == 2 || begin >= packet.size() ? std::string_view() : packet.substr(begin);
}

/// Whether decoding can begin here: random_access_indicator (ISO/IEC 13818-1, 2.4.3.5).
bool is_entry(std::string_view packet) {
  const bool adapted = (byte_at(packet, 3) >> 4U & 2U) != 0 && byte_at(packet, kHeaderBytes) > 0;
  return adapted && (byte_at(packet, kHeaderBytes + 1) & 0x40U) != 0;
}

/// ISO/IEC 13818-1, 2.4.3.6: 33 bits among marker bits.
double presentation_time(std::string_view pes) {
  constexpr std::size_t kAt = 9;
  std::uint64_t ticks = byte_at(pes, kAt) >> 1U & 7U;
  for (const std::size_t at : {kAt + 1, kAt + 3})
    ticks = ticks << 15U | byte_at(pes, at) << 7U | byte_at(pes, at + 1) >> 1U;
  return static_cast<double>(ticks) / kTicksPerSecond;
}

/// Puts what belongs together back together.
class Demuxer {
 public:
  void take(std::string_view packet, BenchClock::time_point time) {
    const unsigned program = (byte_at(packet, 1) & 0x1FU) << 8U | byte_at(packet, 2);
    const bool starts = (byte_at(packet, 1) & 0x40U) != 0;
    const std::string_view payload = payload_of(packet);
    if (starts) begin(program, payload, is_entry(packet));
    const auto open = open_.find(program);
    if (open != open_.end() && !payload.empty()) open->second->back().complete = time;
  }
  ReceivedStream& result() { return result_; }

 private:
  /// Pictures before the first key frame cannot be decoded and do not count.
  void begin(unsigned program, std::string_view payload, bool entry) {
    constexpr std::size_t kLeast = 14;
    open_.erase(program);
    if (payload.size() < kLeast || !payload.starts_with(std::string_view("\0\0\1", 3))) return;
    const unsigned kind = byte_at(payload, 3) & 0xF0U;
    if (kind != 0xE0 && kind != 0xC0 && kind != 0xD0) return;
    if (kind == 0xE0 && result_.pictures.empty() && !entry) return;
    auto& packets = kind == 0xE0 ? result_.pictures : result_.sound;
    packets.push_back({presentation_time(payload), {}});
    open_[program] = &packets;
  }

  ReceivedStream result_;
  std::map<unsigned, std::vector<ReceivedPacket>*> open_;
};

}  // namespace

StreamReceiver::StreamReceiver(int port) : socket_(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
  setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &kBufferBytes, sizeof kBufferBytes);
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  name.sin_port = htons(static_cast<std::uint16_t>(port));
  if (bind(socket_, reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0)
    throw Error(ErrorCode::kUsage, "port " + std::to_string(port) + ": cannot be had");
}

StreamReceiver::~StreamReceiver() {
  close(socket_);
}

void StreamReceiver::receive(const std::stop_token& stop) {
  constexpr int kStepMs = 100;
  std::array<char, 65536> bytes;
  while (!stop.stop_requested()) {
    pollfd one{socket_, POLLIN, 0};
    if (poll(&one, 1, kStepMs) <= 0) continue;
    const ssize_t count = recv(socket_, bytes.data(), bytes.size(), 0);
    if (count > 0)
      datagrams_.push_back({BenchClock::now(), {bytes.data(), static_cast<std::size_t>(count)}});
  }
}

ReceivedStream StreamReceiver::stream(const std::filesystem::path& file) const {
  Demuxer demuxer;
  std::ofstream out(file, std::ios::binary);
  for (const Datagram& datagram : datagrams_) {
    out << datagram.bytes;
    const std::string_view bytes = datagram.bytes;
    for (std::size_t at = 0; at + kPacketBytes <= bytes.size(); at += kPacketBytes)
      demuxer.take(bytes.substr(at, kPacketBytes), datagram.time);
  }
  return std::move(demuxer.result());
}

}  // namespace visema::bench
