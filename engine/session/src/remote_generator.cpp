#include "remote_generator.h"

#include <algorithm>

namespace visema::session {

RemoteGenerator::RemoteGenerator(std::string address, GeneratorOrder order,
                                 std::vector<std::byte> weights)
    : address_(std::move(address)), order_(std::move(order)), weights_(std::move(weights)) {
  idle_.push_back(open(info_));
}

Packet RemoteGenerator::ask(const PacketSocket& socket, const std::string& text, int file) const {
  if (socket.send(text, file))
    if (auto answer = socket.receive()) return std::move(*answer);
  throw PainterLost("the painter ended while it was asked for " + order_.name);
}

RemoteGenerator::Channel RemoteGenerator::open(GeneratorInfo& info) const {
  PacketSocket socket = [&] {
    try {
      return PacketSocket::to(address_);
    } catch (const Error& error) {
      throw PainterLost(std::string("the painter: ") + error.what());
    }
  }();
  const FileDescriptor weights = order_.weights.empty() ? file_with(weights_) : FileDescriptor();
  Packet answer = ask(socket, text_of(order_), weights.number());
  info = info_of(answer.text);
  return {std::move(socket), SharedPicture(std::move(answer.file))};
}

RemoteGenerator::Channel RemoteGenerator::take() const {
  {
    const std::lock_guard lock(mutex_);
    while (!idle_.empty()) {
      Channel channel = std::move(idle_.back());
      idle_.pop_back();
      if (!channel.socket.has_news()) return channel;  // else its painter has ended
    }
  }
  GeneratorInfo same;
  return open(same);
}

void RemoteGenerator::run(std::span<const float> planes, std::span<float> result) const {
  Channel channel = take();
  std::copy(planes.begin(), planes.end(), channel.picture.planes().begin());
  const int together = painted_of(ask(channel.socket, kPaint).text).pictures;
  std::copy_n(channel.picture.result().begin(), result.size(), result.begin());
  const std::lock_guard lock(mutex_);
  counts_ += {1, 1.0 / together};
  idle_.push_back(std::move(channel));
}

PaintCounts RemoteGenerator::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

}  // namespace visema::session
