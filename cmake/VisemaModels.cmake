# Networks and weights where the program looks for them: share/visema beside its bin/.
#
# Downloads are the work of scripts/setup.sh; here they are only converted.
set(share ${CMAKE_BINARY_DIR}/share/visema)
set(downloads ${CMAKE_SOURCE_DIR}/.cache/models)
set(outputs "")

file(GLOB weights CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/assets/weights/*.safetensors)
foreach(file ${weights})
  get_filename_component(name ${file} NAME)
  add_custom_command(
    OUTPUT ${share}/weights/${name}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${share}/weights
    COMMAND ${CMAKE_COMMAND} -E copy ${file} ${share}/weights/${name}
    DEPENDS ${file})
  list(APPEND outputs ${share}/weights/${name})
endforeach()

# visema_convert_model(SOURCE file OUTPUTS file... ARGUMENTS argument...): runs visema-convert when
# its own code or the download has changed. Skipped when there is no download.
function(visema_convert_model)
  cmake_parse_arguments(ARG "" "SOURCE" "OUTPUTS;ARGUMENTS" ${ARGN})
  if(NOT EXISTS ${ARG_SOURCE})
    message(STATUS "No ${ARG_SOURCE}: scripts/setup.sh brings it")
    return()
  endif()
  add_custom_command(
    OUTPUT ${ARG_OUTPUTS}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${share}/models
    COMMAND visema-convert ${ARG_ARGUMENTS}
    DEPENDS visema-convert ${ARG_SOURCE})
  set(outputs ${outputs} ${ARG_OUTPUTS} PARENT_SCOPE)
endfunction()

set(face_mesh ${downloads}/face_mesh_solution_packed_assets.data)
visema_convert_model(
  SOURCE ${face_mesh}
  OUTPUTS ${share}/models/face_detector.safetensors ${share}/models/face_mesh.safetensors
          ${share}/models/canonical_face.safetensors
  ARGUMENTS face-mesh ${face_mesh} ${share}/models)
foreach(network faceres:global_pooling/Mean mobileface:batchnorm0/add_1 selfie:activation_10)
  string(REPLACE ":" ";" network ${network})
  list(GET network 0 name)
  list(GET network 1 output)
  visema_convert_model(
    SOURCE ${downloads}/faces/${name}.json
    OUTPUTS ${share}/models/${name}.safetensors
    ARGUMENTS tfjs ${downloads}/faces/${name}.json ${share}/models/${name}.safetensors ${output})
endforeach()
set(features ${downloads}/features/model.min.js)
visema_convert_model(
  SOURCE ${features}
  OUTPUTS ${share}/models/mobilenet_features.safetensors
  ARGUMENTS tfjs-layers ${features} ${downloads}/features/group1-shard1of1.min.js
            ${share}/models/mobilenet_features.safetensors block_1_expand_relu
            block_3_expand_relu block_6_expand_relu block_13_expand_relu out_relu)
set(encoder ${downloads}/speech/encoder_model.onnx)
visema_convert_model(
  SOURCE ${encoder}
  OUTPUTS ${share}/models/speech_encoder.safetensors
  ARGUMENTS speech-encoder ${encoder} ${share}/models/speech_encoder.safetensors)

# How to run batches on many machines, and a page that plays a live stream.
file(GLOB_RECURSE deployments CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR}/assets/deploy
     ${CMAKE_SOURCE_DIR}/assets/deploy/*)
foreach(file ${deployments})
  add_custom_command(
    OUTPUT ${share}/${file}
    COMMAND ${CMAKE_COMMAND} -E copy ${CMAKE_SOURCE_DIR}/assets/deploy/${file} ${share}/${file}
    DEPENDS ${CMAKE_SOURCE_DIR}/assets/deploy/${file})
  get_filename_component(folder ${share}/${file} DIRECTORY)
  file(MAKE_DIRECTORY ${folder})
  list(APPEND outputs ${share}/${file})
endforeach()

add_custom_target(visema_share ALL DEPENDS ${outputs})
