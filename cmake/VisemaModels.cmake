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
set(faceres ${downloads}/faceres/faceres.json)
visema_convert_model(
  SOURCE ${faceres}
  OUTPUTS ${share}/models/faceres.safetensors
  ARGUMENTS tfjs ${faceres} ${share}/models/faceres.safetensors global_pooling/Mean)

add_custom_target(visema_share ALL DEPENDS ${outputs})
