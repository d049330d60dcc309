/*
 * fuzz_canon.c - fast and plain canonical forms agree, at every split, on every tier.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The first bytes choose canonicalization, tier, the size of pieces and of outputs; the rest is the
 * body, and up to its first colon also the name of a field.
 */
#include <stdlib.h>

#include "base/cpu.h"
#include "dkim/canon_header.h"

enum { OUT_MAX = 8192 };

static void require(int holds)
{
    if (!holds)
        abort();
}

typedef size_t feed_fn(struct mm_canon_body *c, struct mm_view *in, char *out, size_t cap);

static void run(struct mm_buf *out, feed_fn *feed, enum mm_canon canon, struct mm_view body,
                size_t piece_bytes, size_t cap)
{
    struct mm_canon_body c;
    char tail[8], *room = malloc(cap);
    require(room != NULL);
    mm_canon_body_init(&c, canon);
    while (body.len > 0) {
        size_t take = piece_bytes && piece_bytes < body.len ? piece_bytes : body.len;
        struct mm_view piece = mm_view_sub(body, 0, take);
        body = mm_view_sub(body, take, body.len - take);
        while (piece.len > 0) {
            size_t before = piece.len, len = feed(&c, &piece, room, cap);
            require(len <= cap && (len > 0 || piece.len < before));
            mm_buf_append(out, (struct mm_view){room, len});
        }
    }
    for (size_t len; (len = mm_canon_body_end(&c, tail)) > 0;)
        mm_buf_append(out, (struct mm_view){tail, len});
    require(!out->failed && c.out_bytes == out->len);
    free(room);
}

static void compare_headers(enum mm_canon canon, struct mm_view field, struct mm_buf *fast,
                            struct mm_buf *plain)
{
    const char *colon = field.len ? memchr(field.data, ':', field.len) : NULL;
    if (!colon)
        return;
    size_t value_at = (size_t)(colon - field.data) + 1;
    mm_buf_clear(fast);
    mm_buf_clear(plain);
    mm_canon_header(fast, canon, field, value_at, true);
    mm_canon_header_reference(plain, canon, field, value_at, true);
    require(mm_view_eq(mm_buf_view(fast), mm_buf_view(plain)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 4 || size > 1 << 16)
        return 0;
    enum mm_canon canon = data[0] & 1 ? MM_CANON_RELAXED : MM_CANON_SIMPLE;
    size_t piece_bytes = data[1], cap = MM_CANON_OUT_MIN + (size_t)data[2] * 31;
    mm_cpu_limit(data[0] >> 1 & 3);
    char *copy = malloc(size - 3); /* its own block: a read past the end is seen */
    require(copy != NULL);
    memcpy(copy, data + 3, size - 3);
    struct mm_view body = {copy, size - 3};
    struct mm_buf fast, plain;
    mm_buf_init(&fast, 1 << 20);
    mm_buf_init(&plain, 1 << 20);
    run(&fast, mm_canon_body_feed, canon, body, piece_bytes, cap);
    run(&plain, mm_canon_body_feed_reference, canon, body, 0, OUT_MAX);
    require(mm_view_eq(mm_buf_view(&fast), mm_buf_view(&plain)));
    compare_headers(canon, body, &fast, &plain);
    mm_buf_deinit(&fast);
    mm_buf_deinit(&plain);
    free(copy);
    return 0;
}
