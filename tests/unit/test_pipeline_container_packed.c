/*
 * test_pipeline_container_packed.c - whether a small packed file holds a container, asked before it
 * is unpacked and afterwards.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "io/inflate.h"
#include "io/tar_write.h"
#include "pipeline/container.h"
#include "support/mm_test.h"
#include "support/packing.h"

enum { TEXT_BYTES = 1 << 20, UNPACKED_BYTES = 1 << 24 };

static const struct {
    const char *label, *text;
    bool tar_behind, want;
} cases[] = {
    {"a report", "<?xml version=\"1.0\"?><feedback></feedback>", false, false},
    {"a report behind a byte order mark", "\xef\xbb\xbf<feedback></feedback>", false, false},
    {"a report of TLS", "{\"organization-name\":\"a\"}", false, false},
    {"a mail", "Subject: a\r\n\r\nb\r\n", false, false},
    {"a field From with a blank in it", "From : a@example.com\n\nb\n", false, false},
    {"nothing", "", false, false},
    {"an mbox", "From a@example.com Tue Nov 14 22:13:20 2023\nSubject: a\n\nb\n", false, true},
    {"a batch of SMTP", "HELO a\r\nMAIL FROM:<a@b>\r\nDATA\r\nx\r\n.\r\n", false, true},
    {"a zip", "PK\3\4", false, true},
    {"a tar", "", true, true},
    {"a tar that does not come first", "Subject: a\n\n", true, false},
    {"a report and a tar", "<?xml version=\"1.0\"?><feedback></feedback>", true, false},
};

static struct mm_buf text_of(size_t i)
{
    struct mm_buf text;
    mm_buf_init(&text, TEXT_BYTES);
    mm_buf_append_str(&text, cases[i].text);
    if (cases[i].tar_behind) {
        mm_tar_write_header(&text, MM_VIEW("a.eml"), 12, 0);
        mm_buf_append_str(&text, "Subject: a\n\n");
        mm_tar_write_padding(&text, 12);
        mm_tar_write_end(&text);
    }
    assert_false(text.failed);
    return text;
}

/* In members of `step` bytes each, and of what is left. */
static struct mm_buf pack(struct mm_view text, size_t step)
{
    struct mm_buf packed;
    mm_buf_init(&packed, TEXT_BYTES);
    do {
        size_t len = text.len < step ? text.len : step;
        mm_pack_gzip(&packed, mm_view_sub(text, 0, len));
        text = mm_view_sub(text, len, text.len - len);
    } while (text.len);
    assert_false(packed.failed);
    return packed;
}

static bool sniff_later(struct mm_inflate *inflate, struct mm_view packed)
{
    struct mm_buf text;
    struct mm_inflated result;
    mm_buf_init(&text, UNPACKED_BYTES);
    MM_CHECK_INT("unpacked",
                 mm_inflate_run(inflate, MM_INFLATE_GZIP, packed, UNPACKED_BYTES, &text, &result),
                 MM_OK);
    bool answer = mm_container_sniff_later(packed, mm_buf_view(&text));
    mm_buf_deinit(&text);
    return answer;
}

static void packed_file_is_told_to_hold_a_container_before_and_afterwards(void **state)
{
    static const size_t steps[] = {SIZE_MAX, 300, 5, 1};
    (void)state;
    struct mm_inflate *inflate = mm_inflate_new();
    for (size_t i = 0; i < MM_COUNT(cases); i++)
        for (size_t k = 0; k < MM_COUNT(steps); k++) {
            struct mm_buf text = text_of(i), packed = pack(mm_buf_view(&text), steps[k]);
            MM_CHECK_INT(cases[i].label, mm_container_sniff_inside(mm_buf_view(&packed)),
                         cases[i].want);
            MM_CHECK_INT(cases[i].label, sniff_later(inflate, mm_buf_view(&packed)), cases[i].want);
            mm_buf_deinit(&packed);
            mm_buf_deinit(&text);
        }
    mm_inflate_free(&inflate);
}

/* Whatever byte is turned, and wherever the file ends. */
static void damage_is_answered_alike(void **state)
{
    (void)state;
    struct mm_inflate *inflate = mm_inflate_new();
    size_t containers = 0, others = 0;
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        struct mm_buf text = text_of(i), packed = pack(mm_buf_view(&text), 300);
        struct mm_view all = mm_buf_view(&packed);
        for (size_t at = 3; at < all.len; at++) {
            for (unsigned bit = 0; bit < 8; bit++) {
                packed.data[at] ^= (char)(1U << bit);
                bool answer = mm_container_sniff_inside(all);
                MM_CHECK_INT(cases[i].label, sniff_later(inflate, all), answer);
                packed.data[at] ^= (char)(1U << bit);
                containers += answer;
                others += !answer;
            }
            struct mm_guard cut = mm_guard_copy(mm_view_sub(all, 0, at));
            MM_CHECK_INT(cases[i].label, sniff_later(inflate, cut.view),
                         mm_container_sniff_inside(cut.view));
            mm_guard_free(&cut);
        }
        mm_buf_deinit(&packed);
        mm_buf_deinit(&text);
    }
    MM_CHECK_TRUE("of both kinds", containers > 1000 && others > 1000);
    mm_inflate_free(&inflate);
}

/* A stream looks at the check sum of a member's head, RFC 1952 section 2.3.1, and libdeflate does
 * not. */
static void what_no_stream_reads_is_no_container(void **state)
{
    enum { FLAGS_AT = 3, HEAD_BYTES = 10, HAS_CHECK_SUM = 2 };
    (void)state;
    struct mm_inflate *inflate = mm_inflate_new();
    struct mm_buf packed, changed;
    mm_buf_init(&packed, TEXT_BYTES);
    mm_buf_init(&changed, TEXT_BYTES);
    mm_pack_gzip(&packed, MM_VIEW("From a@example.com Tue Nov 14 22:13:20 2023\n\nb\n"));
    struct mm_view all = mm_buf_view(&packed);
    mm_buf_append(&changed, mm_view_sub(all, 0, HEAD_BYTES));
    mm_buf_append(&changed, MM_VIEW("no"));
    mm_buf_append(&changed, mm_view_sub(all, HEAD_BYTES, all.len - HEAD_BYTES));
    changed.data[FLAGS_AT] = HAS_CHECK_SUM;
    MM_CHECK_TRUE("with a good head", sniff_later(inflate, all));
    MM_CHECK_TRUE("before", !mm_container_sniff_inside(mm_buf_view(&changed)));
    MM_CHECK_TRUE("afterwards", !sniff_later(inflate, mm_buf_view(&changed)));
    mm_buf_deinit(&changed);
    mm_buf_deinit(&packed);
    mm_inflate_free(&inflate);
}

static void only_small_files_of_gzip_wait(void **state)
{
    (void)state;
    struct mm_buf bytes;
    mm_buf_init(&bytes, TEXT_BYTES);
    mm_pack_gzip(&bytes, MM_VIEW("a"));
    while (bytes.len < 64 * 1024)
        mm_buf_append_char(&bytes, '\0');
    MM_CHECK_TRUE("64 KiB", mm_container_may_sniff_later(mm_buf_view(&bytes)));
    mm_buf_append_char(&bytes, '\0');
    MM_CHECK_TRUE("a byte more", !mm_container_may_sniff_later(mm_buf_view(&bytes)));
    mm_buf_clear(&bytes);
    mm_pack_zstd(&bytes, MM_VIEW("a"));
    MM_CHECK_TRUE("zstd", !mm_container_may_sniff_later(mm_buf_view(&bytes)));
    MM_CHECK_TRUE("what is not packed", !mm_container_may_sniff_later(MM_VIEW("Subject: a\n\n")));
    MM_CHECK_TRUE("nothing", !mm_container_may_sniff_later(MM_VIEW("")));
    mm_buf_deinit(&bytes);
}

MM_TEST_MAIN(MM_TEST(packed_file_is_told_to_hold_a_container_before_and_afterwards),
             MM_TEST(damage_is_answered_alike), MM_TEST(what_no_stream_reads_is_no_container),
             MM_TEST(only_small_files_of_gzip_wait))
