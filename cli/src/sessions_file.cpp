#include "sessions_file.h"

#include <algorithm>
#include <list>
#include <map>

#include "suggestion.h"
#include "visema/core/error.h"
#include "visema/core/socket.h"

namespace visema::cli {
namespace {

constexpr std::string_view kSessions = "sessions.";
constexpr std::size_t kMostSessions = 64;

struct Session {
  std::string name;
  std::string where;
  LiveSettings settings;
};

/// What the file says, and all that is wrong with it.
class SessionsReader {
 public:
  SessionsReader(const ConfigFile& file, std::string path, const LiveSettings& defaults)
      : file_(file), path_(std::move(path)), process_(defaults) {}

  void read() {
    read_process();
    for (const auto& section : file_.sections()) add_session(section);
    for (const auto& entry : file_.entries())
      if (entry.key.starts_with(kSessions)) read_entry(entry);
    if (sessions_.empty()) problems_.push_back(path_ + ": no [sessions.NAME] in it");
    if (sessions_.size() > kMostSessions)
      problems_.push_back(path_ + ": " + std::to_string(sessions_.size()) +
                          " sessions: must be in 1.." + std::to_string(kMostSessions));
  }

  void check_all(const EngineCheck& check) {
    for (const Session& session : sessions_) check_one(session, check);
    refuse_sharing();
    refuse_overwriting_others();
  }

  const std::vector<std::string>& problems() const { return problems_; }
  const LiveSettings& process() const { return process_; }
  const std::list<Session>& sessions() const { return sessions_; }

 private:
  void read_process() {
    ConfigFields fields;
    add_live_session(fields, "live", process_);
    add_live_process(fields, "live", process_);
    for (const auto& entry : file_.entries())
      if (!entry.key.starts_with(kSessions)) set(fields, "live." + entry.key, entry);
    const session::LiveOptions& options = process_.options;
    if (is_address(options.control, "control")) control_ = options.control;
    is_address(options.metrics.empty() ? "" : "tcp://" + options.metrics, "metrics");
  }

  bool is_address(const std::string& text, const char* key) {
    try {
      if (!text.empty()) SocketAddress::parse(text);
      return true;
    } catch (const Error& error) {
      const ConfigFile::Entry* entry = file_.find(key);
      problems_.push_back(std::string(key) + ": " + error.what() +
                          (entry == nullptr ? "" : " (" + file_.where(*entry) + ")"));
      return false;
    }
  }

  void add_session(const ConfigFile::Section& section) {
    const std::string& name = section.name;
    const bool known = name.starts_with(kSessions) && name.find('.', kSessions.size()) == name.npos;
    if (!known) {
      problems_.push_back("[" + name + "]: must be [sessions.NAME] (" + file_.where(section) + ")");
    } else if (find(name.substr(kSessions.size())) == nullptr) {
      sessions_.push_back({name.substr(kSessions.size()), file_.where(section), process_});
      // Not the sessions' own.
      sessions_.back().settings.options.control.clear();
      sessions_.back().settings.options.metrics.clear();
    }
  }

  void read_entry(const ConfigFile::Entry& entry) {
    const auto dot = entry.key.find('.', kSessions.size());
    Session* session = dot == std::string::npos
                           ? nullptr
                           : find(entry.key.substr(kSessions.size(), dot - kSessions.size()));
    if (session == nullptr) {
      problems_.push_back(entry.key + ": must stand under [sessions.NAME] (" + file_.where(entry) +
                          ")");
      return;
    }
    ConfigFields fields;
    add_live_session(fields, entry.key.substr(0, dot), session->settings);
    set(fields, entry.key, entry);
  }

  void set(ConfigFields& fields, const std::string& name, const ConfigFile::Entry& entry) {
    const auto field = std::find_if(fields.fields().begin(), fields.fields().end(),
                                    [&](const auto& one) { return one.name == name; });
    const auto where = " (" + file_.where(entry) + ")";
    if (field == fields.fields().end())
      problems_.push_back(entry.key + ": no such option" + guess(fields, name) + where);
    else if (!field->set(entry.text))
      problems_.push_back(entry.key + " = " + quote_config_value(entry.text) + ": must be " +
                          field->allowed + where);
  }

  /// The option that may have been meant, or that it is one of the whole process.
  static std::string guess(const ConfigFields& fields, const std::string& name) {
    const std::string option = name.substr(name.rfind('.') + 1);
    LiveSettings scratch;
    ConfigFields process;
    add_live_process(process, "live", scratch);
    for (const auto& field : process.fields())
      if (field.name == "live." + option)
        return " of a session: it belongs to the process, before the first [sessions.NAME]";
    std::vector<std::string> known;
    for (const auto& field : fields.fields())
      known.push_back(field.name.substr(field.name.rfind('.') + 1));
    return suggestion(option, known);
  }

  Session* find(const std::string& name) {
    const auto found = std::find_if(sessions_.begin(), sessions_.end(),
                                    [&](const Session& session) { return session.name == name; });
    return found == sessions_.end() ? nullptr : &*found;
  }

  void check_one(const Session& session, const EngineCheck& check) {
    LiveSettings settings = session.settings;
    settings.options.control = control_;  // what it allows depends on whether there is one
    std::vector<std::string> problems = live_problems(settings, "");
    if (problems.empty()) problems = check(whole(settings));
    for (const std::string& problem : problems) add(session, problem);
    try {
      cli::check(live_files(settings));
    } catch (const Error& error) {
      add(session, error.what());
    }
  }

  /// Each line of it.
  void add(const Session& session, std::string text) {
    while (!text.empty()) {
      const auto end = std::min(text.find('\n'), text.size());
      problems_.push_back(session.name + ": " + text.substr(0, end) + " (" + session.where + ")");
      text.erase(0, std::min(end + 1, text.size()));
    }
  }

  /// What can be one session's only: a place that it writes to, a socket, a window.
  void refuse_sharing() {
    std::map<std::string, const Session*> owners;
    const auto own = [&](const Session& session, const std::string& what, const std::string& key) {
      const auto [owner, is_new] = owners.emplace(key, &session);
      if (!is_new && owner->second != &session)
        add(session, what + ": is " + owner->second->name + "'s already");
    };
    for (const Session& session : sessions_) {
      const session::LiveOptions options = whole(session.settings);
      for (const std::string& target : options.outputs) own(session, target, key_of(target));
      if (options.input.ends_with(":-"))
        own(session, options.input, "standard input");
      else if (listens(options.input))
        own(session, options.input, without_query(options.input));
    }
  }

  /// No session writes what another reads.
  void refuse_overwriting_others() {
    for (const Session& writer : sessions_)
      for (const std::filesystem::path& output : live_files(writer.settings).outputs)
        for (const Session& reader : sessions_)
          for (const std::filesystem::path& input : live_files(reader.settings).inputs)
            if (&reader != &writer && same_file(input, output))
              add(writer,
                  output.string() + ": the output would overwrite an input of " + reader.name);
  }

  /// What a target writes to, however it is named.
  static std::string key_of(const std::string& target) {
    if (target.starts_with("raw:")) return "standard output";
    const bool playlist = target.starts_with("hls:");
    if (!playlist && !target.starts_with("file:")) return without_query(target);
    std::filesystem::path path = target.substr(target.find(':') + 1);
    if (playlist && path.extension() != ".m3u8") path /= "index.m3u8";
    std::error_code failed;
    const auto real = std::filesystem::weakly_canonical(std::filesystem::absolute(path), failed);
    return (failed ? path.lexically_normal() : real).string();
  }

  static std::string without_query(const std::string& url) { return url.substr(0, url.find('?')); }

  static bool listens(const std::string& input) {
    return (input.starts_with("tcp://") || input.starts_with("unix:")) &&
           input.find("mode=connect") == std::string::npos;
  }

  const ConfigFile& file_;
  std::string path_;
  LiveSettings process_;
  std::string control_;  // as it may be used
  std::list<Session> sessions_;
  std::vector<std::string> problems_;
};

}  // namespace

session::LiveSessionsOptions read_sessions(const std::filesystem::path& path,
                                           const LiveSettings& defaults, const EngineCheck& check) {
  const ConfigFile file = ConfigFile::parse(read_text_file(path, "--sessions"), path.string());
  SessionsReader reader(file, path.string(), defaults);
  reader.read();
  reader.check_all(check);
  std::string text;
  for (const std::string& problem : reader.problems()) text += (text.empty() ? "" : "\n") + problem;
  if (!text.empty()) throw Error(ErrorCode::kUsage, text);

  const session::LiveOptions& process = reader.process().options;
  session::LiveSessionsOptions options;
  const bool own_generator =
      defaults.options.own_generator && process.models.weights == defaults.options.models.weights;
  for (const auto& session : reader.sessions()) {
    options.sessions.push_back({session.name, whole(session.settings)});
    options.sessions.back().options.own_generator = own_generator;
  }
  options.models = process.models;
  options.compute = process.compute;
  options.control = process.control;
  options.metrics = process.metrics;
  return options;
}

}  // namespace visema::cli
