#pragma once

#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "generator.h"
#include "painter_messages.h"
#include "shared_picture.h"
#include "visema/core/packet_socket.h"

namespace visema::session {

/// A generator that a painter holds. Each thread that is in run() has a channel to it of its own,
/// which is kept for the next. A painter that was started again under the same address goes on with
/// what is asked after that.
class RemoteGenerator : public Generator {
 public:
  /// `weights`: where order.weights is empty. Throws PainterLost, and what the painter says of the
  /// weights: Error(kModel), Error(kUsage) for a device that is not there.
  RemoteGenerator(std::string address, GeneratorOrder order, std::vector<std::byte> weights = {});

  /// Throws PainterLost.
  void run(std::span<const float> planes, std::span<float> result) const override;
  const GeneratorInfo& info() const override { return info_; }
  PaintCounts counts() const override;

 private:
  struct Channel {
    PacketSocket socket;
    SharedPicture picture;
  };
  Channel open(GeneratorInfo& info) const;
  Channel take() const;
  /// What the painter answers to a text.
  Packet ask(const PacketSocket& socket, const std::string& text, int file = -1) const;

  const std::string address_;
  const GeneratorOrder order_;
  const std::vector<std::byte> weights_;
  GeneratorInfo info_;
  mutable std::mutex mutex_;
  mutable std::vector<Channel> idle_;
  mutable PaintCounts counts_;
};

}  // namespace visema::session
