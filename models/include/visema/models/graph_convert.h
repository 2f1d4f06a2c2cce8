#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace visema {

/// From the packed assets of npm's @mediapipe/face_mesh@0.4.1633559619 (checked by SHA-256), writes
/// face_detector.safetensors, face_mesh.safetensors and canonical_face.safetensors into a folder.
/// Throws Error(kModel) when the file is another one or cannot be understood.
void convert_face_mesh_assets(const std::filesystem::path& packed_assets,
                              const std::filesystem::path& folder);

/// Converts a TensorFlow.js graph model (JSON and the weight files that it names). `outputs` picks
/// some of its outputs by node name; empty means all. Throws Error(kModel).
void convert_tfjs_model(const std::filesystem::path& model_json,
                        const std::filesystem::path& result,
                        const std::vector<std::string>& outputs = {});

/// Converts a TensorFlow.js layers model of convolutions that npm's nsfwjs packs into two CommonJS
/// modules: the model as an object, its weights as base64. `outputs` names the layers that become
/// outputs; what follows the last of them is left out. Throws Error(kModel).
void convert_tfjs_layers(const std::filesystem::path& model, const std::filesystem::path& weights,
                         const std::filesystem::path& result,
                         const std::vector<std::string>& outputs);

/// From the quantized encoder of Moonshine tiny in npm's @moonshine-ai/moonshine-js@0.1.29 (ONNX,
/// checked by SHA-256), writes what SpeechEncoder reads. Throws Error(kModel).
void convert_speech_encoder(const std::filesystem::path& onnx, const std::filesystem::path& result);

}  // namespace visema
