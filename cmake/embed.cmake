# embed.cmake - a file's bytes as a C function that gives a view of them; run by cmake -P.
# INPUT: the file. OUTPUT: the C file. FUNCTION: its one function. HEADER: what declares it.
# SPDX-License-Identifier: Apache-2.0
file(READ "${INPUT}" hex HEX)
string(REGEX REPLACE "(................................)" "\\1\n" hex "${hex}")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
get_filename_component(name "${INPUT}" NAME)
file(WRITE "${OUTPUT}" "/* Made of ${name} by embed.cmake. */
#include \"${HEADER}\"

static const unsigned char bytes[] = {
${bytes}};

struct mm_view ${FUNCTION}(void)
{
    return (struct mm_view){(const char *)bytes, sizeof(bytes)};
}
")
