#include "painter.h"

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <span>
#include <system_error>

#include "visema/core/error.h"
#include "visema/core/sha256.h"
#include "visema/models/tensor_file.h"

namespace visema::session {
namespace {

/// Read, not mapped: the other process may do with its file what it wants.
std::vector<std::byte> bytes_of(const FileDescriptor& file, std::int64_t count) {
  struct stat facts {};
  if (fstat(file.number(), &facts) != 0 || count < 0 || facts.st_size < count)
    throw Error(ErrorCode::kInternal, "the weights did not arrive");
  std::vector<std::byte> bytes(static_cast<std::size_t>(count));
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t got =
        pread(file.number(), bytes.data() + done, bytes.size() - done, static_cast<off_t>(done));
    if (got <= 0) throw Error(ErrorCode::kInternal, "the weights did not arrive");
    done += static_cast<std::size_t>(got);
  }
  return bytes;
}

Refusal refusal_of(const std::exception& error, bool ending) {
  return {describe(error), static_cast<int>(code_of(error)), ending};
}

}  // namespace

std::size_t Painter::gather(int timeout_ms) {
  std::vector<pollfd> sockets;
  for (const auto& channel : channels_) sockets.push_back({channel->socket.number(), POLLIN, 0});
  sockets.push_back({listener_.number(), POLLIN, 0});
  if (poll(sockets.data(), sockets.size(), timeout_ms) <= 0) return waiting_.size();
  for (std::size_t i = 0; i < channels_.size(); ++i)
    if (sockets[i].revents != 0) hear(*channels_[i]);
  std::erase_if(waiting_, [](const Channel* channel) { return !channel->open; });
  std::erase_if(channels_, [](const auto& channel) { return !channel->open; });
  std::erase_if(brought_, [](const auto& entry) { return entry.second.expired(); });
  if (sockets.back().revents != 0)
    if (auto socket = listener_.accept())
      channels_.push_back(
          std::make_unique<Channel>(Channel{std::move(*socket), SharedPicture::create(), nullptr}));
  return waiting_.size();
}

void Painter::hear(Channel& channel) {
  const auto packet = channel.socket.receive();
  const bool waits = std::find(waiting_.begin(), waiting_.end(), &channel) != waiting_.end();
  channel.open = packet && !waits;
  if (!channel.open) return;
  if (!channel.network)
    answer_order(channel, *packet);
  else
    waiting_.push_back(&channel);
}

void Painter::answer_order(Channel& channel, const Packet& packet) {
  try {
    channel.network = network_of(order_of(packet.text), packet.file);
    channel.open = channel.socket.send(text_of(channel.network->info()), channel.picture.file());
  } catch (const std::exception& error) {
    channel.socket.send(text_of(refusal_of(error, false)));
    channel.open = false;
  }
}

std::shared_ptr<const GeneratorNetwork> Painter::network_of(const GeneratorOrder& order,
                                                            const FileDescriptor& weights) {
  const Compute compute = resolve({order.device, order.precision, 0});
  const std::string how = compute.description + '\n';
  if (!order.weights.empty()) {
    auto& network = installed_[how + order.weights.string()];
    if (!network) network = std::make_shared<const GeneratorNetwork>(order.weights, compute);
    return network;
  }
  std::vector<std::byte> bytes = bytes_of(weights, order.bytes);
  auto& known = brought_[how + sha256_hex(bytes)];
  auto network = known.lock();
  if (!network)
    known = network = std::make_shared<const GeneratorNetwork>(
        TensorFile::from_bytes(std::move(bytes), order.name), compute);
  return network;
}

std::vector<Painter::Channel*> Painter::take_together() {
  std::vector<Channel*> together;
  const auto network = waiting_.front()->network;
  std::erase_if(waiting_, [&](Channel* channel) {
    const bool fits = channel->network == network && together.size() < kMostTogether;
    if (fits) together.push_back(channel);
    return fits;
  });
  return together;
}

void Painter::paint() {
  if (waiting_.empty()) return;
  const std::vector<Channel*> together = take_together();
  try {
    run(together);
  } catch (const std::exception& error) {
    for (const auto& channel : channels_)
      if (channel->network) channel->socket.send(text_of(refusal_of(error, true)));
    throw;
  }
  // One that is gone meanwhile is found by gather().
  const PaintedTogether painted{static_cast<int>(together.size())};
  for (const Channel* channel : together) channel->socket.send(text_of(painted));
}

void Painter::run(const std::vector<Channel*>& together) {
  const GeneratorNetwork& network = *together.front()->network;
  if (together.size() == 1) {
    network.run(together.front()->picture.planes(), together.front()->picture.result());
    return;
  }
  planes_.clear();
  for (const Channel* channel : together)
    planes_.insert(planes_.end(), channel->picture.planes().begin(),
                   channel->picture.planes().end());
  results_.resize(planes_.size() / GeneratorNetwork::kInputPlanes *
                  GeneratorNetwork::kOutputPlanes);
  network.run(planes_, results_);
  auto next = results_.cbegin();
  for (const Channel* channel : together) {
    const std::span<float> result = channel->picture.result();
    std::copy_n(next, result.size(), result.begin());
    next += static_cast<std::ptrdiff_t>(result.size());
  }
}

}  // namespace visema::session
