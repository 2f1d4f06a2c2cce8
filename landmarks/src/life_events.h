#pragma once

#include <cstdint>

#include "random_field.h"
#include "visema/core/landmark_frame.h"

namespace visema {

/// An endless seeded sequence of events. Finds the last one that began at or before a time; starts
/// over when time goes back.
class EventTrain {
 public:
  struct Event {
    std::int64_t number = -1;  // -1: before the first
    double start_s = 0;
  };

  virtual ~EventTrain() = default;
  Event last_before(double time_s);

 protected:
  /// Seconds from the start of event number - 1 (or time 0) to that of `number`; above 0.
  virtual double interval(std::int64_t number) const = 0;

 private:
  Event current_;
  Event next_;
};

class BlinkTrain : public EventTrain {
 public:
  explicit BlinkTrain(RandomField random) : random_(random) {}
  /// 0 open .. 1 shut.
  float closure(double time_s);

 private:
  double interval(std::int64_t number) const override;
  RandomField random_;
};

class GazeTrain : public EventTrain {
 public:
  explicit GazeTrain(RandomField random) : random_(random) {}
  /// Canonical units.
  Point2 shift(double time_s);

 private:
  double interval(std::int64_t number) const override;
  Point2 target(std::int64_t number) const;
  RandomField random_;
};

}  // namespace visema
