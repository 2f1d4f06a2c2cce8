#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "painter_messages.h"
#include "shared_picture.h"
#include "visema/core/packet_socket.h"
#include "visema/models/generator_network.h"

namespace visema::session {

/// Runs generators for other processes (RemoteGenerator), in turns: gather() what waits, paint().
/// While it paints the next pictures gather by themselves, so that it never waits for company.
/// Whoever closes its connection is forgotten with what it asked for. One thread.
class Painter {
 public:
  /// Pictures in one call, at most: more gain nothing and take memory.
  static constexpr std::size_t kMostTogether = 16;

  explicit Painter(PacketListener listener) : listener_(std::move(listener)) {}

  /// Waits until something is asked, at most so long (-1: any time), and returns how many pictures
  /// wait to be painted.
  std::size_t gather(int timeout_ms);
  /// Paints the picture that has waited longest and those that wait for the same network in one
  /// call. When the network throws, tells those who wait and throws it on.
  void paint();

 private:
  struct Channel {
    PacketSocket socket;
    SharedPicture picture;
    std::shared_ptr<const GeneratorNetwork> network;  // null: not asked for yet
    bool open = true;
  };
  void hear(Channel& channel);
  void answer_order(Channel& channel, const Packet& packet);
  std::shared_ptr<const GeneratorNetwork> network_of(const GeneratorOrder& order,
                                                     const FileDescriptor& weights);
  std::vector<Channel*> take_together();
  void run(const std::vector<Channel*>& together);

  const PacketListener listener_;
  std::vector<std::unique_ptr<Channel>> channels_;
  std::vector<Channel*> waiting_;  // the longest first
  std::map<std::string, std::shared_ptr<const GeneratorNetwork>> installed_;
  std::map<std::string, std::weak_ptr<const GeneratorNetwork>> brought_;  // while anybody uses them
  std::vector<float> planes_, results_;
};

}  // namespace visema::session
