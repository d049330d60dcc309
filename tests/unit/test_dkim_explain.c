/*
 * test_dkim_explain.c - explanations fit their verdicts, over the corpus and over hostile headers.
 * SPDX-License-Identifier: Apache-2.0
 *
 * mm_explain() itself compares what it shows with the verdict, and fails where they differ.
 */
#include "crypto/recover.h"
#include "dkim/explain.h"
#include "pipeline/explain_rows.h"
#include "support/dkim_fixture.h"
#include "support/mm_test.h"

enum { NOW = 1767225600, TEXT_MAX_BYTES = 64 * 1024 * 1024 };

struct set_up {
    struct mm_dkim_fixture fx;
    struct mm_txt_store *store;
    struct mm_key_cache *cache;
    struct mm_verify_worker w;
    struct mm_explanation e;
};

static void open_set_up(struct set_up *s, struct mm_txt_store *store)
{
    struct mm_verify_options options = {.now = NOW};
    s->store = store;
    s->cache = mm_key_cache_new(store);
    assert_non_null(s->cache);
    assert_int_equal(mm_verify_worker_init(&s->w, s->cache, &options), MM_OK);
}

static void close_set_up(struct set_up *s)
{
    mm_explanation_deinit(&s->e);
    mm_verify_worker_deinit(&s->w);
    mm_key_cache_free(&s->cache);
    mm_txt_store_free(&s->store);
    mm_dkim_fixture_deinit(&s->fx);
}

static void open_own_keys(struct set_up *s)
{
    struct mm_error err;
    struct mm_txt_store *store = mm_txt_store_new();
    *s = (struct set_up){.store = NULL};
    mm_dkim_fixture_init(&s->fx);
    assert_non_null(store);
    const char *rsa[] = {"v=DKIM1; p=$RSA", NULL}, *ed[] = {"k=ed25519; p=$ED", NULL};
    const char *two[] = {"v=DKIM1; p=", "p=$RSA", NULL};
    assert_int_equal(
        mm_txt_store_add_text(
            store, mm_dkim_fixture_answer(&s->fx, "rsa._domainkey.example.com", rsa), "t", &err),
        MM_OK);
    assert_int_equal(
        mm_txt_store_add_text(
            store, mm_dkim_fixture_answer(&s->fx, "ed._domainkey.example.com", ed), "t", &err),
        MM_OK);
    assert_int_equal(
        mm_txt_store_add_text(
            store, mm_dkim_fixture_answer(&s->fx, "two._domainkey.example.com", two), "t", &err),
        MM_OK);
    open_set_up(s, store);
}

/* The text of an explanation has no byte that acts on a terminal. */
static void check_text(const char *label, struct mm_view message, const struct mm_explanation *e)
{
    struct mm_buf text;
    mm_buf_init(&text, TEXT_MAX_BYTES);
    mm_explain_text(&text, message, e, MM_POLICY_STRICT, false);
    MM_CHECK_INT(label, text.failed, 0);
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if ((c < 0x20 && c != '\n') || c == 0x7f)
            MM_CHECK_INT(label, c, ' ');
    }
    mm_buf_clear(&text);
    mm_explain_json(&text, message, e, MM_POLICY_STRICT);
    MM_CHECK_INT(label, text.failed, 0);
    MM_CHECK_TRUE(label, memchr(text.data, '\n', text.len) == text.data + text.len - 1);
    mm_buf_deinit(&text);
}

/* A verdict says which rule was broken: it is, and those before it are kept. */
static void check_rules(const char *label, const struct mm_explained_signature *s)
{
    enum mm_reason reason = s->verdict->reason;
    for (enum mm_reason rule = MM_REASON_NONE + 1; rule < MM_REASON_COUNT; rule++) {
        enum mm_rule_state state = mm_explain_rule(s, rule, MM_POLICY_STRICT);
        if (rule == reason)
            MM_CHECK_INT(label, state, MM_RULE_BROKEN);
        else if (reason == MM_REASON_NONE)
            MM_CHECK_INT(label, state, MM_RULE_KEPT);
    }
}

static void explain(struct set_up *s, const char *label, struct mm_view bytes)
{
    struct mm_error err = {.text = ""};
    mm_explanation_deinit(&s->e);
    enum mm_status st = mm_explain(&s->w, &s->fx.arena, bytes, false, &s->e, &err);
    if (st != MM_OK)
        fail_msg("%s: %s", label, err.text);
    MM_CHECK_INT(label, s->e.count, s->e.item.verdict.count);
    for (uint32_t i = 0; i < s->e.count; i++)
        check_rules(label, &s->e.signatures[i]);
    check_text(label, mm_view_of(label), &s->e);
}

/* ---- the corpus ---- */

static void explain_file(struct set_up *s, const char *folder, const char *name)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/dkim/%s", folder, name);
    struct mm_view bytes = mm_test_read_file(path);
    explain(s, name, bytes);
    mm_explanation_deinit(&s->e);
    mm_arena_reset(&s->fx.arena);
    free((char *)bytes.data);
}

static void explanations_fit_the_verdicts_of_the_corpus(void **state)
{
    (void)state;
    const char *folder = mm_test_corpus();
    char path[1024], last[512] = "";
    size_t count = 0;
    if (!folder)
        return;
    struct mm_txt_store *store = mm_txt_store_new();
    struct mm_error err;
    struct set_up s = {.store = NULL};
    mm_dkim_fixture_init(&s.fx);
    snprintf(path, sizeof path, "%s/dkim/keys.zone", folder);
    assert_int_equal(mm_txt_store_add(store, path, &err), MM_OK);
    open_set_up(&s, store);
    snprintf(path, sizeof path, "%s/dkim/expected.tsv", folder);
    char *text = (char *)mm_test_read_file(path).data, *rest = NULL;
    for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        line[strcspn(line, "\t")] = '\0';
        if (line[0] == '#' || strcmp(line, last) == 0)
            continue;
        snprintf(last, sizeof last, "%s", line);
        explain_file(&s, folder, line);
        count++;
    }
    assert_true(count > 100);
    free(text);
    close_set_up(&s);
}

/* ---- what is shown ---- */

#define MAIL                                                                                       \
    "From: Ann <ann@example.com>\r\nTo: bob@example.net\r\nSubject: a  b\r\n\r\nHello,\r\nWorld "  \
    "\r\n"

static void the_hash_inside_of_an_rsa_signature_is_shown(void **state)
{
    (void)state;
    struct set_up s;
    open_own_keys(&s);
    struct mm_view mail = mm_dkim_fixture_sign(
        &s.fx, MM_VIEW(MAIL),
        "DKIM-Signature: v=1; a=rsa-sha256; d=example.com; s=two; h=from; bh=$BH; b=$B");
    explain(&s, "rsa", mail);
    const struct mm_explained_signature *e = &s.e.signatures[0];
    MM_CHECK_INT("passes", e->verdict->result, MM_DKIM_PASS);
    MM_CHECK_TRUE("the record that fits is used", e->key == &e->keys->records[1]);
    MM_CHECK_INT("holds a hash", e->has_signed_hash, 1);
    MM_CHECK_INT("the computed one", memcmp(e->signed_hash, e->header_hash, 32), 0);
    MM_CHECK_VIEW("the header begins with From", mm_view_sub(e->header, 0, 45),
                  MM_VIEW("From: Ann <ann@example.com>\r\nDKIM-Signature: "));
    MM_CHECK_TRUE("and ends in b=", mm_view_ends(e->header, MM_VIEW("; b=")));
    MM_CHECK_INT("nothing to diagnose", e->body_diagnosis.made || e->header_diagnosis.made, 0);
    explain(
        &s, "ed25519",
        mm_dkim_fixture_sign(
            &s.fx, MM_VIEW(MAIL),
            "DKIM-Signature: v=1; a=ed25519-sha256; d=example.com; s=ed; h=from; bh=$BH; b=$B"));
    MM_CHECK_INT("Ed25519 holds none", s.e.signatures[0].has_signed_hash, 0);
    close_set_up(&s);
}

static void a_long_body_is_kept_at_its_ends(void **state)
{
    (void)state;
    enum { BODY = 1024 * 1024 };
    struct set_up s;
    open_own_keys(&s);
    char *text = mm_arena_alloc(&s.fx.arena, BODY + 16);
    memcpy(text, "From: a\r\n\r\n", 11);
    for (size_t i = 0; i < BODY; i++)
        text[11 + i] = (char)('a' + i % 23);
    struct mm_view mail =
        mm_dkim_fixture_sign(&s.fx, (struct mm_view){text, BODY + 11},
                             "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.com; "
                             "s=rsa; h=from; bh=$BH; b=$B");
    explain(&s, "long body", mail);
    const struct mm_explained_signature *e = &s.e.signatures[0];
    MM_CHECK_INT("bytes", e->body_bytes, BODY + 2);
    MM_CHECK_VIEW("head", e->body_head, ((struct mm_view){text + 11, MM_EXPLAIN_HEAD_BYTES}));
    MM_CHECK_INT("tail", e->body_tail.len, MM_EXPLAIN_TAIL_BYTES);
    MM_CHECK_VIEW("tail's text", mm_view_sub(e->body_tail, 0, MM_EXPLAIN_TAIL_BYTES - 2),
                  ((struct mm_view){text + 11 + BODY + 2 - MM_EXPLAIN_TAIL_BYTES,
                                    MM_EXPLAIN_TAIL_BYTES - 2}));
    close_set_up(&s);
}

/* ---- hostile ---- */

static void many_fields_and_signatures_end_at_the_limits(void **state)
{
    (void)state;
    struct set_up s;
    open_own_keys(&s);
    struct mm_view mail = mm_dkim_fixture_sign(
        &s.fx, MM_VIEW(MAIL),
        "DKIM-Signature: v=1; a=rsa-sha256; c=simple/simple; d=example.com; s=rsa; "
        "h=from:x; bh=$BH; b=$B");
    struct mm_buf text;
    mm_buf_init(&text, TEXT_MAX_BYTES);
    for (int i = 0; i < 3000; i++)
        mm_buf_append_str(&text, "X:\r\n y\r\n");
    size_t field = (size_t)((const char *)memmem(mail.data, mail.len, "From:", 5) - mail.data);
    for (int i = 0; i < 40; i++)
        mm_buf_append(&text, mm_view_sub(mail, 0, field));
    mm_buf_append(&text, mm_view_sub(mail, field, mail.len - field));
    mm_buf_append_str(&text, "more\r\n");
    explain(&s, "hostile", mm_buf_view(&text));
    MM_CHECK_INT("count", s.e.count, MM_MAX_SIGNATURES_DEFAULT);
    for (uint32_t i = 0; i < s.e.count; i++) {
        const struct mm_diagnosis *d = &s.e.signatures[i].header_diagnosis;
        MM_CHECK_INT("not explained", d->made && !d->found, 1);
        MM_CHECK_INT("limited", d->limited, 1);
        MM_CHECK_TRUE("tried", d->tried <= 3 * MM_DAMAGE_FIELDS_MAX);
        MM_CHECK_INT("the body is", s.e.signatures[i].body_diagnosis.lines, 1);
    }
    mm_buf_deinit(&text);
    close_set_up(&s);
}

static void a_line_of_blanks_in_a_fold_ends_no_header(void **state)
{
    (void)state;
    struct set_up s;
    open_own_keys(&s);
    struct mm_view mail =
        mm_dkim_fixture_sign(&s.fx, MM_VIEW("From: a\r\n \t\r\n b\r\nTo: c\r\n\r\n"),
                             "DKIM-Signature: v=1; a=ed25519-sha256; d=example.com; s=ed;\r\n "
                             "\t\r\n h=from:to; bh=$BH; b=$B");
    *strstr((char *)mail.data, "To: c") = 't';
    explain(&s, "blank fold", mail);
    MM_CHECK_INT("fails", s.e.item.verdict.result, MM_DKIM_FAIL);
    MM_CHECK_INT("not explained", s.e.signatures[0].header_diagnosis.found, 0);
    close_set_up(&s);
}

static void a_header_too_long_is_said(void **state)
{
    (void)state;
    struct set_up s;
    struct mm_error err;
    open_own_keys(&s);
    char *text = mm_arena_calloc(&s.fx.arena, 1, 2 * MM_HEADER_MAX_BYTES);
    memset(text, 'x', 2 * MM_HEADER_MAX_BYTES);
    assert_int_equal(mm_explain(&s.w, &s.fx.arena, (struct mm_view){text, 2 * MM_HEADER_MAX_BYTES},
                                false, &s.e, &err),
                     MM_E_LIMIT);
    close_set_up(&s);
}

MM_TEST_MAIN(MM_TEST(explanations_fit_the_verdicts_of_the_corpus),
             MM_TEST(the_hash_inside_of_an_rsa_signature_is_shown),
             MM_TEST(a_long_body_is_kept_at_its_ends),
             MM_TEST(many_fields_and_signatures_end_at_the_limits),
             MM_TEST(a_line_of_blanks_in_a_fold_ends_no_header), MM_TEST(a_header_too_long_is_said))
