/*
 * test_dns_zone_line.c - a record written for a master file is the same record when it is read.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dns/txt_store.h"
#include "dns/zone_line.h"
#include "support/mm_test.h"

static struct mm_buf line_of(struct mm_view record)
{
    struct mm_buf out;
    mm_buf_init(&out, 1 << 20);
    mm_zone_line_write(&out, MM_VIEW("s1._domainkey.example.com"), record);
    assert_false(out.failed);
    return out;
}

static void zone_line_escapes_what_would_end_a_string(void **state)
{
    struct mm_buf out = line_of(MM_VIEW("a\"; \\ \x7f\xc3\xa9\n"));
    (void)state;
    MM_CHECK_VIEW("line", mm_buf_view(&out),
                  MM_VIEW("s1._domainkey.example.com. IN TXT ( \"a\\\"; \\\\ "
                          "\\127\\195\\169\\010\" )\n"));
    mm_buf_deinit(&out);
    out = line_of(MM_VIEW(""));
    MM_CHECK_VIEW("empty", mm_buf_view(&out),
                  MM_VIEW("s1._domainkey.example.com. IN TXT ( \"\" )\n"));
    mm_buf_deinit(&out);
}

/* Strings of a line, none longer than DNS can carry; each escape is one byte. */
static void check_strings(struct mm_view line, size_t record_bytes)
{
    size_t sum = 0, len = 0, count = 0;
    bool inside = false;
    for (size_t i = 0; i < line.len; i++) {
        if (line.data[i] == '"') {
            inside = !inside;
            count += inside;
            len = 0;
        } else if (inside) {
            if (line.data[i] == '\\')
                i += line.data[i + 1] >= '0' && line.data[i + 1] <= '9' ? 3 : 1;
            MM_CHECK_TRUE("string", ++len <= 255);
            sum++;
        }
    }
    MM_CHECK_INT("bytes", sum, record_bytes);
    MM_CHECK_INT("strings", count, record_bytes ? (record_bytes + 254) / 255 : 1);
}

static void zone_line_brings_any_bytes_back_at_every_length(void **state)
{
    uint64_t seed = 20261122;
    char bytes[1200];
    (void)state;
    for (size_t len = 0; len < sizeof bytes; len += len < 520 ? 1 : 97) {
        for (size_t i = 0; i < len; i++)
            bytes[i] = (char)(mm_random(&seed) >> 56);
        struct mm_view record = {bytes, len};
        struct mm_txt_store *store = mm_txt_store_new();
        struct mm_buf out = line_of(record);
        check_strings(mm_buf_view(&out), len);
        MM_CHECK_INT("read", mm_txt_store_add_text(store, mm_buf_view(&out), "zone", NULL), MM_OK);
        const struct mm_txt_answer *a =
            mm_txt_store_find(store, MM_VIEW("s1._domainkey.example.com"), 0);
        MM_CHECK_INT("records", a->record_count, 1);
        MM_CHECK_VIEW("record", a->records[0], record);
        mm_buf_deinit(&out);
        mm_txt_store_free(&store);
    }
}

MM_TEST_MAIN(MM_TEST(zone_line_escapes_what_would_end_a_string),
             MM_TEST(zone_line_brings_any_bytes_back_at_every_length))
