# install.cmake - what `cmake --install` puts where: program, its completion, library, headers, pkg-config file, manual.
# SPDX-License-Identifier: Apache-2.0
install(TARGETS mailmill_static mailmill_shared)
install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/mailmill" TYPE INCLUDE)
if(TARGET mailmill)
    install(TARGETS mailmill)
    install(FILES "${PROJECT_SOURCE_DIR}/data/mailmill.bash" DESTINATION "${CMAKE_INSTALL_DATADIR}/bash-completion/completions"
        RENAME mailmill)
endif()

# The .pc file finds its prefix from where it lies, so that --prefix at install time is enough.
file(RELATIVE_PATH MAILMILL_PC_TO_PREFIX "${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig" "${CMAKE_INSTALL_PREFIX}")
string(REGEX REPLACE "/$" "" MAILMILL_PC_TO_PREFIX "${MAILMILL_PC_TO_PREFIX}")
foreach(name LIBDIR INCLUDEDIR)
    set(MAILMILL_PC_${name} "${CMAKE_INSTALL_${name}}")
    if(NOT IS_ABSOLUTE "${CMAKE_INSTALL_${name}}")
        set(MAILMILL_PC_${name} "\${prefix}/${CMAKE_INSTALL_${name}}")
    endif()
endforeach()
configure_file("${PROJECT_SOURCE_DIR}/cmake/mailmill.pc.in" "${PROJECT_BINARY_DIR}/mailmill.pc" @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/mailmill.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")

find_program(SCDOC scdoc)
if(SCDOC)
    add_custom_command(
        OUTPUT "${PROJECT_BINARY_DIR}/mailmill.1"
        COMMAND sh -c "\"$0\" <\"$1\" >\"$2\"" "${SCDOC}" "${PROJECT_SOURCE_DIR}/docs/mailmill.1.scd"
            "${PROJECT_BINARY_DIR}/mailmill.1"
        DEPENDS "${PROJECT_SOURCE_DIR}/docs/mailmill.1.scd"
        VERBATIM)
    add_custom_target(manual ALL DEPENDS "${PROJECT_BINARY_DIR}/mailmill.1")
    install(FILES "${PROJECT_BINARY_DIR}/mailmill.1" DESTINATION "${CMAKE_INSTALL_MANDIR}/man1")
else()
    message(STATUS "scdoc is not here: the manual page is neither made nor installed")
endif()
