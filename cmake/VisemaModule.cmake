# visema_module(NAME [DEPENDS target...] [PRIVATE target...])
#
# One static library per folder: public headers in include/visema/NAME, everything else in src/.
# A file in src/ whose name ends in _torch.cpp may include LibTorch and shares one precompiled
# torch header; every other file is compiled without LibTorch on its include path.
include_guard(GLOBAL)
find_package(Threads REQUIRED)

add_library(visema_options INTERFACE)
target_compile_options(visema_options INTERFACE -Wall -Wextra -Wpedantic)
if(VISEMA_SANITIZE)
  target_compile_options(visema_options INTERFACE -fsanitize=${VISEMA_SANITIZE}
                                                  -fno-omit-frame-pointer)
  target_link_options(visema_options INTERFACE -fsanitize=${VISEMA_SANITIZE})
endif()
if(VISEMA_BUILD_FUZZ)
  set(fuzz_options -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined)
  target_compile_options(visema_options INTERFACE ${fuzz_options})
  target_link_options(visema_options INTERFACE ${fuzz_options})
endif()
find_program(VISEMA_LLD ld.lld)
if(VISEMA_LLD)
  add_link_options(-fuse-ld=lld)
endif()

function(visema_module name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;PRIVATE" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/src/*.cpp)
  set(torch_sources ${sources})
  list(FILTER torch_sources INCLUDE REGEX "_torch\\.cpp$")
  list(FILTER sources EXCLUDE REGEX "_torch\\.cpp$")
  if(NOT VISEMA_WITH_TORCH)
    set(torch_sources "")
  endif()
  add_library(visema_${name} STATIC ${sources})
  add_library(visema::${name} ALIAS visema_${name})
  target_include_directories(
    visema_${name}
    PUBLIC $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:include>
    PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/src)
  target_link_libraries(
    visema_${name}
    PUBLIC ${ARG_DEPENDS}
    PRIVATE $<BUILD_INTERFACE:visema_options> ${ARG_PRIVATE} Threads::Threads)
  if(torch_sources)
    add_library(visema_${name}_torch OBJECT ${torch_sources})
    target_include_directories(
      visema_${name}_torch PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/include
                                   ${CMAKE_CURRENT_SOURCE_DIR}/src)
    target_link_libraries(visema_${name}_torch PRIVATE $<BUILD_INTERFACE:visema_options>
                                                       ${ARG_DEPENDS} ${ARG_PRIVATE} visema_torch)
    target_precompile_headers(visema_${name}_torch REUSE_FROM visema_torch_pch)
    target_sources(visema_${name} PRIVATE $<TARGET_OBJECTS:visema_${name}_torch>)
    target_link_libraries(visema_${name} PRIVATE visema_torch)
  endif()
endfunction()

if(VISEMA_WITH_TORCH)
  find_package(Torch REQUIRED)
  # LibTorch as one private interface target; no public header may name it.
  add_library(visema_torch INTERFACE)
  target_include_directories(visema_torch SYSTEM INTERFACE ${TORCH_INCLUDE_DIRS})
  target_link_libraries(visema_torch INTERFACE ${TORCH_LIBRARIES})
  separate_arguments(torch_cxx_flags UNIX_COMMAND "${TORCH_CXX_FLAGS}")
  target_compile_options(visema_torch INTERFACE ${torch_cxx_flags})
  file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/torch_pch.cpp CONTENT "")
  add_library(visema_torch_pch OBJECT ${CMAKE_BINARY_DIR}/torch_pch.cpp)
  target_link_libraries(visema_torch_pch PRIVATE visema_options visema_torch)
  target_precompile_headers(visema_torch_pch PRIVATE <torch/torch.h>)
endif()
