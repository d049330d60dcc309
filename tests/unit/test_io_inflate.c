/*
 * test_io_inflate.c - members, what follows them, what is cut short or damaged, and bombs.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <zlib.h>
#include <zstd.h>

#include "base/clock.h"
#include "io/inflate.h"
#include "support/mm_test.h"

enum { OUT_MAX = 80 * 1024 * 1024, LIMIT = MM_INFLATE_MEMBER_BYTES };

struct fixture {
    struct mm_inflate *inflate;
    struct mm_buf out;
};

static int set_up(void **state)
{
    static struct fixture f;
    f.inflate = mm_inflate_new();
    mm_buf_init(&f.out, OUT_MAX);
    *state = &f;
    return f.inflate ? 0 : -1;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    mm_inflate_free(&f->inflate);
    mm_buf_deinit(&f->out);
    return 0;
}

/* A report's worth of text: neither random nor all the same. */
static struct mm_view make_text(size_t bytes)
{
    uint64_t seed = 11;
    char *text = malloc(bytes + 1);
    for (size_t i = 0; i < bytes; i++)
        text[i] = "<record>0123456789.abcdef</row>\n"[mm_random(&seed) % 32];
    return (struct mm_view){text, bytes};
}

static struct mm_view pack(struct mm_view text, enum mm_inflate_format format)
{
    size_t cap = text.len + text.len / 8 + 1024, len;
    char *packed = malloc(cap);
    if (format == MM_INFLATE_ZSTD) {
        len = ZSTD_compress(packed, cap, text.data, text.len, 3);
        assert_false(ZSTD_isError(len));
        return (struct mm_view){packed, len};
    }
    z_stream z = {0};
    int bits = MAX_WBITS + (format == MM_INFLATE_GZIP ? 16 : 0);
    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, bits, 8, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_in = (Bytef *)(uintptr_t)text.data;
    z.avail_in = (uInt)text.len;
    z.next_out = (Bytef *)packed;
    z.avail_out = (uInt)cap;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    len = z.total_out;
    deflateEnd(&z);
    return (struct mm_view){packed, len};
}

static void drop(struct mm_view v)
{
    free((void *)(uintptr_t)v.data);
}

/* Two views in one piece of memory. */
static struct mm_view join(struct mm_view a, struct mm_view b)
{
    char *both = malloc(a.len + b.len + 1);
    memcpy(both, a.data, a.len);
    if (b.len)
        memcpy(both + a.len, b.data, b.len);
    return (struct mm_view){both, a.len + b.len};
}

static struct mm_inflated run(struct fixture *f, struct mm_view packed, size_t limit)
{
    struct mm_inflated result;
    struct mm_guard g = mm_guard_copy(packed);
    mm_buf_clear(&f->out);
    assert_int_equal(
        mm_inflate_run(f->inflate, mm_inflate_sniff(packed), g.view, limit, &f->out, &result),
        MM_OK);
    mm_guard_free(&g);
    return result;
}

static const enum mm_inflate_format formats[] = {MM_INFLATE_GZIP, MM_INFLATE_ZLIB, MM_INFLATE_ZSTD};
static const char *const format_names[] = {"", "gzip", "zlib", "zstd"};

static void inflate_gives_back_what_was_packed(void **state)
{
    static const size_t sizes[] = {0, 1, 100, 5000, 70000, 3000000};
    for (size_t i = 0; i < MM_COUNT(formats) * MM_COUNT(sizes); i++) {
        enum mm_inflate_format format = formats[i % MM_COUNT(formats)];
        struct mm_view text = make_text(sizes[i / MM_COUNT(formats)]), packed = pack(text, format);
        MM_CHECK_INT(format_names[format], mm_inflate_sniff(packed), format);
        struct mm_inflated result = run(*state, packed, LIMIT);
        MM_CHECK_INT(format_names[format], result.end, MM_INFLATE_WHOLE);
        MM_CHECK_INT(format_names[format], result.members, 1);
        MM_CHECK_INT(format_names[format], result.used_bytes, packed.len);
        assert_true(mm_view_eq(mm_buf_view(&((struct fixture *)*state)->out), text));
        drop(packed);
        drop(text);
    }
}

/* Checklist 4: several members, and CRLF or NULs or anything else behind the last. */
static void inflate_joins_members_and_ignores_what_follows_the_last(void **state)
{
    static const struct mm_view tails[] = {{"", 0},         {"\r\n", 2},
                                           {"\0\0\0\0", 4}, {"unused", 6},
                                           {"\x1f\x8b", 2}, {"-- \nlist footer", 15}};
    struct fixture *f = *state;
    struct mm_view text = make_text(9000), twice = join(text, text);
    for (size_t i = 0; i < MM_COUNT(tails) * MM_COUNT(formats); i++) {
        enum mm_inflate_format format = formats[i % MM_COUNT(formats)];
        struct mm_view tail = tails[i / MM_COUNT(formats)];
        bool joins = format != MM_INFLATE_ZLIB;
        struct mm_view one = pack(text, format),
                       two = joins ? join(one, one) : join(one, MM_VIEW(""));
        struct mm_view packed = join(two, tail);
        struct mm_inflated result = run(f, packed, LIMIT);
        MM_CHECK_INT(format_names[format], result.end, MM_INFLATE_WHOLE);
        MM_CHECK_INT(format_names[format], result.members, joins ? 2 : 1);
        MM_CHECK_INT(format_names[format], result.trailing_bytes, tail.len);
        assert_true(mm_view_eq(mm_buf_view(&f->out), joins ? twice : text));
        drop(one);
        drop(two);
        drop(packed);
    }
    drop(text);
    drop(twice);
}

/* Checklist 4: what is cut short says so, and gives the beginning. */
static void inflate_salvages_what_is_cut_short_anywhere(void **state)
{
    struct fixture *f = *state;
    struct mm_view text = make_text(4000);
    for (size_t k = 0; k < MM_COUNT(formats); k++) {
        struct mm_view packed = pack(text, formats[k]);
        size_t salvaged = 0;
        for (size_t len = 4; len < packed.len; len++) {
            struct mm_inflated result = run(f, mm_view_sub(packed, 0, len), LIMIT);
            MM_CHECK_INT(format_names[formats[k]], result.end, MM_INFLATE_CUT_SHORT);
            MM_CHECK_INT(format_names[formats[k]], result.members, 0);
            MM_CHECK_TRUE("no more is used than there is", result.used_bytes <= len);
            assert_true(mm_view_starts(text, mm_buf_view(&f->out)));
            assert_true(f->out.len >= salvaged);
            salvaged = f->out.len;
        }
        /* Of these two nothing but the check sum was missing. */
        assert_true(salvaged == text.len || formats[k] == MM_INFLATE_ZSTD);
        drop(packed);
    }
    drop(text);
}

/* Without a head nothing tells what it is, so it is asked for by name. */
static void inflate_takes_bare_deflate_as_far_as_it_goes(void **state)
{
    enum { HEAD = 10, TAIL = 8 };
    struct fixture *f = *state;
    struct mm_inflated result;
    struct mm_view text = make_text(4000), gzip = pack(text, MM_INFLATE_GZIP);
    struct mm_view bare = mm_view_sub(gzip, HEAD, gzip.len - HEAD - TAIL);
    for (size_t len = 0; len <= bare.len; len++) {
        struct mm_guard g = mm_guard_copy(mm_view_sub(bare, 0, len));
        size_t before = len ? f->out.len : 0;
        mm_buf_clear(&f->out);
        assert_int_equal(
            mm_inflate_run(f->inflate, MM_INFLATE_RAW, g.view, LIMIT, &f->out, &result), MM_OK);
        MM_CHECK_INT("end", result.end, len < bare.len ? MM_INFLATE_CUT_SHORT : MM_INFLATE_WHOLE);
        assert_true(mm_view_starts(text, mm_buf_view(&f->out)) && f->out.len >= before);
        mm_guard_free(&g);
    }
    MM_CHECK_INT("all of it", f->out.len, text.len);
    drop(gzip);
    drop(text);
}

static void inflate_names_damage_and_gives_what_came_before(void **state)
{
    struct fixture *f = *state;
    uint64_t seed = 5;
    struct mm_view text = make_text(30000);
    for (size_t k = 0; k < MM_COUNT(formats); k++) {
        struct mm_view packed = pack(text, formats[k]);
        char *bytes = (char *)(uintptr_t)packed.data;
        for (int round = 0; round < 200; round++) {
            size_t at = 20 + mm_random(&seed) % (packed.len - 20);
            char flip = (char)(1 << mm_random(&seed) % 8);
            bytes[at] ^= flip;
            struct mm_inflated result = run(f, packed, LIMIT);
            /* A frame of zstd has a check sum only where it was asked for. */
            if (formats[k] != MM_INFLATE_ZSTD)
                MM_CHECK_TRUE(format_names[formats[k]], result.end != MM_INFLATE_WHOLE);
            bytes[at] ^= flip;
        }
        bytes[packed.len - (formats[k] == MM_INFLATE_GZIP ? 5 : 1)] ^= 1;
        if (formats[k] != MM_INFLATE_ZSTD) {
            MM_CHECK_INT("a check sum", run(f, packed, LIMIT).end, MM_INFLATE_DAMAGED);
            assert_true(mm_view_eq(mm_buf_view(&f->out), text));
        }
        drop(packed);
    }
    drop(text);
}

static void inflate_gives_the_members_before_a_bad_one(void **state)
{
    struct fixture *f = *state;
    struct mm_view text = make_text(500), one = pack(text, MM_INFLATE_GZIP);
    struct mm_view packed = join(one, MM_VIEW("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xff\xff"));
    struct mm_inflated result = run(f, packed, LIMIT);
    MM_CHECK_INT("end", result.end, MM_INFLATE_DAMAGED);
    MM_CHECK_INT("members", result.members, 1);
    assert_true(mm_view_eq(mm_buf_view(&f->out), text));
    drop(packed);
    drop(one);
    drop(text);
}

static void inflate_stops_at_its_limit_and_takes_what_just_fits(void **state)
{
    struct fixture *f = *state;
    struct mm_view text = make_text(100000);
    for (size_t k = 0; k < MM_COUNT(formats); k++) {
        struct mm_view packed = pack(text, formats[k]);
        MM_CHECK_INT("fits", run(f, packed, text.len).end, MM_INFLATE_WHOLE);
        MM_CHECK_INT("one over", run(f, packed, text.len - 1).end, MM_INFLATE_TOO_LARGE);
        MM_CHECK_INT("all that is allowed", f->out.len, text.len - 1);
        MM_CHECK_INT("nothing allowed", run(f, packed, 0).end, MM_INFLATE_TOO_LARGE);
        MM_CHECK_INT("nothing given", f->out.len, 0);
        drop(packed);
    }
    drop(text);
}

/* The claim at the end of a gzip file is a stranger's. */
static void inflate_does_not_believe_a_size(void **state)
{
    static const uint32_t claims[] = {0, 1, 4999, 5001, 0x7fffffff, UINT32_MAX};
    struct fixture *f = *state;
    struct mm_view text = make_text(5000), packed = pack(text, MM_INFLATE_GZIP);
    for (size_t i = 0; i < MM_COUNT(claims); i++) {
        memcpy((char *)(uintptr_t)packed.data + packed.len - 4, &claims[i], 4);
        struct mm_inflated result = run(f, packed, LIMIT);
        MM_CHECK_INT("a wrong length is damage", result.end, MM_INFLATE_DAMAGED);
        assert_true(mm_view_eq(mm_buf_view(&f->out), text));
        MM_CHECK_TRUE("no memory for it", f->out.cap <= MM_INFLATE_MEMBER_BYTES);
    }
    drop(packed);
    drop(text);
}

/* `megabytes` MiB of zeros: one MiB of them is a piece that can be repeated as it is. */
static struct mm_view zeros_gzip(size_t megabytes)
{
    static char mib[1024 * 1024], piece[16384];
    z_stream z = {0};
    z.next_in = (Bytef *)mib;
    z.avail_in = sizeof mib;
    z.next_out = (Bytef *)piece;
    z.avail_out = sizeof piece;
    assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, -MAX_WBITS, 9, Z_DEFAULT_STRATEGY), Z_OK);
    assert_int_equal(deflate(&z, Z_FULL_FLUSH), Z_OK);
    size_t len = z.total_out;
    deflateEnd(&z);
    char *all = malloc(10 + megabytes * len);
    memcpy(all, "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03", 10);
    for (size_t i = 0; i < megabytes; i++)
        memcpy(all + 10 + i * len, piece, len);
    return (struct mm_view){all, 10 + megabytes * len};
}

static struct mm_view zeros_zstd(size_t megabytes)
{
    size_t bytes = megabytes << 20, cap = ZSTD_compressBound(bytes);
    char *zeros = calloc(1, bytes), *packed = malloc(cap);
    size_t len = ZSTD_compress(packed, cap, zeros, bytes, 1);
    free(zeros);
    return (struct mm_view){packed, len};
}

/* Ten gigabytes: in seconds, and with no more memory than the limit. */
static void inflate_ends_with_a_bomb(void **state)
{
    struct fixture *f = *state;
    struct mm_view bombs[] = {zeros_gzip(10 * 1024), zeros_zstd(512)};
    for (size_t i = 0; i < MM_COUNT(bombs); i++) {
        uint64_t before = mm_process_cpu_ns();
        struct mm_inflated result = run(f, bombs[i], LIMIT);
        MM_CHECK_TRUE("named",
                      result.end == MM_INFLATE_TOO_LARGE || result.end == MM_INFLATE_TOO_DENSE);
        MM_CHECK_TRUE("bounded", f->out.len <= LIMIT && f->out.cap <= OUT_MAX);
        MM_CHECK_TRUE("soon", mm_process_cpu_ns() - before < 20 * (uint64_t)1000000000);
        drop(bombs[i]);
    }
}

static void inflate_refuses_a_ratio_that_no_report_has(void **state)
{
    struct fixture *f = *state;
    struct mm_view dense = zeros_gzip(2), small = zeros_zstd(1);
    MM_CHECK_INT("gzip", run(f, dense, LIMIT).end, MM_INFLATE_TOO_DENSE);
    MM_CHECK_INT("zstd", run(f, small, LIMIT).end, MM_INFLATE_TOO_DENSE);
    drop(dense);
    drop(small);
    char text[200000];
    memset(text, 'a', sizeof text);
    dense = pack((struct mm_view){text, sizeof text}, MM_INFLATE_ZSTD);
    MM_CHECK_INT("little harms nobody", run(f, dense, LIMIT).end, MM_INFLATE_WHOLE);
    drop(dense);
}

static const struct {
    const char *label;
    struct mm_view head;
    enum mm_inflate_format format;
} heads[] = {
    {"nothing", {"", 0}, MM_INFLATE_NONE},
    {"an x alone", {"x", 1}, MM_INFLATE_NONE},
    {"text", {"xylophone", 9}, MM_INFLATE_NONE},
    {"zlib, fast", {"\x78\x01", 2}, MM_INFLATE_ZLIB},
    {"zlib, best", {"\x78\xda", 2}, MM_INFLATE_ZLIB},
    {"zlib with a dictionary", {"\x78\xbb", 2}, MM_INFLATE_NONE},
    {"gzip", {"\x1f\x8b\x08", 3}, MM_INFLATE_GZIP},
    {"gzip of another method", {"\x1f\x8b\x07", 3}, MM_INFLATE_NONE},
    {"zstd", {"\x28\xb5\x2f\xfd", 4}, MM_INFLATE_ZSTD},
};

static void inflate_tells_formats_by_their_first_bytes(void **state)
{
    (void)state;
    for (size_t i = 0; i < MM_COUNT(heads); i++)
        MM_CHECK_INT(heads[i].label, mm_inflate_sniff(heads[i].head), heads[i].format);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)
MM_TEST_MAIN(TEST(inflate_gives_back_what_was_packed),
             TEST(inflate_joins_members_and_ignores_what_follows_the_last),
             TEST(inflate_salvages_what_is_cut_short_anywhere),
             TEST(inflate_takes_bare_deflate_as_far_as_it_goes),
             TEST(inflate_names_damage_and_gives_what_came_before),
             TEST(inflate_gives_the_members_before_a_bad_one),
             TEST(inflate_stops_at_its_limit_and_takes_what_just_fits),
             TEST(inflate_does_not_believe_a_size), TEST(inflate_ends_with_a_bomb),
             TEST(inflate_refuses_a_ratio_that_no_report_has),
             TEST(inflate_tells_formats_by_their_first_bytes))
