// Converts third-party networks into the safetensors files that Visema runs.
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "visema/core/error.h"
#include "visema/models/graph_convert.h"

namespace {

constexpr const char* kUsage =
    "usage:\n"
    "  visema-convert face-mesh PACKED_ASSETS_DATA OUT_DIR\n"
    "      face_mesh_solution_packed_assets.data of npm @mediapipe/face_mesh@0.4.1633559619 to\n"
    "      face_detector, face_mesh and canonical_face .safetensors\n"
    "  visema-convert tfjs MODEL_JSON OUT.safetensors [OUTPUT_NODE...]\n"
    "      a TensorFlow.js graph model, all outputs or those named\n"
    "  visema-convert tfjs-layers MODEL_JS WEIGHTS_JS OUT.safetensors OUTPUT_LAYER...\n"
    "      a TensorFlow.js layers model in two modules, as npm nsfwjs@4.3.0 has them\n"
    "  visema-convert speech-encoder ENCODER_ONNX OUT.safetensors\n"
    "      dist/model/tiny/quantized/encoder_model.onnx of npm @moonshine-ai/moonshine-js@0.1.29\n";

void convert(const std::vector<std::string>& arguments) {
  if (arguments.size() == 3 && arguments[0] == "face-mesh") {
    visema::convert_face_mesh_assets(arguments[1], arguments[2]);
  } else if (arguments.size() >= 3 && arguments[0] == "tfjs") {
    visema::convert_tfjs_model(arguments[1], arguments[2],
                               {arguments.begin() + 3, arguments.end()});
  } else if (arguments.size() >= 5 && arguments[0] == "tfjs-layers") {
    visema::convert_tfjs_layers(arguments[1], arguments[2], arguments[3],
                                {arguments.begin() + 4, arguments.end()});
  } else if (arguments.size() == 3 && arguments[0] == "speech-encoder") {
    visema::convert_speech_encoder(arguments[1], arguments[2]);
  } else {
    throw visema::Error(visema::ErrorCode::kUsage, std::string("wrong arguments\n") + kUsage);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.empty() || arguments[0] == "--help" || arguments[0] == "-h") {
    std::fputs(kUsage, stdout);
    return arguments.empty() ? static_cast<int>(visema::ErrorCode::kUsage) : 0;
  }
  try {
    convert(arguments);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "visema-convert: %s\n", visema::describe(error).c_str());
    return static_cast<int>(visema::code_of(error));
  }
}
