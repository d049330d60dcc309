/*
 * base64.c - base64 as mail's tag lists use it (RFC 4648 section 4, RFC 6376 section 2.10).
 * SPDX-License-Identifier: Apache-2.0
 *
 * Text that is sound and of a common length is freed of its white space and decoded in wide steps.
 * Everything else is for the careful loop, one table look-up a character, which alone says what is
 * wrong and where; so it is the reference of the other, too.
 */
#include "text/base64_internal.h"
#include "text/unfold.h"
#if defined(__x86_64__)
#include "text/x86/base64_avx2.h"
#include "text/x86/base64_vbmi.h"
#endif

static const char alphabet[64] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* Signatures of RSA-4096, folded; the modulus of 2048 bits is half of it. */
enum { SOUND_MAX_CHARS = 1024 };

/* Rows of 16 bytes, from 0x00; the upper half of the byte values holds no digit. */
/* clang-format off */
#define XX MM_BASE64_NONE
#define SP MM_BASE64_SPACE
const uint8_t mm_base64_kinds[256] = {
    XX, XX, XX, XX, XX, XX, XX, XX, XX, SP, SP, XX, XX, SP, XX, XX,
    XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX,
    SP, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, 62, XX, XX, XX, 63,
    52, 53, 54, 55, 56, 57, 58, 59, 60, 61, XX, XX, XX, MM_BASE64_PAD, XX, XX,
    XX, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
    15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, XX, XX, XX, XX, XX,
    XX, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40,
    41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, XX, XX, XX, XX, XX,
    XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX,
    XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX,
    XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX,
    XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX,
    XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX,
    XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX,
    XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX,
    XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX,
};
#undef XX
#undef SP
/* clang-format on */

size_t mm_base64_encode(char *out, const uint8_t *bytes, size_t len)
{
    char *at = out;
    for (; len >= 3; len -= 3, bytes += 3, at += 4) {
        uint32_t group = (uint32_t)bytes[0] << 16 | (uint32_t)bytes[1] << 8 | bytes[2];
        at[0] = alphabet[group >> 18];
        at[1] = alphabet[group >> 12 & 63];
        at[2] = alphabet[group >> 6 & 63];
        at[3] = alphabet[group & 63];
    }
    if (len) {
        uint32_t group = (uint32_t)bytes[0] << 16 | (len == 2 ? (uint32_t)bytes[1] << 8 : 0);
        at[0] = alphabet[group >> 18];
        at[1] = alphabet[group >> 12 & 63];
        at[2] = len == 2 ? alphabet[group >> 6 & 63] : '=';
        at[3] = '=';
        at += 4;
    }
    return (size_t)(at - out);
}

static enum mm_status bad_at(size_t *at, size_t offset)
{
    if (at)
        *at = offset;
    return MM_E_SYNTAX;
}

enum mm_status mm_base64_decode_reference(struct mm_view text, uint8_t *out, size_t *out_len,
                                          size_t *at)
{
    uint8_t *to = out;
    uint32_t group = 0;
    unsigned digits = 0, pads = 0;
    for (size_t i = 0; i < text.len; i++) {
        unsigned kind = mm_base64_kinds[(unsigned char)text.data[i]];
        if (kind == MM_BASE64_SPACE)
            continue;
        if (kind == MM_BASE64_PAD) {
            if (digits < 2 || digits + ++pads > 4)
                return bad_at(at, i);
            continue;
        }
        if (kind == MM_BASE64_NONE || pads)
            return bad_at(at, i);
        group = group << 6 | kind;
        if (++digits == 4) {
            *to++ = (uint8_t)(group >> 16);
            *to++ = (uint8_t)(group >> 8);
            *to++ = (uint8_t)group;
            group = digits = 0;
        }
    }
    if (digits == 1 || (pads && digits + pads != 4))
        return bad_at(at, text.len);
    mm_base64_tail(&to, group, digits);
    *out_len = (size_t)(to - out);
    return MM_OK;
}

/* Every digit once, then one that is none. */
static bool decodes_known_text(mm_kernel_fn *run)
{
    char text[96 + 1], want[48];
    for (size_t i = 0; i < sizeof alphabet; i++)
        text[i] = alphabet[i];
    memset(text + sizeof alphabet, 'A', sizeof text - sizeof alphabet);
    for (size_t i = 0; i < sizeof want; i += 3) {
        uint32_t a = (uint32_t)(i / 3 * 4);
        uint32_t group = a << 18 | (a + 1) << 12 | (a + 2) << 6 | (a + 3);
        want[i] = (char)(group >> 16);
        want[i + 1] = (char)(group >> 8);
        want[i + 2] = (char)group;
    }
    text[90] = '.';
    return ((mm_base64_steps_fn *)run)(text, text, sizeof text - 1) == sizeof alphabet &&
           memcmp(text, want, sizeof want) == 0;
}

struct mm_kernel mm_base64_kernel = {
    .forms =
        {
#if defined(__x86_64__)
            {MM_CPU_AVX512, "avx512vbmi", (mm_kernel_fn *)mm_base64_decode_vbmi},
            {MM_CPU_AVX2, NULL, (mm_kernel_fn *)mm_base64_decode_avx2},
#endif
            {MM_CPU_PORTABLE, NULL, NULL},
        },
    .works = decodes_known_text,
};

/* All digits of `len`, a multiple of four, in place; false where one is none. */
static bool decode_in_place(char *digits, size_t len, uint8_t **end)
{
    mm_base64_steps_fn *steps = (mm_base64_steps_fn *)mm_kernel_pick(&mm_base64_kernel);
    size_t used = steps ? steps(digits, digits, len) : 0;
    *end = (uint8_t *)digits + used / 4 * 3;
    return used + mm_base64_groups(digits + used, len - used, end) == len;
}

/* False for text that is too long for this, or has anything wrong with it. */
static bool decode_sound(struct mm_view text, uint8_t *out, size_t *out_len)
{
    char room[SOUND_MAX_CHARS];
    uint8_t *end;
    if (text.len > sizeof room)
        return false;
    size_t len = mm_unfold(room, text), pads = 0;
    for (; len > 0 && pads < 2 && room[len - 1] == '='; pads++)
        len--;
    size_t odd = len % 4;
    if (odd == 1 || (pads && odd + pads != 4))
        return false;
    uint32_t group = 0;
    for (size_t i = len - odd; i < len; i++) {
        unsigned kind = mm_base64_kinds[(unsigned char)room[i]];
        if (kind >= MM_BASE64_SPACE)
            return false;
        group = group << 6 | kind;
    }
    if (!decode_in_place(room, len - odd, &end))
        return false;
    mm_base64_tail(&end, group, (unsigned)odd);
    *out_len = (size_t)(end - (uint8_t *)room);
    if (*out_len > 0)
        memcpy(out, room, *out_len);
    return true;
}

enum mm_status mm_base64_decode(struct mm_view text, uint8_t *out, size_t *out_len, size_t *at)
{
    if (decode_sound(text, out, out_len))
        return MM_OK;
    return mm_base64_decode_reference(text, out, out_len, at);
}
