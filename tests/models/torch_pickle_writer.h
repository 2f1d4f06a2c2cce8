#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace visema {

/// Writes float tensors as torch.save did before PyTorch 1.6.
class TorchPickleWriter {
 public:
  void add(const std::string& name, std::vector<std::int64_t> shape, std::vector<float> values) {
    tensors_.push_back({name, std::move(shape), std::move(values)});
  }

  /// How the state_dict is written: by Python 3 or by Python 2.
  enum class Dict { kItems, kPairs };

  std::vector<std::byte> legacy_file(Dict how = Dict::kItems) const {
    std::string file = "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.";
    file += "\x80\x02M\xe9\x03.";
    file += "\x80\x02}" + text("little_endian") + "\x88s.";
    file += "\x80\x02" + dict(how) + ".";
    file += "\x80\x02](";
    for (std::size_t i = 0; i < tensors_.size(); ++i) file += text(key(i));
    file += "e.";
    for (const Item& item : tensors_) {
      file += number<std::int64_t>(static_cast<std::int64_t>(item.values.size()));
      file.append(reinterpret_cast<const char*>(item.values.data()),
                  item.values.size() * sizeof(float));
    }
    const auto bytes = std::as_bytes(std::span(file));
    return {bytes.begin(), bytes.end()};
  }

 private:
  struct Item {
    std::string name;
    std::vector<std::int64_t> shape;
    std::vector<float> values;
  };

  template <typename T>
  static std::string number(T value) {
    return {reinterpret_cast<const char*>(&value), sizeof value};
  }
  static std::string integer(std::int64_t value) {
    return 'J' + number(static_cast<std::int32_t>(value));
  }
  static std::string text(const std::string& value) {
    return 'X' + number(static_cast<std::uint32_t>(value.size())) + value;
  }
  static std::string key(std::size_t i) { return std::to_string(9000 + i); }

  std::string dict(Dict how) const {
    const bool pairs = how == Dict::kPairs;
    std::string out = "ccollections\nOrderedDict\n";
    out += pairs ? "](" : ")R(";
    for (std::size_t i = 0; i < tensors_.size(); ++i) {
      const Item& item = tensors_[i];
      std::string sizes, strides;
      std::int64_t stride = 1;
      for (auto side = item.shape.rbegin(); side != item.shape.rend(); ++side) {
        strides.insert(0, integer(stride));
        stride *= *side;
      }
      for (const auto side : item.shape) sizes += integer(side);
      if (pairs) out += "](";
      out += text(item.name) + "ctorch._utils\n_rebuild_tensor_v2\n((" + text("storage") +
             "ctorch\nFloatStorage\n" + text(key(i)) + text("cuda:0") +
             integer(static_cast<std::int64_t>(item.values.size())) + "NtQK";
      out += '\0';
      out += "(" + sizes + "t(" + strides + "t\x89" + "ccollections\nOrderedDict\n)RtR";
      if (pairs) out += "e";
    }
    return out + (pairs ? "e\x85R}b" : "u");
  }

  std::vector<Item> tensors_;
};

}  // namespace visema
