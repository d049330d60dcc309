/*
 * test_pipeline_verdict_row.c - a verdict as a line of JSON, every key of it.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "pipeline/verdict_row.h"

#include "support/mm_test.h"

static struct mm_view row_of(struct mm_buf *out, struct mm_view message, struct mm_verify_item *v)
{
    mm_buf_clear(out);
    mm_verdict_row_json(out, message, v, NULL);
    return mm_buf_view(out);
}

static struct mm_dkim_signature full_signature(void)
{
    return (struct mm_dkim_signature){.index = 1,
                                      .result = MM_DKIM_PASS,
                                      .domain = MM_VIEW("example.com"),
                                      .selector = MM_VIEW("s1"),
                                      .auid = MM_VIEW("u=3Db@mail.example.com"),
                                      .algorithm = MM_VIEW("rsa-sha256"),
                                      .canon = MM_VIEW("relaxed/simple"),
                                      .headers = MM_VIEW("from :\r\n\tto:sub\r\n ject"),
                                      .b = MM_VIEW("AB\r\n CDEF GHIJKLM"),
                                      .key_bits = 2048,
                                      .testing = true,
                                      .body_hash = MM_CHECK_OK,
                                      .signature = MM_CHECK_OK,
                                      .has_body_length = true,
                                      .body_length = 10,
                                      .uncovered_bytes = 7,
                                      .has_signed_at = true,
                                      .signed_at = 1700000000,
                                      .has_expires_at = true,
                                      .expires_at = 1800000000};
}

static const char FULL[] =
    "{\"index\":1,\"result\":\"pass\",\"reason\":\"\",\"domain\":\"example.com\","
    "\"selector\":\"s1\",\"auid\":\"u=3Db@mail.example.com\",\"algorithm\":\"rsa-sha256\","
    "\"canon\":\"relaxed/simple\",\"key_bits\":2048,\"testing\":true,\"body_hash\":\"ok\","
    "\"signature\":\"ok\",\"body_length\":10,\"uncovered_bytes\":7,\"signed_at\":1700000000,"
    "\"expires_at\":1800000000,\"headers\":\"from:to:subject\",\"b\":\"ABCDEFGH\"}";

static const char BARE[] =
    "{\"index\":0,\"result\":\"permerror\",\"reason\":\"missing-bh\",\"domain\":\"a.example\","
    "\"selector\":\"\",\"auid\":\"@a.example\",\"algorithm\":\"\",\"canon\":\"\",\"key_bits\":null,"
    "\"testing\":false,\"body_hash\":\"unchecked\",\"signature\":\"unchecked\","
    "\"body_length\":null,\"uncovered_bytes\":0,\"signed_at\":null,\"expires_at\":null,"
    "\"headers\":\"\",\"b\":\"\"}";

static void row_has_every_key_in_order(void **state)
{
    (void)state;
    char want[2048];
    struct mm_buf out;
    struct mm_dkim_signature both[] = {
        {.result = MM_DKIM_PERMERROR, .reason = MM_REASON_NO_BH, .domain = MM_VIEW("a.example")},
        full_signature()};
    struct mm_verify_item v = {.bytes = {NULL, 5312}, .msg = {.eol = MM_EOL_MIXED}};
    mm_buf_init(&out, 1 << 20);
    v.verdict = (struct mm_dkim_verdict){.result = MM_DKIM_NONE};
    MM_CHECK_VIEW("none", row_of(&out, MM_VIEW("a/b.eml"), &v),
                  MM_VIEW("{\"message\":\"a/b.eml\",\"bytes\":5312,\"eol\":\"mixed\","
                          "\"from_domain\":\"\",\"result\":\"none\",\"signatures\":[]}\n"));
    v.msg.eol = MM_EOL_LF;
    v.verdict = (struct mm_dkim_verdict){.result = MM_DKIM_PASS,
                                         .from_domain = MM_VIEW("example.com"),
                                         .signatures = both,
                                         .count = 2,
                                         .skipped = 3};
    snprintf(want, sizeof want,
             "{\"message\":\"m\",\"bytes\":5312,\"eol\":\"lf\",\"from_domain\":\"example.com\","
             "\"result\":\"pass\",\"signatures\":[%s,%s],\"signatures_skipped\":3}\n",
             BARE, FULL);
    MM_CHECK_VIEW("two", row_of(&out, MM_VIEW("m"), &v), mm_view_of(want));
    mm_buf_deinit(&out);
}

/* What follows `key` in the row, up to a quote. */
static struct mm_view value_of(struct mm_view row, const char *key)
{
    struct mm_view name = mm_view_of(key), value, rest;
    const char *at = memmem(row.data, row.len, name.data, name.len);
    assert_non_null(at);
    row = mm_view_sub(row, (size_t)(at - row.data) + name.len,
                      row.len - (size_t)(at - row.data) - name.len);
    mm_view_cut(row, '"', &value, &rest);
    return value;
}

static void strangers_bytes_are_escaped_and_told(void **state)
{
    (void)state;
    struct mm_buf out;
    struct mm_dkim_signature sig = full_signature();
    struct mm_verify_item v = {.verdict = {.signatures = &sig, .count = 1}};
    mm_buf_init(&out, 1 << 20);
    sig.headers = MM_VIEW("\xc3\r\n \xa9:\xe9"); /* a character cut by a fold is whole again */
    struct mm_view row = row_of(&out, MM_VIEW("m"), &v);
    MM_CHECK_VIEW("h=", value_of(row, "\"headers\":\""), MM_VIEW("\xc3\xa9:\\u00e9"));
    MM_CHECK_TRUE("told", mm_view_ends(row, MM_VIEW("}],\"raw_bytes\":true}\n")));
    sig = full_signature();
    sig.auid = MM_VIEW("");
    sig.domain = MM_VIEW("a\\b\n");
    sig.b = MM_VIEW(" \t\x1b");
    row = row_of(&out, MM_VIEW("caf\xe9"), &v);
    MM_CHECK_VIEW("path", value_of(row, "\"message\":\""), MM_VIEW("caf\\u00e9"));
    MM_CHECK_VIEW("d=", value_of(row, "\"domain\":\""), MM_VIEW("a\\\\b\\n"));
    MM_CHECK_VIEW("i=", value_of(row, "\"auid\":\""), MM_VIEW("@a\\\\b\\n"));
    MM_CHECK_VIEW("b=", value_of(row, "\"b\":\""), MM_VIEW("\\u001b"));
    MM_CHECK_TRUE("told", mm_view_ends(row, MM_VIEW("\"raw_bytes\":true}\n")));
    mm_buf_deinit(&out);
}

static void a_long_list_of_names_is_unfolded_whole(void **state)
{
    (void)state;
    char list[5000], want[5000];
    struct mm_buf out;
    struct mm_dkim_signature sig = full_signature();
    struct mm_verify_item v = {.verdict = {.signatures = &sig, .count = 1}};
    mm_buf_init(&out, 1 << 20);
    for (size_t len = 0; len < sizeof list; len += 77) {
        size_t kept = 0;
        for (size_t i = 0; i < len; i++) {
            list[i] = i % 70 == 69 ? '\n' : i % 70 == 0 ? ' ' : "from:to:x"[i % 9];
            if (!mm_is_fws((unsigned char)list[i]))
                want[kept++] = list[i];
        }
        sig.headers = (struct mm_view){list, len};
        MM_CHECK_VIEW("h=", value_of(row_of(&out, MM_VIEW("m"), &v), "\"headers\":\""),
                      ((struct mm_view){want, kept}));
    }
    mm_buf_deinit(&out);
}

static void a_row_that_finds_no_memory_says_so(void **state)
{
    (void)state;
    struct mm_dkim_signature sig = full_signature();
    struct mm_verify_item v = {.verdict = {.signatures = &sig, .count = 1}};
    for (size_t most = 0; most < 400; most++) {
        struct mm_buf out;
        mm_buf_init(&out, most);
        mm_verdict_row_json(&out, MM_VIEW("m"), &v, NULL);
        MM_CHECK_TRUE("failed", out.failed && out.len <= most);
        mm_buf_deinit(&out);
    }
}

MM_TEST_MAIN(MM_TEST(row_has_every_key_in_order), MM_TEST(strangers_bytes_are_escaped_and_told),
             MM_TEST(a_long_list_of_names_is_unfolded_whole),
             MM_TEST(a_row_that_finds_no_memory_says_so))
