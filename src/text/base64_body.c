/*
 * base64_body.c - base64 as bodies of mail have it: decoded whatever was done to it on the way.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Pieces are freed of their white space into a buffer that stays in the first-level cache, and
 * decoded from there in wide steps. Where a step finds anything that is no digit, the careful loop
 * takes over up to the end of that group.
 */
#include "text/base64_body.h"

#include "text/base64_internal.h"
#include "text/unfold.h"

enum { PIECE_BYTES = 8 * 1024 };

/* The careful loop: a group that may be unfinished, and what was seen so far. */
struct careful {
    uint8_t *to;
    uint32_t group;
    unsigned digits, pads;
    bool ended; /* by padding */
    uint64_t skipped;
};

static void take_digit(struct careful *c, unsigned value)
{
    c->skipped += c->pads; /* padding that more digits follow was none */
    c->pads = 0;
    c->group = c->group << 6 | value;
    if (++c->digits < 4)
        return;
    *c->to++ = (uint8_t)(c->group >> 16);
    *c->to++ = (uint8_t)(c->group >> 8);
    *c->to++ = (uint8_t)c->group;
    c->group = c->digits = 0;
}

static void take_byte(struct careful *c, unsigned char byte)
{
    unsigned kind = mm_base64_kinds[byte];
    if (kind == MM_BASE64_SPACE)
        return;
    if (kind < MM_BASE64_SPACE && !c->ended)
        take_digit(c, kind);
    else if (kind == MM_BASE64_PAD && !c->ended && c->digits >= 2)
        c->ended = c->digits + ++c->pads == 4;
    else
        c->skipped++;
}

static size_t finish(struct careful *c, const uint8_t *out, uint64_t *skipped)
{
    c->skipped += c->digits == 1;
    mm_base64_tail(&c->to, c->group, c->digits);
    if (skipped)
        *skipped = c->skipped;
    return (size_t)(c->to - out);
}

size_t mm_base64_decode_body_reference(struct mm_view text, uint8_t *out, uint64_t *skipped)
{
    struct careful c = {.to = out};
    for (size_t i = 0; i < text.len; i++)
        take_byte(&c, (unsigned char)text.data[i]);
    return finish(&c, out, skipped);
}

/* `text` has no white space. */
static void take_piece(struct careful *c, struct mm_view text)
{
    mm_base64_steps_fn *steps = (mm_base64_steps_fn *)mm_kernel_pick(&mm_base64_kernel);
    size_t at = 0;
    while (at < text.len) {
        while (at < text.len && (c->digits > 0 || c->ended))
            take_byte(c, (unsigned char)text.data[at++]);
        size_t used = steps ? steps((char *)c->to, text.data + at, text.len - at) : 0;
        c->to += used / 4 * 3;
        at += used;
        at += mm_base64_groups(text.data + at, text.len - at, &c->to);
        if (at < text.len)
            take_byte(c, (unsigned char)text.data[at++]);
    }
}

size_t mm_base64_decode_body(struct mm_view text, uint8_t *out, uint64_t *skipped)
{
    char piece[PIECE_BYTES];
    struct careful c = {.to = out};
    for (size_t at = 0; at < text.len; at += PIECE_BYTES) {
        size_t left = text.len - at, len = left < PIECE_BYTES ? left : PIECE_BYTES;
        take_piece(&c, (struct mm_view){piece, mm_unfold(piece, mm_view_sub(text, at, len))});
    }
    return finish(&c, out, skipped);
}
