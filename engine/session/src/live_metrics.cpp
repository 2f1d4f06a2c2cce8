#include "live_metrics.h"

#include <sstream>
#include <string_view>
#include <vector>

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

/// A session's figures and the label that tells it from others: session="anna", or empty.
struct Labelled {
  std::string label;
  LiveReport report;
};

std::string joined(const std::string& a, const std::string& b) {
  return a.empty() || b.empty() ? a + b : a + "," + b;
}

class Text {
 public:
  explicit Text(const std::vector<Labelled>& sessions) : sessions_(sessions) {
    text_.precision(kDigits);
  }

  /// One figure of every session.
  template <typename Value>
  void each(const char* name, const char* help, const char* type, Value value) {
    head(name, help, type);
    for (const Labelled& one : sessions_) line(name, one.label, value(one.report));
  }
  /// One figure of every output.
  template <typename Value>
  void each_output(const char* name, const char* help, const char* type, Value value) {
    head(name, help, type);
    for (const Labelled& one : sessions_)
      for (const auto& output : one.report.outputs)
        line(name, joined(one.label, "output=" + label_value(output.target)),
             value(output.statistics));
  }
  void head(const char* name, const char* help, const char* type) {
    text_ << "# HELP visema_" << name << ' ' << help << "\n# TYPE visema_" << name << ' ' << type
          << '\n';
  }
  template <typename Number>
  void line(const std::string& name, const std::string& labels, Number value) {
    text_ << "visema_" << name;
    if (!labels.empty()) text_ << '{' << labels << '}';
    text_ << ' ' << value << '\n';
  }
  std::string text() const { return text_.str(); }

 private:
  const std::vector<Labelled>& sessions_;
  std::ostringstream text_;
};

void add_frames(Text& text) {
  using Report = LiveReport;
  const auto counter = [&](const char* name, const char* help, auto value) {
    text.each(name, help, "counter", value);
  };
  counter("frames_total", "Frames that left, each with its sound.",
          [](const Report& one) { return one.frames; });
  counter("frames_rendered_total", "Pictures that were made.",
          [](const Report& one) { return one.rendered; });
  counter("frames_repeated_total", "Frames with the picture of the frame before.",
          [](const Report& one) { return one.repeated; });
  counter("frames_late_total", "Frames with a picture of an older frame.",
          [](const Report& one) { return one.late; });
  counter("frames_dropped_total", "Pictures left out, or made and not shown.",
          [](const Report& one) { return one.dropped; });
  text.each("pictures_waiting", "Pictures that wait for their time.", "gauge",
            [](const Report& one) { return one.pictures_waiting; });
}

void add_sound(Text& text) {
  using Report = LiveReport;
  const auto gauge = [&](const char* name, const char* help, auto value) {
    text.each(name, help, "gauge", value);
  };
  text.each("audio_gaps_total", "Times that the input ran dry.", "counter",
            [](const Report& one) { return one.gaps; });
  text.each("audio_silent_seconds_total", "Seconds with nothing to hear.", "counter",
            [](const Report& one) { return one.silent_seconds; });
  text.each("input_left_out_seconds_total", "Seconds of pauses left out to catch up.", "counter",
            [](const Report& one) { return one.left_out_seconds; });
  text.each("input_connections_total", "Peers, files or devices that gave sound.", "counter",
            [](const Report& one) { return one.connections; });
  gauge("input_buffered_seconds", "Sound of the input that waits.",
        [](const Report& one) { return one.buffered_seconds; });
  gauge("utterances_waiting", "Utterances that wait or are being spoken.",
        [](const Report& one) { return one.utterances_waiting; });
  gauge("speaking", "Whether sound comes in.",
        [](const Report& one) { return one.speaking ? 1 : 0; });
  gauge("paused", "Whether sound is held back.",
        [](const Report& one) { return one.paused ? 1 : 0; });
}

void add_latencies(Text& text, const std::vector<Labelled>& sessions) {
  constexpr double kMsPerSecond = 1000;
  text.head("latency_seconds", "Latency by stage.", "summary");
  for (const Labelled& one : sessions) {
    for (const auto& [stage, latency] : one.report.latencies) {
      const std::string label = joined(one.label, "stage=" + label_value(stage));
      const auto quantile = [&](const char* share, double ms) {
        text.line("latency_seconds", label + ",quantile=" + label_value(share), ms / kMsPerSecond);
      };
      quantile("0.5", latency.p50_ms);
      quantile("0.95", latency.p95_ms);
      quantile("0.99", latency.p99_ms);
      text.line("latency_seconds_sum", label, latency.sum_ms / kMsPerSecond);
      text.line("latency_seconds_count", label, latency.count);
    }
  }
}

void add_outputs(Text& text) {
  using Statistics = LiveOutputStatistics;
  text.each_output(
      "output_up", "Whether the output is connected.", "gauge",
      [](const Statistics& one) { return one.state == Statistics::State::kLive ? 1 : 0; });
  text.each_output("output_frames_sent_total", "Pictures sent.", "counter",
                   [](const Statistics& one) { return one.frames_sent; });
  text.each_output("output_frames_dropped_total", "Pictures that found no room or no connection.",
                   "counter", [](const Statistics& one) { return one.frames_dropped; });
  text.each_output("output_reconnects_total", "Connections made anew.", "counter",
                   [](const Statistics& one) { return one.reconnects; });
  text.each_output("output_bytes_total", "Encoded picture and sound.", "counter",
                   [](const Statistics& one) { return one.bytes; });
  text.each_output("output_queue", "Pictures that wait for the encoder.", "gauge",
                   [](const Statistics& one) { return one.queued; });
}

void add_figures(Text& text, const std::vector<Labelled>& sessions) {
  add_frames(text);
  add_sound(text);
  add_latencies(text, sessions);
  add_outputs(text);
}

}  // namespace

std::string prometheus_text(const LiveReport& report) {
  const std::vector<Labelled> sessions{{"", without_secrets(report)}};
  Text text(sessions);
  add_figures(text, sessions);
  return text.text();
}

std::string prometheus_text(const LiveSessionsReport& report) {
  std::vector<Labelled> sessions;
  for (const LiveSessionState& one : report.sessions)
    sessions.push_back({"session=" + label_value(one.name), without_secrets(one.report)});
  Text text(sessions);
  text.head("session_up", "Whether the session is live.", "gauge");
  for (std::size_t i = 0; i < sessions.size(); ++i)
    text.line("session_up", sessions[i].label,
              report.sessions[i].state == LiveSessionState::State::kLive ? 1 : 0);
  text.head("resident_memory_bytes", "Memory that the process holds.", "gauge");
  text.line("resident_memory_bytes", "", report.rss_bytes);
  add_figures(text, sessions);
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
