/*
 * hidden.c - characters that a person does not see, or that change what is seen beside them.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "text/hidden.h"

#include "text/utf8.h"

bool mm_utf8_is_hidden(uint32_t code_point)
{
    static const uint32_t ranges[][2] = {
        {0x80, 0x9f},       {0xad, 0xad},       {0x34f, 0x34f},   {0x115f, 0x1160},
        {0x17b4, 0x17b5},   {0x180b, 0x180f},   {0x200b, 0x200f}, {0x2060, 0x206f},
        {0x3164, 0x3164},   {0xe000, 0xf8ff},   {0xfdd0, 0xfdef}, {0xfe00, 0xfe0f},
        {0xfeff, 0xfeff},   {0xffa0, 0xffa0},   {0xfff0, 0xfffb}, {0x1bca0, 0x1bca3},
        {0x1d173, 0x1d17a}, {0xe0000, 0x10ffff}};
    for (size_t i = 0; i < MM_COUNT(ranges); i++)
        if (code_point >= ranges[i][0] && code_point <= ranges[i][1])
            return true;
    return (code_point & 0xfffe) == 0xfffe || mm_utf8_is_deceptive(code_point);
}
