#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "visema/models/generator_network.h"

namespace visema::session {

// What a painter and those it paints for say to each other over a PacketSocket, a JSON text each.
// First, which generator: GeneratorOrder, with the weights as the packet's file where they are not
// installed ones. The answer is GeneratorInfo with the memory of one picture (SharedPicture). Then,
// as often as wanted: planes are in the memory (kPaint), the result is (PaintedTogether). Any
// answer may be a Refusal.

inline constexpr const char* kPaint = "paint";

struct GeneratorOrder {
  std::filesystem::path weights;  // file; empty: they come with the packet
  std::int64_t bytes = 0;         // of those
  std::string name;               // of the weights, for messages
  std::string device;             // as of ComputeRequest
  std::string precision;
};

/// How many pictures the network's call painted, this one among them.
struct PaintedTogether {
  int pictures = 1;
};

struct Refusal {
  std::string text;
  int code = 0;         // ErrorCode
  bool ending = false;  // the painter goes down with it
};

std::string text_of(const GeneratorOrder& order);
std::string text_of(const GeneratorInfo& info);
std::string text_of(const PaintedTogether& painted);
std::string text_of(const Refusal& refusal);

// Throw nlohmann::json::exception for another text, and the last two throw a Refusal as an Error,
// as PainterLost where the painter ends.
GeneratorOrder order_of(const std::string& text);
GeneratorInfo info_of(const std::string& text);
PaintedTogether painted_of(const std::string& text);

}  // namespace visema::session
