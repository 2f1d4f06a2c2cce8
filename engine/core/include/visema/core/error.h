#pragma once

#include <exception>
#include <stdexcept>
#include <string>

namespace visema {

/// Why a request cannot finish. The values are the exit codes of the `visema` program.
enum class ErrorCode {
  kInternal = 1,
  kUsage = 2,
  kInput = 3,
  kOutput = 4,
  kModel = 5,
  kInterrupted = 130,
};

/// Ends a request. The message says what, which value, what is allowed and where.
/// Causes are nested with std::throw_with_nested; only the program prints it.
class Error : public std::runtime_error {
 public:
  Error(ErrorCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  ErrorCode code() const noexcept { return code_; }

 private:
  ErrorCode code_;
};

/// "outer: inner: innermost" of a nested exception.
std::string describe(const std::exception& error);

/// Code of the outermost visema::Error in the chain, kInternal when there is none.
ErrorCode code_of(const std::exception& error);

}  // namespace visema
