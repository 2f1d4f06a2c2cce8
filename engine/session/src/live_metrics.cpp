#include "live_metrics.h"

#include <sstream>
#include <string_view>

#include "live_report.h"

namespace visema::session {
namespace {

constexpr int kDigits = 15;

/// Backslash, quote and line end escaped, as the format asks of label values.
std::string label_value(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '\\' || c == '"') result += '\\';
    if (c == '\n')
      result += "\\n";
    else
      result += c;
  }
  return result + "\"";
}

class Text {
 public:
  Text() { text_.precision(kDigits); }
  template <typename Number>
  void counter(const char* name, const char* help, Number value) {
    head(name, help, "counter");
    text_ << "visema_" << name << ' ' << value << '\n';
  }
  template <typename Number>
  void gauge(const char* name, const char* help, Number value) {
    head(name, help, "gauge");
    text_ << "visema_" << name << ' ' << value << '\n';
  }
  void head(const char* name, const char* help, const char* type) {
    text_ << "# HELP visema_" << name << ' ' << help << "\n# TYPE visema_" << name << ' ' << type
          << '\n';
  }
  template <typename Number>
  void value(const std::string& name, const std::string& labels, Number value) {
    text_ << "visema_" << name << '{' << labels << "} " << value << '\n';
  }
  std::string text() const { return text_.str(); }

 private:
  std::ostringstream text_;
};

void add_latencies(Text& text, const LiveReport& report) {
  constexpr double kMsPerSecond = 1000;
  text.head("latency_seconds", "Latency by stage.", "summary");
  for (const auto& [stage, latency] : report.latencies) {
    const std::string label = "stage=" + label_value(stage);
    const auto quantile = [&](const char* share, double ms) {
      text.value("latency_seconds", label + ",quantile=" + label_value(share), ms / kMsPerSecond);
    };
    quantile("0.5", latency.p50_ms);
    quantile("0.95", latency.p95_ms);
    quantile("0.99", latency.p99_ms);
    text.value("latency_seconds_sum", label, latency.sum_ms / kMsPerSecond);
    text.value("latency_seconds_count", label, latency.count);
  }
}

void add_outputs(Text& text, const LiveReport& report) {
  const auto each = [&](const char* name, const char* help, const char* type, auto value) {
    text.head(name, help, type);
    for (const auto& output : report.outputs)
      text.value(name, "output=" + label_value(output.target), value(output.statistics));
  };
  using Statistics = LiveOutputStatistics;
  each("output_up", "Whether the output is connected.", "gauge",
       [](const Statistics& one) { return one.state == Statistics::State::kLive ? 1 : 0; });
  each("output_frames_sent_total", "Pictures sent.", "counter",
       [](const Statistics& one) { return one.frames_sent; });
  each("output_frames_dropped_total", "Pictures that found no room or no connection.", "counter",
       [](const Statistics& one) { return one.frames_dropped; });
  each("output_reconnects_total", "Connections made anew.", "counter",
       [](const Statistics& one) { return one.reconnects; });
  each("output_bytes_total", "Encoded picture and sound.", "counter",
       [](const Statistics& one) { return one.bytes; });
  each("output_queue", "Pictures that wait for the encoder.", "gauge",
       [](const Statistics& one) { return one.queued; });
}

}  // namespace

std::string prometheus_text(const LiveReport& report) {
  Text text;
  text.counter("frames_total", "Frames that left, each with its sound.", report.frames);
  text.counter("frames_rendered_total", "Pictures that were made.", report.rendered);
  text.counter("frames_repeated_total", "Frames with the picture of the frame before.",
               report.repeated);
  text.counter("frames_late_total", "Frames with a picture of an older frame.", report.late);
  text.counter("frames_dropped_total", "Pictures left out, or made and not shown.", report.dropped);
  text.counter("audio_gaps_total", "Times that the input ran dry.", report.gaps);
  text.counter("audio_silent_seconds_total", "Seconds with nothing to hear.",
               report.silent_seconds);
  text.gauge("input_buffered_seconds", "Sound of the input that waits.", report.buffered_seconds);
  text.gauge("utterances_waiting", "Utterances that wait or are being spoken.",
             report.utterances_waiting);
  text.gauge("pictures_waiting", "Pictures that wait for their time.", report.pictures_waiting);
  text.gauge("speaking", "Whether sound comes in.", report.speaking ? 1 : 0);
  text.gauge("paused", "Whether sound is held back.", report.paused ? 1 : 0);
  text.counter("input_connections_total", "Peers, files or devices that gave sound.",
               report.connections);
  add_latencies(text, report);
  add_outputs(text, without_secrets(report));
  return text.text();
}

std::string http_answer(const std::string& request, const std::string& text) {
  const auto answer = [](const char* status, const char* type, const std::string& body) {
    return "HTTP/1.1 " + std::string(status) + "\r\nContent-Type: " + type +
           "\r\nContent-Length: " + std::to_string(body.size()) + "\r\nConnection: close\r\n\r\n" +
           body;
  };
  const std::string line = request.substr(0, request.find("\r\n"));
  if (!line.starts_with("GET "))
    return answer("405 Method Not Allowed", "text/plain", "only GET is answered\n");
  const std::string path = line.substr(4, line.find_first_of(" ?", 4) - 4);
  if (path != "/" && path != "/metrics")
    return answer("404 Not Found", "text/plain", "the figures are at /metrics\n");
  return answer("200 OK", "text/plain; version=0.0.4; charset=utf-8", text);
}

}  // namespace visema::session
