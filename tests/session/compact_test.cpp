#include "visema/session/compact.h"

#include <gmock/gmock.h>
#include <sys/wait.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "pack_reader.h"
#include "renderer_clips.h"
#include "session_fixture.h"
#include "sync_data.h"
#include "visema/core/error.h"
#include "visema/core/sha256.h"
#include "visema/models/tensor_file.h"
#include "visema/session/prepare.h"

namespace visema::session {
namespace {

using testing::HasSubstr;

/// A training pack of three talking clips and a silent one, made once for all tests.
class CompactTest : public SessionTest {
 protected:
  static void SetUpTestSuite() {
    if (!std::filesystem::exists(kData / "clips") ||
        !std::filesystem::exists(built_models().models / "face_mesh.safetensors"))
      return;
    suite_ =
        std::filesystem::temp_directory_path() / ("visema-compact-" + std::to_string(getpid()));
    std::filesystem::create_directories(suite_ / "data");
    std::ofstream list(suite_ / "data/clips.tsv");
    list << "path\tsource\tidentity\tsound\n";
    const auto add = [&](const std::string& name, const std::string& person, const char* sound) {
      list << (std::filesystem::absolute(kData) / "clips" / name).string() << "\tclips\t" << person
           << '\t' << sound << '\n';
    };
    add("grid-s1/0003.mp4", "grid-s1", "own");
    add("grid-s4/0001.mp4", "grid-s4", "own");
    add("lipquiz-silent/0091.mp4", "jen", "none");
    list.close();
    PrepareOptions options;
    options.data = suite_ / "data";
    options.out = suite_ / "pack";
    options.workers = 2;
    options.models = built_models();
    prepare(options);
  }
  static void TearDownTestSuite() {
    if (!suite_.empty()) std::filesystem::remove_all(suite_);
  }
  void SetUp() override {
    SessionTest::SetUp();
    if (suite_.empty()) GTEST_SKIP() << "shared clips are not here";
  }

  CompactOptions options() const {
    CompactOptions options;
    options.pack = suite_ / "pack";
    options.out = folder_ / "compact";
    options.workers = 2;
    return options;
  }
  /// Each clip in a part of its own.
  CompactOptions in_parts() const {
    CompactOptions result = options();
    result.group_clips = 1;
    result.part_bytes = 82'000;
    return result;
  }

  /// An interpreter that has cv2; empty: none.
  static std::string python() {
    for (const std::string name : {"python3", "/usr/bin/python3"})
      if (std::system((name + " -c 'import cv2, numpy' >/dev/null 2>&1").c_str()) == 0) return name;
    return {};
  }
  struct Finished {
    int code = 0;
    std::string text;  // both outputs
  };
  Finished unpack() const {
    const auto log = folder_ / "log";
    const int status =
        std::system((python() + " " VISEMA_SOURCE_DIR "/models/training/unpack.py --jobs 2 " +
                     (folder_ / "compact").string() + ' ' + (folder_ / "again").string() + " >" +
                     log.string() + " 2>&1")
                        .c_str());
    std::ifstream file(log);
    return {WEXITSTATUS(status), {std::istreambuf_iterator<char>(file), {}}};
  }
  static nlohmann::json json(const std::filesystem::path& path) {
    std::ifstream file(path);
    return nlohmann::json::parse(file);
  }

  inline static std::filesystem::path suite_;
};

/// dB, over all of two U8 tensors.
double psnr(const Tensor& a, const Tensor& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.bytes.size(); ++i) {
    const double d = std::to_integer<int>(a.bytes[i]) - std::to_integer<int>(b.bytes[i]);
    sum += d * d;
  }
  return 10 * std::log10(255.0 * 255.0 * static_cast<double>(a.bytes.size()) / sum);
}

double largest_difference(const std::vector<float>& a, const std::vector<float>& b) {
  double most = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    most = std::max(most, std::abs(static_cast<double>(a[i]) - b[i]));
  return most;
}

double range_of(const std::vector<float>& values) {
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  return double{*high} - *low;
}

constexpr double kHalfRounding = 1.0 / 512;  // of F16 numbers up to 4

TEST_F(CompactTest, ComesBackAsThePackItWasWithinTheStatedErrors) {
  if (python().empty()) GTEST_SKIP() << "no Python with cv2: scripts/setup.sh python";
  const CompactReport report = compact(options());
  EXPECT_EQ(report.clips, 3);
  EXPECT_EQ(report.parts, 1);
  EXPECT_LT(std::filesystem::file_size(folder_ / "compact/part-000.safetensors") * 20,
            static_cast<std::uintmax_t>(report.pack_bytes));
  EXPECT_LT(report.errors.mesh_rms, 5e-4);
  EXPECT_LT(report.errors.lips_rms, 5e-4);
  EXPECT_LT(report.errors.points_rms_px, 0.06);
  EXPECT_LT(report.errors.mel_most, 0.018);

  const Finished finished = unpack();
  ASSERT_EQ(finished.code, 0) << finished.text;
  training::PackReader was(suite_ / "pack"), is(folder_ / "again");
  ASSERT_EQ(is.clips().size(), 3U);
  for (const training::PackClip& clip : is.clips()) {
    const auto same = std::find_if(was.clips().begin(), was.clips().end(),
                                   [&](const auto& other) { return other.id == clip.id; });
    ASSERT_NE(same, was.clips().end());
    EXPECT_EQ(clip.person, same->person);
    EXPECT_EQ(clip.training, same->training);
    const TensorFile &before = was.shard(*same), &after = is.shard(clip);
    const auto name = [&](const char* part) { return clip.id + "/" + part; };
    for (const char* part : {"time", "valid", "active", "crop_frame", "mesh", "rest", "mel",
                             "encoded", "crop_points", "crop", "mouth"}) {
      SCOPED_TRACE(name(part));
      ASSERT_EQ(after.contains(name(part)), before.contains(name(part)));
      if (!before.contains(name(part))) continue;
      const Tensor a = before.get(name(part)), b = after.get(name(part));
      ASSERT_EQ(b.dtype, a.dtype);
      ASSERT_EQ(b.shape, a.shape);
      const std::string kind = part;
      if (kind == "encoded") {
        EXPECT_LE(largest_difference(before.floats(name(part)), after.floats(name(part))),
                  0.004 * range_of(before.floats(name(part))));
        continue;
      }
      if (kind == "crop" || kind == "mouth")
        EXPECT_GT(psnr(a, b), kind == "crop" ? 40 : 38);
      else if (a.dtype == "U8" || a.dtype == "I32" || kind == "time")
        EXPECT_TRUE(std::equal(a.bytes.begin(), a.bytes.end(), b.bytes.begin()));
      else
        EXPECT_LE(largest_difference(before.floats(name(part)), after.floats(name(part))),
                  kHalfRounding + (kind == "mel"           ? report.errors.mel_most
                                   : kind == "crop_points" ? report.errors.points_most_px
                                                           : report.errors.mesh_most));
    }
  }

  const std::string sums = sha256_hex_of_file(folder_ / "again/clips-000.safetensors") +
                           sha256_hex_of_file(folder_ / "again/basis.safetensors");
  EXPECT_EQ(is.sha256(), sha256_hex(std::as_bytes(std::span(sums))));
  EXPECT_EQ(json(folder_ / "again/pack.json")["unpacked_from"]["sha256"], was.sha256());
  EXPECT_TRUE(std::filesystem::exists(folder_ / "again/DATA_CARD.md"));
  const auto crops = training::CropSet::load(folder_ / "again",
                                             built_models().models / "canonical_face.safetensors");
  EXPECT_EQ(crops.clips.size(), 3U);
  std::size_t talking = 0;
  for (const bool training : {false, true}) talking += load_sync_clips(is, training).size();
  EXPECT_EQ(talking, 2U);
  for (const training::PackClip& clip : is.clips()) {
    EXPECT_EQ(is.shard(clip).contains(clip.id + "/encoded"), clip.own_sound);
  }
}

TEST_F(CompactTest, PutsTheTalkingClipsInTheFirstPartsAndKeepsToTheirSize) {
  const CompactOptions wanted = in_parts();
  const CompactReport report = compact(wanted);
  EXPECT_EQ(report.parts, 3);
  const auto list = json(wanted.out / "compact.json");
  std::int64_t bytes = 0;
  for (const auto& part : list["parts"]) {
    const auto path = wanted.out / part["name"].get<std::string>();
    EXPECT_EQ(std::filesystem::file_size(path), part["bytes"]);
    EXPECT_LE(part["bytes"], wanted.part_bytes);
    EXPECT_EQ(sha256_hex_of_file(path), part["sha256"]);
    bytes += part["bytes"].get<std::int64_t>();
  }
  for (const auto& file : list["files"]) bytes += file["bytes"].get<std::int64_t>();
  EXPECT_EQ(bytes, report.bytes);
  const auto last = TensorFile::open(wanted.out / "part-002.safetensors");
  EXPECT_THAT(last.metadata().at("groups"), HasSubstr("clips/0091"));
  EXPECT_FALSE(last.contains("0/mel"));
}

TEST_F(CompactTest, LeavesNoPartOfALongerPackBehind) {
  compact(in_parts());
  const CompactReport report = compact(options());
  EXPECT_EQ(report.parts, 1);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "compact/part-001.safetensors"));
}

TEST_F(CompactTest, PartsThatAreThereMakeAPack) {
  if (python().empty()) GTEST_SKIP() << "no Python with cv2: scripts/setup.sh python";
  compact(in_parts());
  std::filesystem::remove(folder_ / "compact/part-001.safetensors");
  const Finished finished = unpack();
  ASSERT_EQ(finished.code, 0) << finished.text;
  EXPECT_THAT(finished.text, HasSubstr("left out: part-001.safetensors"));
  training::PackReader pack(folder_ / "again");
  ASSERT_EQ(pack.clips().size(), 2U);
  for (const auto& clip : pack.clips()) EXPECT_TRUE(pack.shard(clip).contains(clip.id + "/mesh"));
  EXPECT_EQ(json(folder_ / "again/pack.json")["unpacked_from"]["missing_parts"][0],
            "part-001.safetensors");
}

TEST_F(CompactTest, APackOfPrepareIsNotOverwritten) {
  if (python().empty()) GTEST_SKIP() << "no Python with cv2: scripts/setup.sh python";
  std::filesystem::create_directory(folder_ / "again");
  std::ofstream(folder_ / "again/pack.json") << R"({"version": 1})";
  const Finished finished = unpack();
  EXPECT_EQ(finished.code, 2);
  EXPECT_THAT(finished.text, HasSubstr("holds a pack that was not unpacked from parts"));
}

TEST_F(CompactTest, ADamagedPartIsNamed) {
  if (python().empty()) GTEST_SKIP() << "no Python with cv2: scripts/setup.sh python";
  compact(options());
  const auto path = folder_ / "compact/part-000.safetensors";
  const auto middle = static_cast<std::streamoff>(std::filesystem::file_size(path) / 2);
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(middle);
  const int byte = file.get();
  file.seekp(middle);
  file.put(static_cast<char>(byte ^ 1));
  file.close();
  Finished finished = unpack();
  EXPECT_EQ(finished.code, 3);
  EXPECT_THAT(finished.text, HasSubstr(path.string() + ": is damaged"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "again/pack.json"));

  std::filesystem::remove(path);
  finished = unpack();
  EXPECT_EQ(finished.code, 3);
  EXPECT_THAT(finished.text, HasSubstr("none of its 1 parts is here"));
  std::filesystem::remove(folder_ / "compact/shapes.safetensors");
  EXPECT_THAT(unpack().text, HasSubstr("shapes.safetensors: is missing"));
  std::filesystem::remove(folder_ / "compact/compact.json");
  EXPECT_THAT(unpack().text, HasSubstr("compact.json: cannot be read"));
}

TEST_F(CompactTest, SaysWhatIsWrongWithItsInput) {
  const auto problem_of = [](const CompactOptions& options) {
    try {
      compact(options);
      ADD_FAILURE() << "was accepted";
      return std::pair(ErrorCode::kInternal, std::string());
    } catch (const Error& error) {
      return std::pair(error.code(), std::string(error.what()));
    }
  };
  CompactOptions wrong = options();
  wrong.part_bytes = 20'000;
  EXPECT_EQ(problem_of(wrong).first, ErrorCode::kUsage);
  EXPECT_THAT(problem_of(wrong).second, HasSubstr("parts of 20000 bytes: too small"));

  wrong = options();
  wrong.pack = folder_ / "nowhere";
  EXPECT_EQ(problem_of(wrong),
            std::pair(ErrorCode::kInput, (wrong.pack / "pack.json").string() + ": cannot be read"));
  wrong.pack = folder_;
  std::ofstream(folder_ / "pack.json") << R"({"version": 1, "clips": [{"id": 7}]})";
  EXPECT_EQ(problem_of(wrong).first, ErrorCode::kInput);
  std::ofstream(folder_ / "pack.json") << R"({"version": 2, "clips": []})";
  EXPECT_THAT(problem_of(wrong).second, HasSubstr("is not the list of a training pack"));
}

TEST_F(CompactTest, RemovesWhatALongerUnpackLeft) {
  if (python().empty()) GTEST_SKIP() << "no Python with cv2: scripts/setup.sh python";
  compact(in_parts());
  ASSERT_EQ(unpack().code, 0);
  EXPECT_TRUE(std::filesystem::exists(folder_ / "again/clips-002.safetensors"));
  compact(options());
  ASSERT_EQ(unpack().code, 0);
  EXPECT_TRUE(std::filesystem::exists(folder_ / "again/clips-000.safetensors"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "again/clips-001.safetensors"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "again/clips-002.safetensors"));
}

TEST_F(CompactTest, AListOfAnotherStructureIsNamed) {
  if (python().empty()) GTEST_SKIP() << "no Python with cv2: scripts/setup.sh python";
  compact(options());
  const auto path = folder_ / "compact/compact.json";
  const auto list = json(path);
  for (const char* key : {"pack_sha256", "errors", "files", "parts", "dropped"}) {
    auto wrong = list;
    wrong[key] = 7;
    std::ofstream(path) << wrong;
    const Finished finished = unpack();
    EXPECT_EQ(finished.code, 3) << key << finished.text;
    EXPECT_THAT(finished.text, HasSubstr(path.string() + ": list: " + key));
  }
}

TEST_F(CompactTest, StopsWhenAskedAndLeavesNoList) {
  try {
    compact(options(), [](std::string_view, std::int64_t, std::int64_t) { return false; });
    FAIL() << "went on";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInterrupted);
  }
  EXPECT_FALSE(std::filesystem::exists(folder_ / "compact/compact.json"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "compact/.videos"));
}

/// A pack of one silent clip of two frames, without pictures.
class SmallPackTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ =
        std::filesystem::temp_directory_path() / ("visema-small-pack-" + std::to_string(getpid()));
    std::filesystem::create_directories(folder_ / "pack");
    for (std::size_t i = 0; i < mesh_.size(); ++i)
      mesh_[i] = float_to_half(0.01F * static_cast<float>(i % 97));
    for (std::size_t i = 0; i < rest_.size(); ++i) rest_[i] = 0.01F * static_cast<float>(i % 89);
    write_list(list());
    write_shard();
    write_tensor_file(folder_ / "pack/basis.safetensors",
                      {{"mean", view_of(std::span<const float>(rest_), {kMeshPoints, 3})}});
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  static nlohmann::json list() {
    const nlohmann::json clip = {{"id", "a/1"}, {"shard", "clips-000.safetensors"}, {"frames", 2}};
    return {{"version", 1}, {"sha256", "abc"}, {"clips", nlohmann::json::array({clip})}};
  }
  void write_list(const nlohmann::json& list) const {
    std::ofstream(folder_ / "pack/pack.json") << list;
  }
  void write_shard() const {
    const std::vector<float> time = {0, 0.04F};
    write_tensor_file(folder_ / "pack/clips-000.safetensors",
                      {{"a/1/time", view_of(std::span<const float>(time), {2})},
                       {"a/1/mesh", view_of_half(mesh_, {2, kMeshPoints, 3})},
                       {"a/1/valid", view_of(std::span<const std::uint8_t>(valid_), {2})},
                       {"a/1/rest", view_of(std::span<const float>(rest_), {kMeshPoints, 3})}});
  }
  CompactReport pack() const {
    CompactOptions options;
    options.pack = folder_ / "pack";
    options.out = folder_ / "compact";
    options.workers = 1;
    return compact(options);
  }
  void expect_input_error(const std::string& text) const {
    try {
      pack();
      ADD_FAILURE() << "was accepted, not: " << text;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kInput) << error.what();
      EXPECT_THAT(error.what(), HasSubstr(text));
    }
  }

  std::filesystem::path folder_;
  std::vector<std::uint16_t> mesh_ = std::vector<std::uint16_t>(std::size_t{kMeshPoints} * 6);
  std::vector<float> rest_ = std::vector<float>(std::size_t{kMeshPoints} * 3);
  std::vector<std::uint8_t> valid_ = {1, 1};
};

TEST_F(SmallPackTest, NamesWhatIsWrongWithTheList) {
  EXPECT_EQ(pack().clips, 1);
  const std::string name = (folder_ / "pack/pack.json").string() + ": ";
  for (const char* key : {"version", "sha256", "clips"}) {
    auto wrong = list();
    wrong.erase(key);
    write_list(wrong);
    expect_input_error(name + "is not the list of a training pack, version 1: " + key);
    wrong[key] = nlohmann::json::object();
    write_list(wrong);
    expect_input_error(name + "is not the list of a training pack, version 1: " + key);
  }
  auto wrong = list();
  wrong["clips"].push_back(wrong["clips"][0]);
  write_list(wrong);
  expect_input_error(name + "clip a/1 is listed twice");
  wrong = list();
  wrong["clips"][0]["shard"] = "../pack/clips-000.safetensors";
  write_list(wrong);
  expect_input_error("must be a file name without folders");
  wrong = list();
  wrong["clips"][0]["frames"] = 0;
  write_list(wrong);
  expect_input_error("clip a/1: 0 frames");
  wrong = list();
  wrong["clips"][0]["crops"] = -1;
  write_list(wrong);
  expect_input_error("clip a/1: 2 frames and -1 crops");
  EXPECT_TRUE(std::filesystem::exists(folder_ / "compact/compact.json"));  // the first, whole
}

TEST_F(SmallPackTest, AMissingBasisLeavesTheOldCompactPack) {
  pack();
  std::filesystem::remove(folder_ / "pack/basis.safetensors");
  expect_input_error("basis.safetensors");
  EXPECT_TRUE(std::filesystem::exists(folder_ / "compact/compact.json"));
}

TEST_F(SmallPackTest, AFaceWithoutNumbersIsNamed) {
  const std::uint16_t was = std::exchange(mesh_.back(), float_to_half(NAN));
  write_shard();
  expect_input_error("clip a/1: frame 1: coordinate");
  valid_[1] = 0;  // what is not tracked may be anything
  write_shard();
  EXPECT_EQ(pack().clips, 1);
  mesh_.back() = was;
  rest_[5] = INFINITY;
  write_shard();
  expect_input_error("clip a/1: rest face: coordinate");
}

TEST_F(SmallPackTest, AFaceBeyondTheSixteenBitsIsCut) {
  mesh_[0] = float_to_half(1000);
  write_shard();
  const CompactReport report = pack();
  EXPECT_EQ(report.clips, 1);
  EXPECT_GT(report.errors.mesh_most, 10);
}

TEST_F(SmallPackTest, TheSameFolderIsRefused) {
  CompactOptions options;
  options.pack = folder_ / "pack";
  options.out = folder_ / "pack/../pack";
  try {
    compact(options);
    FAIL() << "was accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUsage);
  }
}

}  // namespace
}  // namespace visema::session
