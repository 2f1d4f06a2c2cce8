#include "visema/core/error.h"

#include <gtest/gtest.h>

#include <string>

namespace visema {
namespace {

/// Catches what `work` throws and looks at it with `look`.
template <typename Work, typename Look>
auto caught(Work work, Look look) {
  try {
    work();
  } catch (const std::exception& error) {
    return look(error);
  }
  throw std::logic_error("nothing was thrown");
}

template <typename Inner, typename Outer>
auto nested(Inner inner, Outer outer) {
  return [=] {
    try {
      inner();
    } catch (...) {
      std::throw_with_nested(outer);
    }
  };
}

const auto kFileError = [] { throw std::runtime_error("no such file"); };
const auto kModelError = [] { throw Error(ErrorCode::kModel, "speech.safetensors"); };

TEST(Error, DescribesTheWholeChain) {
  const auto chain =
      nested(nested(kFileError, Error(ErrorCode::kInput, "a.wav")), std::runtime_error("render"));
  EXPECT_EQ(caught(chain, describe), "render: a.wav: no such file");
  EXPECT_EQ(caught(kFileError, describe), "no such file");
  const auto odd = nested([] { throw 1; }, std::runtime_error("outer"));
  EXPECT_EQ(caught(odd, describe), "outer: unknown cause");
}

TEST(Error, TheOutermostCodeCounts) {
  EXPECT_EQ(caught(kModelError, code_of), ErrorCode::kModel);
  EXPECT_EQ(caught(kFileError, code_of), ErrorCode::kInternal);
  const auto renamed = nested(kModelError, Error(ErrorCode::kInput, "render"));
  EXPECT_EQ(caught(renamed, code_of), ErrorCode::kInput);
  const auto wrapped = nested(kModelError, std::runtime_error("render"));
  EXPECT_EQ(caught(wrapped, code_of), ErrorCode::kModel);
  const auto odd = nested([] { throw 1; }, std::runtime_error("outer"));
  EXPECT_EQ(caught(odd, code_of), ErrorCode::kInternal);
}

TEST(Error, CodesAreTheExitCodesOfTheProgram) {
  EXPECT_EQ(static_cast<int>(ErrorCode::kUsage), 2);
  EXPECT_EQ(static_cast<int>(ErrorCode::kInput), 3);
  EXPECT_EQ(static_cast<int>(ErrorCode::kOutput), 4);
  EXPECT_EQ(static_cast<int>(ErrorCode::kModel), 5);
  EXPECT_EQ(static_cast<int>(ErrorCode::kInterrupted), 130);
}

}  // namespace
}  // namespace visema
