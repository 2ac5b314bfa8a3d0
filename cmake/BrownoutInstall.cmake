# Install tree: the program, the libraries with their headers, the shipped data, and a CMake package, so that
#   find_package(brownout REQUIRED)
#   target_link_libraries(mine PRIVATE brownout::model brownout::profiles)
# works in somebody else's project.
include(CMakePackageConfigHelpers)

get_property(brownout_libraries GLOBAL PROPERTY BROWNOUT_LIBRARIES)
install(TARGETS brownout_options ${brownout_libraries}
  EXPORT brownoutTargets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(TARGETS brownout RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})

set(brownout_header_folders base model hardware profiles inference emulation)
if(BROWNOUT_SIM)
  list(APPEND brownout_header_folders sim)
  # What a user's own weight buffer is compiled with (sim/README.md), and an example of one.
  install(FILES sim/rtl_adapter.cpp sim/rtl_model.h sim/rtl_print.h
    DESTINATION ${CMAKE_INSTALL_DATADIR}/brownout/adapter/sim)
  install(DIRECTORY sim/examples/my_buffer DESTINATION ${CMAKE_INSTALL_DATADIR}/brownout/examples)
endif()
foreach(folder ${brownout_header_folders})
  install(DIRECTORY ${folder}/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/brownout/${folder}
    FILES_MATCHING PATTERN "*.h"
    # What only our own sources include, and folders without headers.
    PATTERN hdf5 EXCLUDE PATTERN yaml EXCLUDE PATTERN description_reader.h EXCLUDE PATTERN readers EXCLUDE
    PATTERN graph EXCLUDE PATTERN kernels EXCLUDE PATTERN plan EXCLUDE
    PATTERN field EXCLUDE PATTERN faults EXCLUDE PATTERN chips EXCLUDE PATTERN spatial EXCLUDE PATTERN likelihood EXCLUDE
    PATTERN zoo EXCLUDE PATTERN samples EXCLUDE PATTERN examples EXCLUDE)
endforeach()
install(DIRECTORY profiles/ DESTINATION ${CMAKE_INSTALL_DATADIR}/brownout/profiles
  FILES_MATCHING PATTERN "*.h5" PATTERN "*.md" PATTERN "*.yaml"
  PATTERN import EXCLUDE PATTERN hdf5 EXCLUDE PATTERN generator EXCLUDE PATTERN statistics EXCLUDE)
install(DIRECTORY rtl/ DESTINATION ${CMAKE_INSTALL_DATADIR}/brownout/rtl
  FILES_MATCHING PATTERN "*.sv" PATTERN "*.vlt" PATTERN "*.core" PATTERN "*.pcf" PATTERN Bender.yml PATTERN README.md PATTERN PROTOCOL.md
  PATTERN synth EXCLUDE)
install(FILES examples/sweep.cpp examples/CMakeLists.txt DESTINATION ${CMAKE_INSTALL_DATADIR}/brownout/examples)
install(DIRECTORY inference/zoo/ DESTINATION ${CMAKE_INSTALL_DATADIR}/brownout/zoo)
install(FILES README.md LICENSE CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR})

set(brownout_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/brownout)
install(EXPORT brownoutTargets NAMESPACE brownout:: DESTINATION ${brownout_package_dir})
configure_package_config_file(cmake/brownoutConfig.cmake.in ${CMAKE_CURRENT_BINARY_DIR}/brownoutConfig.cmake
  INSTALL_DESTINATION ${brownout_package_dir})
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/brownoutConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/brownoutConfig.cmake
              ${CMAKE_CURRENT_BINARY_DIR}/brownoutConfigVersion.cmake
  DESTINATION ${brownout_package_dir})
