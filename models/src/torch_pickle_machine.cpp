#include "torch_pickle_machine.h"

#include <algorithm>
#include <array>

namespace visema {
namespace {

constexpr std::size_t kMostValues = 1 << 20;
constexpr std::size_t kMostItems = 1 << 22;
constexpr std::size_t kMostArguments = 16;
constexpr std::size_t kLongestName = 256;

constexpr std::string_view kOrderedDict = "collections.OrderedDict";
constexpr std::string_view kParameter = "torch._utils._rebuild_parameter";
constexpr std::string_view kSize = "torch.Size";
constexpr std::array<std::string_view, 2> kTensors = {"torch._utils._rebuild_tensor_v2",
                                                      "torch._utils._rebuild_tensor"};

bool is_storage_type(std::string_view name) {
  if (!name.starts_with("torch.") || !name.ends_with("Storage")) return false;
  const auto dots = std::count(name.begin(), name.end(), '.');
  return dots == 1 || (dots == 2 && name.starts_with("torch.cuda."));
}

bool is_tensor_maker(std::string_view name) {
  return std::find(kTensors.begin(), kTensors.end(), name) != kTensors.end();
}

bool is_known(std::string_view name) {
  return is_tensor_maker(name) || name == kOrderedDict || name == kParameter || name == kSize ||
         is_storage_type(name);
}

std::string printable(std::string_view text) {
  std::string shown(text.substr(0, kLongestName));
  std::replace_if(
      shown.begin(), shown.end(), [](unsigned char c) { return c < 0x20 || c > 0x7e; }, '?');
  return shown;
}

[[noreturn]] void reject(const std::string& why) {
  throw PickleError(why);
}

}  // namespace

void PickleMachine::push(PickleRef ref) {
  if (stack_.size() >= kMostValues) reject("more than a million values at once");
  stack_.push_back(ref);
}

void PickleMachine::push_value(PickleValue value) {
  if (pickle_.values.size() >= kMostValues) reject("more than a million values");
  count_items(value.items.size());
  pickle_.values.push_back(std::move(value));
  push(static_cast<PickleRef>(pickle_.values.size() - 1));
}

void PickleMachine::push_integer(std::int64_t value, PickleKind kind) {
  push_value({kind, value, {}, {}});
}

void PickleMachine::push_text(std::string text) {
  push_value({PickleKind::kText, 0, std::move(text), {}});
}

void PickleMachine::push_items(PickleKind kind, std::vector<PickleRef> items) {
  push_value({kind, 0, {}, std::move(items)});
}

void PickleMachine::count_items(std::size_t more) {
  items_ += more;
  if (items_ > kMostItems) reject("more than four million items");
}

void PickleMachine::push_global(const std::string& module, const std::string& name) {
  std::string full = module;
  full += '.';
  full += name;
  if (!is_known(full))
    reject("it wants to use " + printable(full) +
           ", which is not allowed: only state_dicts of tensors are read, nothing is executed");
  push_value({PickleKind::kGlobal, 0, std::move(full), {}});
}

void PickleMachine::push_global_of_stack() {
  const auto both = pop_items(2);
  push_global(pickle_[both[0]].text, pickle_[both[1]].text);
}

PickleRef PickleMachine::top() const {
  if (stack_.size() <= floor()) reject("a value is missing");
  return stack_.back();
}

PickleRef PickleMachine::pop() {
  const PickleRef ref = top();
  stack_.pop_back();
  return ref;
}

std::vector<PickleRef> PickleMachine::pop_items(std::size_t count) {
  if (stack_.size() - floor() < count) reject("a value is missing");
  std::vector<PickleRef> items(stack_.end() - static_cast<std::ptrdiff_t>(count), stack_.end());
  stack_.resize(stack_.size() - count);
  return items;
}

std::vector<PickleRef> PickleMachine::pop_to_mark() {
  if (marks_.empty()) reject("a mark is missing");
  auto items = pop_items(stack_.size() - marks_.back());
  marks_.pop_back();
  return items;
}

void PickleMachine::mark() {
  if (marks_.size() >= kMostValues) reject("more than a million marks");
  marks_.push_back(stack_.size());
}

void PickleMachine::extend_top(PickleKind kind, const std::vector<PickleRef>& more) {
  PickleValue& target = pickle_.values[top()];
  if (target.kind != kind || (kind == PickleKind::kDict && more.size() % 2 != 0))
    reject("items for what is no container of them");
  count_items(more.size());
  target.items.insert(target.items.end(), more.begin(), more.end());
}

/// What OrderedDict(pairs) would hold.
std::vector<PickleRef> PickleMachine::pairs_of(const std::vector<PickleRef>& arguments) const {
  std::vector<PickleRef> items;
  if (arguments.empty()) return items;
  for (const PickleRef pair : pickle_[arguments[0]].items) {
    const auto& both = pickle_[pair].items;
    if (both.size() != 2) reject("an OrderedDict of what are no pairs");
    items.insert(items.end(), both.begin(), both.end());
  }
  return items;
}

void PickleMachine::reduce() {
  const auto& tuple = pickle_[pop()].items;
  if (tuple.size() > kMostArguments) reject("a call with more than 16 arguments");
  const std::vector<PickleRef> arguments = tuple;
  const PickleValue& callable = pickle_[pop()];
  if (callable.kind != PickleKind::kGlobal) reject("it calls what is no function");
  const std::string& name = callable.text;
  if (is_tensor_maker(name) && arguments.size() >= 4) {
    push_items(PickleKind::kTensor, arguments);
  } else if (name == kParameter && !arguments.empty()) {
    push(arguments[0]);
  } else if (name == kOrderedDict) {
    push_items(PickleKind::kDict, pairs_of(arguments));
  } else if (name == kSize && arguments.size() == 1) {
    push_items(PickleKind::kTuple, std::vector<PickleRef>(pickle_[arguments[0]].items));
  } else {
    reject("it calls " + name + " with " + std::to_string(arguments.size()) + " arguments");
  }
}

void PickleMachine::make_storage() {
  push_items(PickleKind::kStorage, std::vector<PickleRef>(pickle_[pop()].items));
}

void PickleMachine::put(std::size_t key) {
  if (memo_.size() >= kMostValues) reject("more than a million values");
  memo_[key] = top();
}

void PickleMachine::get(std::size_t key) {
  const auto found = memo_.find(key);
  if (found == memo_.end()) reject("it refers to a value that is not there");
  push(found->second);
}

Pickle PickleMachine::finish() {
  pickle_.root = pop();
  return std::move(pickle_);
}

}  // namespace visema
