/*
 * test_dkim_verify_cost.c - what a message costs grows with its size, whatever its shape.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Work is counted, not timed: digests that are computed, and memory that is asked for, of a message
 * and of one twice as large.
 */
#include "base/buf.h"
#include "dkim/verify_batch.h"
#include "support/mm_test.h"

enum { SIGNATURES = 200, MOST_BYTES = 64 * 1024 * 1024 };

static void put_signature(struct mm_buf *out, size_t number, size_t b_bytes, const char *names)
{
    mm_buf_printf(
        out, "DKIM-Signature: v=1; a=rsa-sha256; c=%s; d=example.com; s=s%zu; bh=QUJD; h=%s; b=",
        number % 2 ? "relaxed/simple" : "simple/simple", number, names);
    for (size_t i = 0; i < b_bytes; i += 4)
        mm_buf_append_str(out, "QUJD");
    mm_buf_append_str(out, "\r\n");
}

static void put_end(struct mm_buf *out, size_t body_lines)
{
    mm_buf_append_str(out, "From: a@example.com\r\n\r\nx\r\n");
    for (size_t i = 0; i < body_lines; i++)
        mm_buf_append_str(out, "\r\n");
}

static void signatures_of_one_body_share_its_hash(void **state)
{
    (void)state;
    struct mm_arena arena = {.limit_bytes = MOST_BYTES};
    struct mm_hash_memory memory;
    struct mm_hash_batch batch;
    struct mm_digest_ctx *digest = mm_digest_ctx_new();
    struct mm_body_digest *list = NULL, *first = NULL, *one = NULL;
    struct mm_msg msg;
    mm_hash_memory_init(&memory);
    assert_int_equal(mm_msg_index(&msg, MM_VIEW("From: a@example.com\r\n\r\nbody\r\n"), &arena),
                     MM_OK);
    assert_int_equal(mm_hash_batch_init(&batch, digest, &arena, &memory, SIGNATURES), MM_OK);
    for (int i = 0; i < SIGNATURES; i++) {
        assert_int_equal(
            mm_hash_batch_body(&batch, &list, &msg, MM_CANON_RELAXED, MM_SHA256, UINT64_MAX, &one),
            MM_OK);
        first = first ? first : one;
        MM_CHECK_TRUE("the same", one == first);
    }
    MM_CHECK_INT("digests", batch.count, 1);
    assert_int_equal(mm_hash_batch_body(&batch, &list, &msg, MM_CANON_RELAXED, MM_SHA256, 3, &one),
                     MM_OK);
    MM_CHECK_INT("with l= it is another", batch.count, 2);
    mm_hash_memory_deinit(&memory);
    mm_digest_ctx_free(&digest);
    mm_arena_deinit(&arena);
}

/* Memory of the first and second half together. */
static size_t cost_of(struct mm_view message, uint32_t max_signatures, uint32_t *count)
{
    struct mm_arena arena = {.limit_bytes = MOST_BYTES};
    struct mm_verify_options options = {.now = 1, .max_signatures = max_signatures};
    struct mm_verify_item item = {.bytes = message};
    struct mm_verify_worker w;
    assert_int_equal(mm_verify_worker_init(&w, NULL, &options), MM_OK);
    assert_int_equal(mm_verify_batch(&w, &arena, &item, 1), MM_OK);
    assert_int_equal(item.status, MM_OK);
    *count = item.verdict.count;
    size_t bytes = arena.used_bytes;
    mm_verify_worker_deinit(&w);
    mm_arena_deinit(&arena);
    return bytes;
}

struct shape {
    const char *label;
    size_t signatures, fields, b_bytes, names, body_lines; /* of the smaller message */
};
static const struct shape shapes[] = {
    {"signatures", SIGNATURES / 2, 0, 4, 0, 0},
    {"fields of one name", 1, 1500, 4, 0, 0},
    {"b= of half a megabyte", 1, 0, 450 * 1024, 0, 0},
    {"names in h=", 1, 0, 4, 2000, 0},
    {"five million lines at the end", 1, 0, 4, 0, 5000000},
};

static void put_message(struct mm_buf *out, const struct shape *s, size_t times)
{
    struct mm_buf names;
    mm_buf_init(&names, MOST_BYTES);
    mm_buf_append_str(&names, "from");
    for (size_t i = 0; i < times * s->names; i++)
        mm_buf_append_str(&names, ":from");
    mm_buf_append_char(&names, '\0');
    mm_buf_clear(out);
    for (size_t i = 0; i < s->signatures * (s->signatures > 1 ? times : 1); i++)
        put_signature(out, i, s->b_bytes > 4 ? times * s->b_bytes : 4, names.data);
    for (size_t i = 0; i < times * s->fields; i++)
        mm_buf_append_str(out, "X-Field: some value\r\n");
    put_end(out, times * s->body_lines);
    assert_false(out->failed || names.failed);
    mm_buf_deinit(&names);
}

static void twice_the_size_is_at_most_twice_the_cost(void **state)
{
    (void)state;
    for (size_t i = 0; i < MM_COUNT(shapes); i++) {
        const struct shape *s = &shapes[i];
        struct mm_buf message;
        uint32_t count;
        mm_buf_init(&message, MOST_BYTES);
        put_message(&message, s, 1);
        size_t once = cost_of(mm_buf_view(&message), SIGNATURES, &count);
        MM_CHECK_INT(s->label, count, s->signatures);
        put_message(&message, s, 2);
        size_t twice = cost_of(mm_buf_view(&message), SIGNATURES, &count);
        if (twice > 2 * once + 4096)
            fail_msg("%s: %zu bytes, then %zu", s->label, once, twice);
        MM_CHECK_TRUE(s->label, once < 16 * message.len + 65536);
        mm_buf_deinit(&message);
    }
}

MM_TEST_MAIN(MM_TEST(signatures_of_one_body_share_its_hash),
             MM_TEST(twice_the_size_is_at_most_twice_the_cost))
