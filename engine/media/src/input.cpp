#include "input.h"

#include <cctype>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "libav_text.h"
#include "visema/core/error.h"
#include "visema/media/video_reader.h"

namespace visema::media {
namespace {

/// Starts like "http:" or "subfile,".
bool looks_like_url(std::string_view text) {
  std::size_t i = 0;
  while (i < text.size() && (std::isalnum(static_cast<unsigned char>(text[i])) ||
                             std::strchr("+-.", text[i]) != nullptr))
    ++i;
  return i > 1 && i < text.size() && (text[i] == ':' || text[i] == ',');
}

std::string url_of(const std::filesystem::path& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (std::filesystem::is_directory(status))
    throw Error(ErrorCode::kInput, path.string() + ": is a folder, a media file is needed");
  if (std::filesystem::exists(status)) {
    if (std::filesystem::is_regular_file(status) && std::filesystem::file_size(path, error) == 0 &&
        !error)
      throw Error(ErrorCode::kInput, path.string() + ": the file is empty");
    return file_url(path);
  }
  if (looks_like_url(path.string())) return path.string();
  throw Error(ErrorCode::kInput, path.string() + ": no such file");
}

/// Codec options for avformat_find_stream_info: no picture over the limit is decoded.
class ProbeOptions {
 public:
  explicit ProbeOptions(unsigned count) : options_(count, nullptr) {
    for (auto& each : options_)
      av_dict_set_int(&each, "max_pixels", std::int64_t{kMaxPictureSide} * kMaxPictureSide, 0);
  }
  ~ProbeOptions() {
    for (auto& each : options_) av_dict_free(&each);
  }
  ProbeOptions(const ProbeOptions&) = delete;
  ProbeOptions& operator=(const ProbeOptions&) = delete;
  AVDictionary** data() { return options_.empty() ? nullptr : options_.data(); }

 private:
  std::vector<AVDictionary*> options_;
};

/// libav refuses a picture that is too large without telling its size elsewhere.
void check_reported_size(const std::filesystem::path& path) {
  unsigned width = 0;
  unsigned height = 0;
  if (std::sscanf(last_libav_report().c_str(), "Picture size %ux%u", &width, &height) == 2)
    check_picture_size(path, width, height);
}

}  // namespace

InputPtr open_input(const std::filesystem::path& path, AVIOInterruptCB interrupt) {
  catch_libav_log();
  forget_libav_log();
  const std::string url = url_of(path);

  Options options;
  options.set("pattern_type", "none");  // "a%d.png" is one file
  // avformat_open_input frees it when it fails.
  AVFormatContext* raw = avformat_alloc_context();
  if (raw == nullptr) throw std::bad_alloc();
  raw->interrupt_callback = interrupt;
  const int opened = avformat_open_input(&raw, url.c_str(), nullptr, options.get());
  if (opened < 0) fail_input(path, "not a readable picture, video or sound file", opened);
  InputPtr input(raw);

  ProbeOptions probe(input->nb_streams);
  const int found = avformat_find_stream_info(input.get(), probe.data());
  check_reported_size(path);
  if (found < 0) fail_input(path, "no stream could be read", found);
  for (unsigned i = 0; i < input->nb_streams; ++i) {
    const auto& parameters = *input->streams[i]->codecpar;
    if (parameters.codec_type == AVMEDIA_TYPE_VIDEO)
      check_picture_size(path, parameters.width, parameters.height);
  }
  return input;
}

int best_stream(const AVFormatContext& input, AVMediaType kind) {
  const int index =
      av_find_best_stream(const_cast<AVFormatContext*>(&input), kind, -1, -1, nullptr, 0);
  if (index < 0 || (input.streams[index]->disposition & AV_DISPOSITION_ATTACHED_PIC)) return -1;
  return index;
}

bool is_picture_format(const AVFormatContext& input) {
  const std::string_view name = input.iformat->name;
  return name == "image2" || name.ends_with("_pipe");
}

void check_picture_size(const std::filesystem::path& path, std::int64_t width,
                        std::int64_t height) {
  if (width <= kMaxPictureSide && height <= kMaxPictureSide) return;
  throw Error(ErrorCode::kInput, path.string() + ": picture of " + std::to_string(width) + "x" +
                                     std::to_string(height) + ": at most " +
                                     std::to_string(kMaxPictureSide) + " pixels on a side");
}

}  // namespace visema::media
