#pragma once

#include <cstddef>
#include <string>
#include <unordered_map>
#include <vector>

#include "torch_pickle.h"

namespace visema {

/// What pickle opcodes act on: a stack of values with marks, and a memo. Checks all that it is
/// asked to do and bounds what it keeps. Throws PickleError.
class PickleMachine {
 public:
  void push(PickleRef ref);
  void push_value(PickleValue value);
  void push_integer(std::int64_t value, PickleKind kind = PickleKind::kInteger);
  void push_text(std::string text);
  void push_items(PickleKind kind, std::vector<PickleRef> items);
  /// Refuses, by name, all but what state_dicts need.
  void push_global(const std::string& module, const std::string& name);
  void push_global_of_stack();

  PickleRef pop();
  std::vector<PickleRef> pop_items(std::size_t count);
  std::vector<PickleRef> pop_to_mark();
  void mark();

  /// Puts items into the container on top.
  void extend_top(PickleKind kind, const std::vector<PickleRef>& more);
  /// Describes what a call of a function with a tuple of arguments would make.
  void reduce();
  /// A tuple becomes the storage it is the persistent id of.
  void make_storage();

  void put(std::size_t key);
  void put_next() { put(memo_.size()); }
  void get(std::size_t key);

  Pickle finish();

 private:
  std::size_t floor() const { return marks_.empty() ? 0 : marks_.back(); }
  PickleRef top() const;
  void count_items(std::size_t more);
  std::vector<PickleRef> pairs_of(const std::vector<PickleRef>& arguments) const;

  Pickle pickle_;
  std::size_t items_ = 0;  // in all containers
  std::vector<PickleRef> stack_;
  std::vector<std::size_t> marks_;
  std::unordered_map<std::size_t, PickleRef> memo_;
};

}  // namespace visema
