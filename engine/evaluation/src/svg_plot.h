#pragma once

#include <string>
#include <vector>

#include "visema/evaluation/report.h"

namespace visema {

/// A line of a plot; `style` is a class of the page's style sheet: "a" (video), "b" (real).
struct PlotLine {
  Curve curve;
  std::string style;
};

struct PlotFrame {
  std::string label;  // of the whole, for readers that see no picture
  double x_low = 0, x_high = 1;
  double y_low = 0, y_high = 1;
  std::string x_unit, y_unit;
  int height = 190;
};

/// SVG of lines over a common axis. `band`: values 0..1 drawn as a grey band along the bottom.
std::string plot_lines(const PlotFrame& frame, const std::vector<PlotLine>& lines,
                       const Curve& band = {}, const std::vector<double>& marks = {});

/// SVG of bars around whole numbers `first`, first + 1, ...; those within `good` of 0 are marked.
std::string plot_bars(const PlotFrame& frame, const std::vector<double>& heights, int first,
                      int good);

/// At most `points` points; each pair keeps the least and the largest value of its stretch.
Curve thinned(const Curve& curve, std::size_t points);

}  // namespace visema
