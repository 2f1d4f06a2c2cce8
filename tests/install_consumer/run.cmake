# Installs the build into a folder of its own, moves that folder, and builds and runs a small
# program against it: by find_package and by pkg-config.
#   cmake -DBUILD=... -DSOURCE=... -DWORK=... -DCOMPILER=... -DFLAGS=... -P run.cmake
function(must_run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE code)
  if(NOT code EQUAL 0)
    message(FATAL_ERROR "exit status ${code}: ${ARGN}")
  endif()
endfunction()

file(REMOVE_RECURSE ${WORK})
file(MAKE_DIRECTORY ${WORK})
must_run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${WORK}/first)
file(RENAME ${WORK}/first ${WORK}/prefix)
set(prefix ${WORK}/prefix)

must_run(${prefix}/bin/visema --version)
if(FLAGS) # AddressSanitizer's dlopen does not see the program's run path
  set(ENV{LD_LIBRARY_PATH} ${prefix}/lib)
endif()
execute_process(COMMAND ${prefix}/bin/visema doctor RESULT_VARIABLE code)
if(NOT code EQUAL 0 AND NOT code EQUAL 5) # 5: there were no model files to install
  message(FATAL_ERROR "visema doctor of the installed tree: exit status ${code}")
endif()

must_run(${CMAKE_COMMAND} -S ${SOURCE}/consumer -B ${WORK}/build -DCMAKE_PREFIX_PATH=${prefix}
         -DCMAKE_CXX_COMPILER=${COMPILER} -DCMAKE_CXX_FLAGS=${FLAGS})
must_run(${CMAKE_COMMAND} --build ${WORK}/build)
must_run(${WORK}/build/consumer)
must_run(${WORK}/build/consumer_tests)

file(GLOB_RECURSE pc_file ${prefix}/*/visema.pc)
get_filename_component(pc_folder ${pc_file} DIRECTORY)
set(ENV{PKG_CONFIG_PATH} ${pc_folder})
execute_process(COMMAND pkg-config --cflags --libs visema OUTPUT_VARIABLE options RESULT_VARIABLE code)
if(NOT code EQUAL 0)
  message(FATAL_ERROR "pkg-config does not find visema")
endif()
separate_arguments(options UNIX_COMMAND "${options}")
separate_arguments(flags UNIX_COMMAND "${FLAGS}")
must_run(${COMPILER} -std=c++20 ${flags} ${SOURCE}/consumer/main.cpp -o ${WORK}/by_pkg_config
         ${options})
get_filename_component(library_folder ${pc_folder} DIRECTORY)
set(ENV{LD_LIBRARY_PATH} ${library_folder})
must_run(${WORK}/by_pkg_config)
