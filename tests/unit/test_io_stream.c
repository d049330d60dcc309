/*
 * test_io_stream.c - packed bytes come out as they went in, whatever the size of the reads.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "base/buf.h"
#include "io/stream.h"
#include "support/mm_test.h"

static int file_of(struct mm_view bytes)
{
    int fd = memfd_create("stream", 0);
    assert_true(fd >= 0 && write(fd, bytes.data, bytes.len) == (ssize_t)bytes.len &&
                lseek(fd, 0, SEEK_SET) == 0);
    return fd;
}

static struct mm_buf random_text(uint64_t seed, size_t lines)
{
    struct mm_buf b;
    mm_buf_init(&b, 1 << 30);
    for (size_t i = 0; i < lines; i++)
        mm_buf_printf(&b, "line %zu says %llu\n", i, (unsigned long long)mm_random(&seed) % 1000);
    assert_false(b.failed);
    return b;
}

static void append_gzip(struct mm_buf *out, struct mm_view text)
{
    z_stream z = {.next_in = (Bytef *)(uintptr_t)text.data, .avail_in = (uInt)text.len};
    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    size_t cap = deflateBound(&z, text.len) + 64;
    char *packed = malloc(cap);
    assert_non_null(packed);
    z.next_out = (Bytef *)packed;
    z.avail_out = (uInt)cap;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    mm_buf_append(out, (struct mm_view){packed, cap - z.avail_out});
    deflateEnd(&z);
    free(packed);
}

static void append_zstd(struct mm_buf *out, struct mm_view text)
{
    size_t cap = ZSTD_compressBound(text.len);
    char *packed = malloc(cap);
    assert_non_null(packed);
    size_t len = ZSTD_compress(packed, cap, text.data, text.len, 3);
    assert_false(ZSTD_isError(len));
    mm_buf_append(out, (struct mm_view){packed, len});
    free(packed);
}

static void append_zstd_of_no_size(struct mm_buf *out, struct mm_view text)
{
    ZSTD_CCtx *ctx = ZSTD_createCCtx();
    size_t cap = ZSTD_compressBound(text.len);
    assert_true(ctx && mm_buf_reserve(out, cap));
    ZSTD_CCtx_setParameter(ctx, ZSTD_c_contentSizeFlag, 0);
    size_t len = ZSTD_compress2(ctx, out->data + out->len, cap, text.data, text.len);
    assert_false(ZSTD_isError(len));
    out->len += len;
    ZSTD_freeCCtx(ctx);
}

/* Everything up to the end or an error, in reads of at most `step`. */
static enum mm_status read_with(unsigned helpers, struct mm_view packed, size_t step,
                                struct mm_buf *out, struct mm_error *err)
{
    int fd = file_of(packed);
    struct mm_stream *s = mm_stream_new(fd);
    char *to = malloc(step);
    enum mm_status st;
    size_t n;
    assert_true(s && to);
    mm_stream_set_helpers(s, helpers);
    mm_buf_clear(out);
    while ((st = mm_stream_read(s, to, step, &n, err)) == MM_OK) {
        assert_true(n > 0 && n <= step);
        mm_buf_append(out, (struct mm_view){to, n});
    }
    assert_int_equal(mm_stream_read(s, to, step, &n, err), st); /* the same comes again */
    mm_stream_free(&s);
    free(to);
    close(fd);
    return st;
}

/* Alone and with helpers, which must make no difference; of a damaged block the place may be any.
 */
static enum mm_status read_all(struct mm_view packed, size_t step, struct mm_buf *out,
                               struct mm_error *err)
{
    enum { BLOCK_BYTES = 128 * 1024 };
    enum mm_status st = read_with(0, packed, step, out, err);
    struct mm_buf other;
    mm_buf_init(&other, 1 << 30);
    for (unsigned helpers = 1; helpers <= 3; helpers += 2) {
        struct mm_error err_other;
        MM_CHECK_INT("with helpers", read_with(helpers, packed, step, &other, &err_other), st);
        MM_CHECK_TRUE("the same", mm_view_eq(mm_buf_view(out), mm_buf_view(&other)));
        if (st < 0) {
            MM_CHECK_INT("the same words but for the place",
                         strncmp(err->text, err_other.text, strcspn(err->text, "0123456789")), 0);
            uint64_t near = err->offset < err_other.offset ? err->offset : err_other.offset;
            MM_CHECK_TRUE("about the same place",
                          err->offset + err_other.offset - 2 * near <= BLOCK_BYTES);
        }
    }
    mm_buf_deinit(&other);
    return st;
}

static void packed_bytes_come_out_as_they_went_in(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        /* g, z: a member each, u: without its size, l: large, t: tiny; s: a skippable frame;
         * 0: a tail of zeros */
        char packing[12];
    } cases[] = {{"not packed", "p"},
                 {"gzip", "g"},
                 {"two gzip members", "gg"},
                 {"gzip with zeros", "g0"},
                 {"zstd", "z"},
                 {"two zstd frames", "zz"},
                 {"zstd, skippable between", "zsz"},
                 {"many zstd frames", "zzzzzzzzzz"},
                 {"zstd, skippable between and behind", "zszzs"},
                 {"zstd, frames that do not tell their size", "zuzuz"},
                 {"zstd, small frames", "tttttztt"},
                 {"zstd, a large frame", "zlz"},
                 {"zstd, zeros", "z0"}};
    static const size_t steps[] = {1 << 20, 4096, 7};
    struct mm_buf text = random_text(1, 60000), large = random_text(4, 150000), out;
    const struct mm_view tiny = MM_VIEW("tiny\n");
    mm_buf_init(&out, 1 << 30);
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        struct mm_buf packed, want;
        struct mm_error err;
        mm_buf_init(&packed, 1 << 30);
        mm_buf_init(&want, 1 << 30);
        for (const char *p = cases[i].packing; *p; p++) {
            if (*p == 'p')
                mm_buf_append(&packed, mm_buf_view(&text));
            else if (*p == 'g')
                append_gzip(&packed, mm_buf_view(&text));
            else if (*p == 'z')
                append_zstd(&packed, mm_buf_view(&text));
            else if (*p == 't')
                append_zstd(&packed, tiny);
            else if (*p == 'l')
                append_zstd(&packed, mm_buf_view(&large));
            else if (*p == 'u')
                append_zstd_of_no_size(&packed, mm_buf_view(&text));
            else if (*p == 's')
                mm_buf_append(&packed, MM_VIEW("\x53\x2a\x4d\x18\x05\0\0\0apart"));
            else
                for (size_t k = 0; k < 1000; k++)
                    mm_buf_append_char(&packed, '\0');
            if (*p != 's' && *p != '0')
                mm_buf_append(&want, *p == 't'   ? tiny
                                     : *p == 'l' ? mm_buf_view(&large)
                                                 : mm_buf_view(&text));
        }
        for (size_t k = 0; k < MM_COUNT(steps); k++) {
            MM_CHECK_INT(cases[i].label, read_all(mm_buf_view(&packed), steps[k], &out, &err),
                         MM_END);
            MM_CHECK_TRUE(cases[i].label, mm_view_eq(mm_buf_view(&out), mm_buf_view(&want)));
        }
        mm_buf_deinit(&packed);
        mm_buf_deinit(&want);
    }
    mm_buf_deinit(&text);
    mm_buf_deinit(&large);
    mm_buf_deinit(&out);
}

/* What is cut short or damaged gives what is before the place, then says so, for ever. */
static void damage_is_told_with_its_place(void **state)
{
    (void)state;
    struct mm_buf text = random_text(2, 60000), out, packed[2];
    uint64_t seed = 3;
    mm_buf_init(&out, 1 << 30);
    for (size_t i = 0; i < 2; i++)
        mm_buf_init(&packed[i], 1 << 30);
    append_gzip(&packed[0], mm_buf_view(&text));
    append_zstd(&packed[1], mm_buf_view(&text));
    for (size_t i = 0; i < 2; i++) {
        struct mm_error err;
        struct mm_view whole = mm_buf_view(&packed[i]);
        for (size_t k = 0; k < 50; k++) {
            size_t cut = 4 + mm_random(&seed) % (whole.len - 4);
            MM_CHECK_INT("cut short", read_all(mm_view_sub(whole, 0, cut), 65536, &out, &err),
                         MM_E_SYNTAX);
            MM_CHECK_INT("at its end", err.offset, cut);
            MM_CHECK_TRUE("what is before it is right",
                          mm_view_starts(mm_buf_view(&text), mm_buf_view(&out)));
        }
        mm_buf_append_str(&packed[i], "something else");
        MM_CHECK_INT("something behind it", read_all(mm_buf_view(&packed[i]), 65536, &out, &err),
                     MM_E_SYNTAX);
        MM_CHECK_INT("its place", err.offset, whole.len);
        MM_CHECK_TRUE("all before it", mm_view_eq(mm_buf_view(&out), mm_buf_view(&text)));
        mm_buf_deinit(&packed[i]);
    }
    mm_buf_deinit(&text);
    mm_buf_deinit(&out);
}

/* Bits are turned anywhere in many frames: helpers or none, the same comes out. */
static void damaged_frames_give_what_is_whole(void **state)
{
    (void)state;
    struct mm_buf text = random_text(5, 20000), packed, want, out;
    uint64_t seed = 6;
    mm_buf_init(&packed, 1 << 30);
    mm_buf_init(&want, 1 << 30);
    mm_buf_init(&out, 1 << 30);
    for (size_t i = 0; i < 6; i++) {
        append_zstd(&packed, mm_buf_view(&text));
        mm_buf_append(&want, mm_buf_view(&text));
    }
    for (size_t k = 0; k < 200; k++) {
        struct mm_error err;
        size_t at = mm_random(&seed) % packed.len;
        char turned = (char)(1u << mm_random(&seed) % 8);
        packed.data[at] ^= turned;
        if (read_all(mm_buf_view(&packed), 65536, &out, &err) == MM_END)
            MM_CHECK_TRUE("all of it", at < 18 || out.len <= want.len);
        else
            MM_CHECK_TRUE("what is before it",
                          out.len + 128 * 1024 >= at / (packed.len / 6) * text.len);
        packed.data[at] ^= turned;
    }
    mm_buf_deinit(&packed);
    mm_buf_deinit(&want);
    mm_buf_deinit(&text);
    mm_buf_deinit(&out);
}

static void the_first_bytes_of_what_is_packed_are_told(void **state)
{
    (void)state;
    void (*const pack[])(struct mm_buf *, struct mm_view) = {append_gzip, append_zstd};
    struct mm_buf text = random_text(7, 20000);
    char head[512];
    for (size_t i = 0; i < MM_COUNT(pack); i++) {
        struct mm_buf packed, small;
        mm_buf_init(&packed, 1 << 24);
        mm_buf_init(&small, 1 << 16);
        pack[i](&packed, mm_buf_view(&text));
        pack[i](&small, MM_VIEW("short"));
        struct mm_view all = mm_buf_view(&packed);
        struct mm_guard cut = mm_guard_copy(
            mm_view_sub(all, 0, all.len < MM_PACKED_HEAD_BYTES ? all.len : MM_PACKED_HEAD_BYTES));
        MM_CHECK_INT("all that is asked for", mm_packed_head(cut.view, head, sizeof head),
                     sizeof head);
        MM_CHECK_TRUE("as it went in", memcmp(head, text.data, sizeof head) == 0);
        MM_CHECK_INT("no more than there is",
                     mm_packed_head(mm_buf_view(&small), head, sizeof head), 5);
        mm_guard_free(&cut);
        small.data[small.len / 2] ^= 0x55;
        MM_CHECK_TRUE("damage is no more than fewer bytes",
                      mm_packed_head(mm_buf_view(&small), head, sizeof head) <= sizeof head);
        mm_buf_deinit(&packed);
        mm_buf_deinit(&small);
    }
    MM_CHECK_INT("nothing packed", mm_packed_head((struct mm_view){NULL, 0}, head, sizeof head), 0);
    mm_buf_deinit(&text);
}

static void pause_of_a_pipe_is_told(void **state)
{
    int fds[2];
    char to[64];
    size_t n;
    struct mm_error err;
    (void)state;
    assert_int_equal(pipe(fds), 0);
    struct mm_stream *s = mm_stream_new(fds[0]);
    assert_non_null(s);
    MM_CHECK_INT("nothing yet", mm_stream_read(s, to, sizeof to, &n, &err), MM_AGAIN);
    assert_int_equal(write(fds[1], "hello", 5), 5);
    MM_CHECK_INT("some", mm_stream_read(s, to, sizeof to, &n, &err), MM_OK);
    MM_CHECK_VIEW("of it", ((struct mm_view){to, n}), MM_VIEW("hello"));
    MM_CHECK_INT("a pause", mm_stream_read(s, to, sizeof to, &n, &err), MM_AGAIN);
    close(fds[1]);
    MM_CHECK_INT("the end", mm_stream_read(s, to, sizeof to, &n, &err), MM_END);
    mm_stream_free(&s);
    close(fds[0]);
}

MM_TEST_MAIN(MM_TEST(packed_bytes_come_out_as_they_went_in), MM_TEST(damage_is_told_with_its_place),
             MM_TEST(damaged_frames_give_what_is_whole),
             MM_TEST(the_first_bytes_of_what_is_packed_are_told), MM_TEST(pause_of_a_pipe_is_told))
