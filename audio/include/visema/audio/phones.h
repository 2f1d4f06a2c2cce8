#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "visema/core/time.h"

namespace visema {

/// A phone that was heard, in the symbols of the CMU dictionary without stress: "AA", "B", "SIL".
struct Phone {
  std::string symbol;
  SampleIndex begin = 0;  // 16 kHz
  SampleIndex end = 0;
};

/// Free phone decoding of speech at 16 kHz mono with CMU PocketSphinx and its English models: about
/// two of three phones of clear English are right; other languages are heard as English phones.
/// Memory does not grow but for the phones. One thread at a time. Throws Error(kModel) on
/// construction when the models are missing (Debian: pocketsphinx-en-us; another folder:
/// environment VISEMA_PHONE_MODELS).
class PhoneRecogniser {
 public:
  PhoneRecogniser();
  ~PhoneRecogniser();
  PhoneRecogniser(PhoneRecogniser&&) noexcept;
  PhoneRecogniser& operator=(PhoneRecogniser&&) noexcept;

  void push(std::span<const float> samples);
  /// No more samples follow. Phones in order of time, silences and noises left out.
  std::vector<Phone> finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace visema
