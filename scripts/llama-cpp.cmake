# Builds of llama-cpp-python read this file after each project() (CMAKE_PROJECT_INCLUDE).
# It changes what is compiled, not how the result runs: same sources of the library, same -O3,
# same native instructions. docs/decisions.md, "Installing", has the seconds that each part saves.
if(PROJECT_NAME STREQUAL "llama.cpp")
  # llama-cpp-python forces llama.cpp's `common` library on (argument parsing, downloads, chat
  # templates of llama.cpp's own programs). The Python package neither installs nor loads it.
  set(LLAMA_BUILD_COMMON OFF CACHE BOOL "llama.cpp's own programs are not built" FORCE)

  # llama.cpp compiles its model files in batches (a unity build) and leaves its core files out of
  # them. Taking those in too parses the same headers a few times instead of thirty. Deferred,
  # because the target does not exist yet when project() runs.
  function(footnote_batch_core_sources)
    get_target_property(folder llama SOURCE_DIR)
    get_target_property(sources llama SOURCES)
    list(FILTER sources INCLUDE REGEX "^(llama|unicode)[^/]*[.]cpp$")
    list(TRANSFORM sources PREPEND "${folder}/")
    set_source_files_properties(${sources} TARGET_DIRECTORY llama
      PROPERTIES SKIP_UNITY_BUILD_INCLUSION OFF)
    # Batches of 16 core files would leave one processor waiting for the other at the end.
    set_target_properties(llama PROPERTIES UNITY_BUILD_BATCH_SIZE 8)
  endfunction()
  cmake_language(DEFER CALL footnote_batch_core_sources)
endif()
