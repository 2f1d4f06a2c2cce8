#pragma once

#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

#include "marked_sound.h"

namespace visema::bench {

/// An encoded picture or piece of sound, as a transport stream carries it.
struct ReceivedPacket {
  double time_s = 0;                // its place in the stream
  BenchClock::time_point complete;  // when its last byte had come
};

struct ReceivedStream {
  std::vector<ReceivedPacket> pictures;  // from the first key frame on
  std::vector<ReceivedPacket> sound;
};

/// Takes MPEG-TS in datagrams at a port of the loopback device.
class StreamReceiver {
 public:
  /// Throws Error when the port is not to be had.
  explicit StreamReceiver(int port);
  ~StreamReceiver();
  StreamReceiver(const StreamReceiver&) = delete;
  StreamReceiver& operator=(const StreamReceiver&) = delete;

  /// Until a stop is requested.
  void receive(const std::stop_token& stop);
  /// What came, and the same as a file.
  ReceivedStream stream(const std::filesystem::path& file) const;

 private:
  struct Datagram {
    BenchClock::time_point time;
    std::string bytes;
  };
  int socket_;
  std::vector<Datagram> datagrams_;
};

}  // namespace visema::bench
