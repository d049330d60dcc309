/*
 * test_io_zstd_write.c - the bytes of frames depend on the text alone.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "io/zstd_write.h"

#include <zstd.h>

#include "support/mm_test.h"

enum { TEXT_BYTES = 5 * 1024 * 1024 + 12345, STEP_BYTES = 300000 };

static struct mm_buf make_text(void)
{
    struct mm_buf text;
    uint64_t seed = 7;
    mm_buf_init(&text, 2 * TEXT_BYTES);
    while (text.len < TEXT_BYTES)
        mm_buf_printf(&text, "line %llu\n", (unsigned long long)mm_random(&seed) % 100000);
    text.len = TEXT_BYTES;
    assert_false(text.failed);
    return text;
}

/* In steps of random size; the writer is left for a new one every `change` steps (0: never). */
static struct mm_buf write_all(struct mm_view text, unsigned helpers, unsigned change)
{
    struct mm_zstd_writer *w = mm_zstd_writer_new(helpers);
    struct mm_buf out, state, kept;
    uint64_t seed = 3, fresh;
    mm_buf_init(&out, 4 * TEXT_BYTES);
    mm_buf_init(&state, TEXT_BYTES);
    mm_buf_init(&kept, TEXT_BYTES);
    assert_non_null(w);
    for (unsigned step = 1; text.len; step++) {
        size_t len = 1 + mm_random(&seed) % STEP_BYTES;
        len = len < text.len ? len : text.len;
        assert_int_equal(mm_zstd_write(w, mm_view_sub(text, 0, len), &out), MM_OK);
        text = mm_view_sub(text, len, text.len - len);
        if (!change || step % change)
            continue;
        mm_buf_clear(&state);
        assert_int_equal(mm_zstd_write_settle(w, &out), MM_OK);
        assert_int_equal(mm_zstd_writer_save(w, &state, &fresh), MM_OK);
        mm_buf_append(&kept, mm_view_sub(mm_buf_view(&state), 0, fresh));
        mm_zstd_writer_free(&w);
        assert_non_null(w = mm_zstd_writer_new(helpers));
        assert_int_equal(
            mm_zstd_writer_load(w, mm_buf_view(&kept),
                                mm_view_sub(mm_buf_view(&state), fresh, state.len - fresh)),
            MM_OK);
    }
    assert_int_equal(mm_zstd_write_end(w, &out), MM_OK);
    mm_zstd_writer_free(&w);
    mm_buf_deinit(&state);
    mm_buf_deinit(&kept);
    return out;
}

static void frames_are_the_same_whatever_the_helpers(void **state)
{
    struct mm_buf text = make_text(), one = write_all(mm_buf_view(&text), 0, 0);
    char *back = malloc(TEXT_BYTES);
    (void)state;
    assert_non_null(back);
    MM_CHECK_INT("unpacked", ZSTD_decompress(back, TEXT_BYTES, one.data, one.len), TEXT_BYTES);
    MM_CHECK_INT("is the text", memcmp(back, text.data, TEXT_BYTES), 0);
    for (unsigned helpers = 0; helpers <= 4; helpers++)
        for (unsigned change = 0; change <= 5; change++) {
            struct mm_buf other = write_all(mm_buf_view(&text), helpers, change);
            MM_CHECK_TRUE("the same bytes", mm_view_eq(mm_buf_view(&one), mm_buf_view(&other)));
            mm_buf_deinit(&other);
        }
    free(back);
    mm_buf_deinit(&one);
    mm_buf_deinit(&text);
}

MM_TEST_MAIN(MM_TEST(frames_are_the_same_whatever_the_helpers))
