#include "torch_pickle.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>

#include "torch_pickle_machine.h"

namespace visema {
namespace {

constexpr std::size_t kLongestName = 256;
constexpr std::size_t kLongestText = 1 << 20;

/// The opcodes (Python's pickletools) that pickles of tensors consist of.
enum Opcode : unsigned {
  kMark = '(',
  kStop = '.',
  kBinFloat = 'G',
  kBinInt = 'J',
  kBinInt1 = 'K',
  kBinInt2 = 'M',
  kNone = 'N',
  kBinPersId = 'Q',
  kReduce = 'R',
  kBinString = 'T',
  kShortBinString = 'U',
  kBinUnicode = 'X',
  kAppend = 'a',
  kBuild = 'b',
  kGlobal = 'c',
  kAppends = 'e',
  kBinGet = 'h',
  kLongBinGet = 'j',
  kBinPut = 'q',
  kLongBinPut = 'r',
  kSetItem = 's',
  kTuple = 't',
  kSetItems = 'u',
  kEmptyTuple = ')',
  kEmptyList = ']',
  kEmptyDict = '}',
  kProto = 0x80,
  kTuple1 = 0x85,
  kTuple2 = 0x86,
  kTuple3 = 0x87,
  kNewTrue = 0x88,
  kNewFalse = 0x89,
  kLong1 = 0x8a,
  kShortBinUnicode = 0x8c,
  kStackGlobal = 0x93,
  kMemoize = 0x94,
  kFrame = 0x95,
};

[[noreturn]] void reject(const std::string& why) {
  throw PickleError(why);
}

class Unpickler {
 public:
  explicit Unpickler(std::span<const std::byte>& bytes) : bytes_(bytes) {}

  Pickle read() {
    while (!step(take_byte())) {
    }
    return machine_.finish();
  }

 private:
  std::span<const std::byte> take(std::size_t count) {
    if (count > bytes_.size()) reject("the file ends within its description");
    const auto taken = bytes_.first(count);
    bytes_ = bytes_.subspan(count);
    return taken;
  }
  unsigned take_byte() { return std::to_integer<unsigned>(take(1)[0]); }
  template <typename T>
  T take_number() {
    T value;
    std::memcpy(&value, take(sizeof value).data(), sizeof value);
    return value;
  }
  std::string take_text(std::size_t size) {
    if (size > kLongestText) reject("a text of " + std::to_string(size) + " bytes");
    const auto taken = take(size);
    return {reinterpret_cast<const char*>(taken.data()), size};
  }
  std::string take_line() {
    const auto near = bytes_.first(std::min(bytes_.size(), kLongestName + 1));
    const auto end = std::find(near.begin(), near.end(), std::byte{'\n'});
    if (end == near.end()) reject("a name that does not end");
    std::string line = take_text(static_cast<std::size_t>(end - near.begin()));
    take(1);
    return line;
  }
  std::int64_t take_long(std::size_t size);

  bool step(unsigned opcode);
  bool step_container(unsigned opcode);
  bool step_number(unsigned opcode);

  std::span<const std::byte>& bytes_;
  PickleMachine machine_;
};

/// A little-endian integer in two's complement.
std::int64_t Unpickler::take_long(std::size_t size) {
  const auto digits = take(size);
  if (size > sizeof(std::int64_t)) reject("an integer of more than 64 bits");
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < size; ++i)
    value |= static_cast<std::uint64_t>(std::to_integer<unsigned>(digits[i])) << (8 * i);
  if (size > 0 && size < sizeof value && (std::to_integer<unsigned>(digits.back()) & 0x80U) != 0)
    value |= ~std::uint64_t{0} << (8 * size);
  return static_cast<std::int64_t>(value);
}

/// True when the opcode is one of numbers and texts.
bool Unpickler::step_number(unsigned opcode) {
  switch (opcode) {
    case kNone:
      machine_.push_value({});
      return true;
    case kNewTrue:
    case kNewFalse:
      machine_.push_integer(opcode == kNewTrue ? 1 : 0, PickleKind::kBool);
      return true;
    case kBinInt:
      machine_.push_integer(take_number<std::int32_t>());
      return true;
    case kBinInt1:
      machine_.push_integer(take_byte());
      return true;
    case kBinInt2:
      machine_.push_integer(take_number<std::uint16_t>());
      return true;
    case kLong1:
      machine_.push_integer(take_long(take_byte()));
      return true;
    case kBinFloat:
      take(8);
      machine_.push_value({PickleKind::kFloat, 0, {}, {}});
      return true;
    case kBinUnicode:
    case kBinString:
      machine_.push_text(take_text(take_number<std::uint32_t>()));
      return true;
    case kShortBinString:
    case kShortBinUnicode:
      machine_.push_text(take_text(take_byte()));
      return true;
    default:
      return false;
  }
}

/// True when the opcode is one of containers.
bool Unpickler::step_container(unsigned opcode) {
  switch (opcode) {
    case kMark:
      machine_.mark();
      return true;
    case kEmptyTuple:
      machine_.push_items(PickleKind::kTuple, {});
      return true;
    case kTuple1:
    case kTuple2:
    case kTuple3:
      machine_.push_items(PickleKind::kTuple, machine_.pop_items(opcode - kTuple1 + 1));
      return true;
    case kTuple:
      machine_.push_items(PickleKind::kTuple, machine_.pop_to_mark());
      return true;
    case kEmptyList:
      machine_.push_items(PickleKind::kList, {});
      return true;
    case kAppend:
      machine_.extend_top(PickleKind::kList, machine_.pop_items(1));
      return true;
    case kAppends:
      machine_.extend_top(PickleKind::kList, machine_.pop_to_mark());
      return true;
    case kEmptyDict:
      machine_.push_items(PickleKind::kDict, {});
      return true;
    case kSetItem:
      machine_.extend_top(PickleKind::kDict, machine_.pop_items(2));
      return true;
    case kSetItems:
      machine_.extend_top(PickleKind::kDict, machine_.pop_to_mark());
      return true;
    default:
      return false;
  }
}

/// True at the end of the pickle.
bool Unpickler::step(unsigned opcode) {
  if (step_number(opcode) || step_container(opcode)) return false;
  switch (opcode) {
    case kProto:
      take(1);
      return false;
    case kFrame:
      take(8);
      return false;
    case kStop:
      return true;
    case kBinPut:
      machine_.put(take_byte());
      return false;
    case kLongBinPut:
      machine_.put(take_number<std::uint32_t>());
      return false;
    case kMemoize:
      machine_.put_next();
      return false;
    case kBinGet:
      machine_.get(take_byte());
      return false;
    case kLongBinGet:
      machine_.get(take_number<std::uint32_t>());
      return false;
    case kGlobal: {
      const std::string module = take_line();
      machine_.push_global(module, take_line());
      return false;
    }
    case kStackGlobal:
      machine_.push_global_of_stack();
      return false;
    case kBinPersId:
      machine_.make_storage();
      return false;
    case kReduce:
      machine_.reduce();
      return false;
    case kBuild:  // attributes, such as _metadata of a state_dict
      machine_.pop();
      return false;
    default: {
      std::array<char, 8> code{};
      std::snprintf(code.data(), code.size(), "0x%02x", opcode);
      reject(std::string("opcode ") + code.data() + ", which torch.save does not write");
    }
  }
}

}  // namespace

const PickleValue* Pickle::find(const PickleValue& dict, std::string_view key) const {
  if (dict.kind != PickleKind::kDict) return nullptr;
  for (std::size_t i = 0; i + 1 < dict.items.size(); i += 2) {
    const PickleValue& name = values[dict.items[i]];
    if (name.kind == PickleKind::kText && name.text == key) return &values[dict.items[i + 1]];
  }
  return nullptr;
}

Pickle read_pickle(std::span<const std::byte>& bytes) {
  return Unpickler(bytes).read();
}

}  // namespace visema
