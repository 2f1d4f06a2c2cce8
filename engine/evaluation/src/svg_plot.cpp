#include "svg_plot.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "report_text.h"

namespace visema {
namespace {

constexpr int kWidth = 960;
constexpr int kLeft = 52;
constexpr int kRight = 14;
constexpr int kTop = 24;
constexpr int kBottom = 38;
constexpr std::size_t kMostPoints = 1200;

std::string fixed(double value, int decimals) {
  char text[40];
  std::snprintf(text, sizeof text, "%.*f", decimals, value);
  return text;
}

/// A round distance of about a fifth of the range.
double step_of(double range) {
  const double rough = range / 5;
  const double power = std::pow(10, std::floor(std::log10(rough)));
  for (const double factor : {1.0, 2.0, 5.0})
    if (rough <= factor * power) return factor * power;
  return 10 * power;
}

class Canvas {
 public:
  explicit Canvas(const PlotFrame& frame) : frame_(frame) {
    svg_ = "<svg viewBox=\"0 0 " + std::to_string(kWidth) + " " + std::to_string(frame.height) +
           "\" role=\"img\" aria-label=\"" + escape_markup(frame.label) + "\">";
  }

  double x(double value) const {
    return kLeft + (value - frame_.x_low) / std::max(1e-9, frame_.x_high - frame_.x_low) *
                       (kWidth - kLeft - kRight);
  }
  double y(double value) const {
    const double share = (value - frame_.y_low) / std::max(1e-9, frame_.y_high - frame_.y_low);
    return kTop + (1 - std::clamp(share, 0.0, 1.0)) * (frame_.height - kTop - kBottom);
  }

  void draw_axes() {
    const double dy = step_of(frame_.y_high - frame_.y_low);
    for (double v = std::ceil(frame_.y_low / dy) * dy; v <= frame_.y_high + dy * 1e-6; v += dy) {
      line("grid", kLeft, y(v), kWidth - kRight, y(v));
      text("end", kLeft - 6, y(v) + 4, fixed(std::abs(v) < dy * 1e-6 ? 0 : v, decimals(dy)));
    }
    const double dx = step_of(frame_.x_high - frame_.x_low);
    for (double v = std::ceil(frame_.x_low / dx) * dx; v <= frame_.x_high + dx * 1e-6; v += dx) {
      const double at = std::abs(v) < dx * 1e-6 ? 0 : v;
      text("middle", x(v), frame_.height - 20, fixed(at, decimals(dx)));
    }
    text("end", kWidth - kRight, frame_.height - 5, frame_.x_unit);
    text("start", 2, 12, frame_.y_unit);
  }

  void line(const char* style, double x0, double y0, double x1, double y1) {
    svg_ += "<line class=\"" + std::string(style) + "\" x1=\"" + fixed(x0, 1) + "\" y1=\"" +
            fixed(y0, 1) + "\" x2=\"" + fixed(x1, 1) + "\" y2=\"" + fixed(y1, 1) + "\"/>";
  }

  void rectangle(const std::string& style, double x0, double y0, double width, double height) {
    svg_ += "<rect class=\"" + style + "\" x=\"" + fixed(x0, 1) + "\" y=\"" + fixed(y0, 1) +
            "\" width=\"" + fixed(std::max(0.0, width), 1) + "\" height=\"" +
            fixed(std::max(0.0, height), 1) + "\"/>";
  }

  /// Breaks where two points lie further apart than ten usual steps.
  void path(const std::string& style, const Curve& curve) {
    const std::size_t n = curve.time_s.size();
    if (n < 2) return;
    const double gap = 10.0 * (curve.time_s.back() - curve.time_s.front()) / static_cast<double>(n);
    std::string d;
    for (std::size_t i = 0; i < n; ++i) {
      const bool begins = i == 0 || curve.time_s[i] - curve.time_s[i - 1] > gap;
      d += (begins ? "M" : "L") + fixed(x(curve.time_s[i]), 1) + " " + fixed(y(curve.value[i]), 1);
    }
    svg_ += "<path class=\"" + style + "\" d=\"" + d + "\"/>";
  }

  void text(const char* anchor, double at_x, double at_y, const std::string& words) {
    svg_ += "<text text-anchor=\"" + std::string(anchor) + "\" x=\"" + fixed(at_x, 1) + "\" y=\"" +
            fixed(at_y, 1) + "\">" + escape_markup(words) + "</text>";
  }

  double bottom() const { return frame_.height - kBottom; }
  std::string finish() { return svg_ + "</svg>"; }

 private:
  static int decimals(double step) {
    return std::clamp(static_cast<int>(std::ceil(-std::log10(step) - 1e-9)), 0, 4);
  }

  const PlotFrame& frame_;
  std::string svg_;
};

/// Without the points that have no value.
Curve finite(const Curve& curve) {
  Curve result;
  for (std::size_t i = 0; i < curve.value.size(); ++i) {
    if (!std::isfinite(curve.value[i])) continue;
    result.time_s.push_back(curve.time_s[i]);
    result.value.push_back(curve.value[i]);
  }
  return result;
}

}  // namespace

Curve thinned(const Curve& curve, std::size_t points) {
  const std::size_t n = curve.time_s.size();
  if (n <= points || points < 2) return curve;
  Curve result;
  const std::size_t stretches = points / 2;
  for (std::size_t s = 0; s < stretches; ++s) {
    const auto begin = curve.value.begin() + static_cast<std::ptrdiff_t>(s * n / stretches);
    const auto end = curve.value.begin() + static_cast<std::ptrdiff_t>((s + 1) * n / stretches);
    const auto [low, high] = std::minmax_element(begin, end);
    for (const auto& at : {std::min(low, high), std::max(low, high)}) {
      result.time_s.push_back(curve.time_s[static_cast<std::size_t>(at - curve.value.begin())]);
      result.value.push_back(*at);
    }
  }
  return result;
}

std::string plot_lines(const PlotFrame& frame, const std::vector<PlotLine>& lines,
                       const Curve& band, const std::vector<double>& marks) {
  Canvas canvas(frame);
  const Curve shade = thinned(finite(band), kMostPoints);
  for (std::size_t i = 0; i + 1 < shade.time_s.size(); ++i) {
    const double left = canvas.x(shade.time_s[i]);
    const double height = shade.value[i] * 34;
    if (height < 0.5) continue;
    canvas.rectangle("band", left, canvas.bottom() - height, canvas.x(shade.time_s[i + 1]) - left,
                     height);
  }
  canvas.draw_axes();
  for (const double mark : marks)
    canvas.line("mark", canvas.x(mark), kTop, canvas.x(mark), canvas.bottom());
  for (const PlotLine& line : lines)
    canvas.path("line " + line.style, thinned(finite(line.curve), kMostPoints));
  return canvas.finish();
}

std::string plot_bars(const PlotFrame& frame, const std::vector<double>& heights, int first,
                      int good) {
  Canvas canvas(frame);
  canvas.draw_axes();
  for (std::size_t i = 0; i < heights.size(); ++i) {
    const int at = first + static_cast<int>(i);
    const double left = canvas.x(at - 0.4);
    const double top = canvas.y(heights[i]);
    canvas.rectangle(std::abs(at) <= good ? "bar" : "bar off", left, top, canvas.x(at + 0.4) - left,
                     canvas.bottom() - top);
  }
  return canvas.finish();
}

}  // namespace visema
