/*
 * test_sign_roundtrip.c - what is signed verifies, in every form; what is changed does not.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <unistd.h>

#include "dkim/sig_field.h"
#include "dkim/sign_batch.h"
#include "support/mm_test.h"

enum { NOW = 1700000000, ARENA_BYTES = 128 * 1024 * 1024 };

struct set_up {
    struct mm_sign_rules *rules[3]; /* RSA, Ed25519, both */
    struct mm_txt_store *store;
    struct mm_key_cache *cache;
    struct mm_arena arena;
};

static struct mm_sign_rules *rules_of(const struct mm_sign_identity *identities, size_t count)
{
    struct mm_sign_rules *rules;
    struct mm_error err;
    struct mm_sign_rules_options options = {.allow_insecure_key = true};
    if (mm_sign_rules_of(identities, count, &options, &rules, &err) != MM_OK)
        fail_msg("%s", err.text);
    return rules;
}

static int open_set_up(void **state)
{
    struct set_up *s = calloc(1, sizeof *s);
    char rsa[1024], ed25519[1024], zone[1024];
    struct mm_error err;
    assert_non_null(s);
    snprintf(rsa, sizeof rsa, "%s/datasets/keys/mail.pem", mm_test_source_dir());
    snprintf(ed25519, sizeof ed25519, "%s/datasets/keys/ed25519.pem", mm_test_source_dir());
    snprintf(zone, sizeof zone, "%s/datasets/keys/zone", mm_test_source_dir());
    struct mm_sign_identity both[] = {{"example.com", "m1", rsa}, {"example.com", "e1", ed25519}};
    s->rules[0] = rules_of(&both[0], 1);
    s->rules[1] = rules_of(&both[1], 1);
    s->rules[2] = rules_of(both, 2);
    s->store = mm_txt_store_new();
    if (!s->store || mm_txt_store_add(s->store, zone, &err) != MM_OK)
        fail_msg("%s", err.text);
    s->cache = mm_key_cache_new(s->store);
    assert_non_null(s->cache);
    mm_arena_init(&s->arena, ARENA_BYTES);
    *state = s;
    return 0;
}

static int close_set_up(void **state)
{
    struct set_up *s = *state;
    for (size_t i = 0; i < MM_COUNT(s->rules); i++)
        mm_sign_rules_free(&s->rules[i]);
    mm_key_cache_free(&s->cache);
    mm_txt_store_free(&s->store);
    mm_arena_deinit(&s->arena);
    free(s);
    return 0;
}

static struct mm_sign_options default_options(void)
{
    return (struct mm_sign_options){.header_canon = MM_CANONICALIZATION_RELAXED,
                                    .body_canon = MM_CANONICALIZATION_RELAXED,
                                    .now = NOW,
                                    .allow_ed25519_only = true};
}

static struct mm_sign_item sign(struct set_up *s, struct mm_sign_worker *w, struct mm_view bytes)
{
    struct mm_sign_item item = {.bytes = bytes};
    assert_int_equal(mm_sign_batch(w, &s->arena, &item, 1), MM_OK);
    return item;
}

/* The message with its new fields, below a separator line. */
static struct mm_view assemble(struct set_up *s, const struct mm_sign_item *item)
{
    size_t head = item->msg.from_line.len;
    struct mm_view parts[] = {mm_view_sub(item->bytes, 0, head), item->fields,
                              mm_view_sub(item->bytes, head, item->bytes.len - head)};
    char *text = mm_arena_alloc(&s->arena, item->bytes.len + item->fields.len + 1), *at = text;
    assert_non_null(text);
    for (size_t i = 0; i < MM_COUNT(parts); i++) {
        memcpy(at, parts[i].data, parts[i].len);
        at += parts[i].len;
    }
    return (struct mm_view){text, (size_t)(at - text)};
}

static struct mm_dkim_verdict verify(struct set_up *s, struct mm_view bytes)
{
    struct mm_verify_worker w;
    struct mm_verify_item item = {.bytes = bytes};
    struct mm_verify_options options = {.now = NOW};
    assert_int_equal(mm_verify_worker_init(&w, s->cache, &options), MM_OK);
    assert_int_equal(mm_verify_batch(&w, &s->arena, &item, 1), MM_OK);
    mm_verify_worker_deinit(&w);
    return item.verdict;
}

/* ---- every form ---- */

#define HEAD "From: Ann <ann@example.com>\r\nTo: b@example.net\r\nSubject: Words  and\r\n\tmore\r\n"

static const struct {
    const char *label, *text;
    size_t len; /* 0: strlen */
} messages[] = {
    {"plain", HEAD "\r\nHello\r\nWorld\r\n", 0},
    {"no line end at the end", HEAD "\r\nHello\r\nWorld", 0},
    {"empty body", HEAD "\r\n", 0},
    {"no empty line", HEAD, 0},
    {"body of empty lines", HEAD "\r\n\r\n\r\n\r\n", 0},
    {"body of blanks", HEAD "\r\n  \t ", 0},
    {"8-bit", HEAD "X: \xc3\xbc\r\n\r\nGr\xc3\xbc\xc3\x9f\xff\x80\r\n", 0},
    {"NUL in the body", HEAD "\r\nHello\0World\r\n", sizeof(HEAD "\r\nHello\0World\r\n") - 1},
    {"blanks at line ends", HEAD "\r\nHello \t \r\n \tWorld  \r\n \r\n\r\n", 0},
    {"LF", "From: ann@example.com\nTo: b@example.net\nSubject: Words\n\nHello\nWorld \n\n\n", 0},
    {"mixed", "From: ann@example.com\r\nSubject: Words\n\nHello\nWorld \r\n\n", 0},
    {"lone CR", HEAD "\r\nHello\rWorld\r\r\n\r", 0},
    {"separator line",
     "From ann Mon Jan  1 00:00:00 2024\n"
     "From: ann@example.com\nSubject: Words\n\nFrom Hello\nWorld\n",
     0},
    {"stray lines", "From: ann@example.com\r\nno field\r\nSubject : Words\r\n\r\nWorld\r\n", 0},
    {"several of a name", HEAD "To: c@example.net\r\nto: d@example.net\r\n\r\nWorld\r\n", 0},
};

static void check_layout(const char *label, struct mm_view fields, bool is_lf)
{
    struct mm_view line;
    while (fields.len > 0) {
        assert_true(mm_view_cut(fields, '\n', &line, &fields));
        MM_CHECK_INT(label, line.len > 0 && line.data[line.len - 1] == '\r', !is_lf);
        MM_CHECK_TRUE(label, line.len - !is_lf < 78);
    }
}

/* Each letter and digit that the signature covers, one at a time, in a short message: changed to
 * another, it must not pass. */
static void check_mutations(struct set_up *s, const char *label, struct mm_view good,
                            size_t covered)
{
    char *text = (char *)mm_arena_copy(&s->arena, good).data;
    uint64_t seed = covered;
    assert_non_null(text);
    for (int round = 0; round < 12; round++) {
        size_t at = good.len - covered + mm_random(&seed) % covered;
        bool is_word = (unsigned char)((text[at] | 0x20) - 'a') < 26;
        const char *line = text + at;
        while (line > text && line[-1] != '\n')
            line--;
        if (!is_word || strncmp(line, "no field", 8) == 0 || strncmp(line, "X:", 2) == 0)
            continue;
        char kept = text[at];
        text[at] = kept == 'q' ? 'w' : 'q';
        struct mm_dkim_verdict v = verify(s, (struct mm_view){text, good.len});
        for (uint32_t i = 0; i < v.count; i++)
            MM_CHECK_TRUE(label, v.signatures[i].result != MM_DKIM_PASS);
        text[at] = kept;
    }
}

static void check_form(struct set_up *s, const char *label, struct mm_view message,
                       const struct mm_sign_rules *rules, struct mm_sign_options options,
                       bool mutate)
{
    struct mm_sign_worker w;
    struct mm_error err;
    if (mm_sign_worker_init(&w, rules, &options, &err) != MM_OK)
        fail_msg("%s: %s", label, err.text);
    struct mm_sign_item item = sign(s, &w, message);
    MM_CHECK_INT(label, item.outcome, MM_SIGN_OK);
    check_layout(label, item.fields, item.msg.first_line_is_lf);
    MM_CHECK_VIEW(label, sign(s, &w, message).fields, item.fields);
    struct mm_view signed_message = assemble(s, &item);
    struct mm_dkim_verdict v = verify(s, signed_message);
    MM_CHECK_INT(label, v.result, MM_DKIM_PASS);
    MM_CHECK_INT(label, v.count, item.choice_count);
    for (uint32_t i = 0; i < v.count; i++) {
        if (v.signatures[i].reason != MM_REASON_NONE)
            print_error("%s: %s\n", label, mm_reason_slug(v.signatures[i].reason));
        MM_CHECK_INT(label, v.signatures[i].reason, MM_REASON_NONE);
        MM_CHECK_VIEW(label, v.signatures[i].domain, item.choices[i].domain);
        MM_CHECK_VIEW(label, v.signatures[i].selector, item.choices[i].selector);
        MM_CHECK_INT(label, v.signatures[i].uncovered_bytes, 0);
    }
    if (mutate)
        check_mutations(s, label, signed_message, item.msg.bytes.len);
    mm_sign_worker_deinit(&w);
    mm_arena_reset(&s->arena);
}

static void every_form_verifies_and_no_changed_one_does(void **state)
{
    struct set_up *s = *state;
    for (size_t m = 0; m < MM_COUNT(messages); m++) {
        struct mm_view v = mm_view_of(messages[m].text);
        v.len = messages[m].len ? messages[m].len : v.len;
        struct mm_guard g = mm_guard_copy(v);
        for (int canon = 0; canon < 4; canon++) {
            struct mm_sign_options options = default_options();
            options.header_canon = (enum mm_canonicalization)(canon & 1);
            options.body_canon = (enum mm_canonicalization)(canon >> 1);
            for (size_t r = 0; r < MM_COUNT(s->rules); r++)
                check_form(s, messages[m].label, g.view, s->rules[r], options, true);
        }
        mm_guard_free(&g);
    }
}

static void thousands_of_fields_are_covered(void **state)
{
    struct set_up *s = *state;
    enum { FIELDS = 3000 };
    char *text = malloc(FIELDS * 40 + 200), *at = text;
    assert_non_null(text);
    at += sprintf(at, "From: ann@example.com\r\n");
    for (int i = 0; i < FIELDS; i++)
        at += sprintf(at, "%s: <%d@example.net>\r\n", i % 3 ? "References" : "Received", i);
    at += sprintf(at, "\r\nWorld\r\n");
    struct mm_view v = {text, (size_t)(at - text)};
    for (int canon = 0; canon < 4; canon++) {
        struct mm_sign_options options = default_options();
        options.header_canon = (enum mm_canonicalization)(canon & 1);
        options.body_canon = (enum mm_canonicalization)(canon >> 1);
        check_form(s, "3,000 fields", v, s->rules[2], options, false);
    }
    free(text);
}

/* ---- options ---- */

static void options_reach_the_field(void **state)
{
    struct set_up *s = *state;
    struct mm_sign_options options = default_options();
    struct mm_sign_worker w;
    struct mm_error err;
    options.headers = "From:Subject:X-None";
    options.oversign = "from,reply-to";
    options.identity = "\";\"@Lists.Example.com";
    options.expire_s = 3600;
    options.header_canon = MM_CANONICALIZATION_SIMPLE;
    assert_int_equal(mm_sign_worker_init(&w, s->rules[0], &options, &err), MM_OK);
    struct mm_sign_item item = sign(s, &w, mm_view_of(messages[0].text));
    assert_int_equal(item.outcome, MM_SIGN_OK);
    assert_true(item.oversigned_absent);
    struct mm_dkim_verdict v = verify(s, assemble(s, &item));
    const struct mm_dkim_signature *sig = &v.signatures[0];
    assert_int_equal(v.result, MM_DKIM_PASS);
    MM_CHECK_VIEW("h", sig->headers, MM_VIEW("From:Subject:from:\r\n reply-to"));
    MM_CHECK_VIEW("i", sig->auid, MM_VIEW("\"=3B\"@Lists.Example.com"));
    MM_CHECK_VIEW("c", sig->canon, MM_VIEW("simple/relaxed"));
    MM_CHECK_INT("t", sig->signed_at, NOW);
    MM_CHECK_INT("x", sig->expires_at, NOW + 3600);
    assert_false(sig->has_body_length);
    mm_sign_worker_deinit(&w);
}

static void write_file(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0 && fclose(f) == 0);
}

/* i= of a table's row goes before that of the options; '%' takes the author's domain, which the
 * identity may be foreign to. */
static void identities_come_from_the_row_or_the_options(void **state)
{
    struct set_up *s = *state;
    char folder[] = "/tmp/mm_roundtrip.XXXXXX", keys[64], rows[64], table[1200];
    struct mm_sign_rules *rules;
    struct mm_sign_worker w;
    struct mm_error err;
    struct mm_sign_rules_options rules_options = {.allow_insecure_key = true};
    assert_non_null(mkdtemp(folder));
    snprintf(keys, sizeof keys, "%s/KeyTable", folder);
    snprintf(rows, sizeof rows, "refile:%s/SigningTable", folder);
    snprintf(table, sizeof table, "k %%:m1:%s/datasets/keys/mail.pem\n", mm_test_source_dir());
    write_file(keys, table);
    write_file(rows + 7, "ann@example.com k:a.b@lists.example.com\n*@* k\n");
    if (mm_sign_rules_from_tables(keys, rows, &rules_options, &rules, &err) != MM_OK)
        fail_msg("%s", err.text);
    struct mm_sign_options options = default_options();
    options.identity = "@news.example.com";
    assert_int_equal(mm_sign_worker_init(&w, rules, &options, &err), MM_OK);
    static const struct {
        const char *author, *auid;
        enum mm_sign_outcome outcome;
    } authors[] = {
        {"ann@example.com", "a.b@lists.example.com", MM_SIGN_OK},
        {"bob@example.com", "@news.example.com", MM_SIGN_OK},
        {"bob@sub.example.com", NULL, MM_SIGN_IDENTITY},
        {"bob@example.org", NULL, MM_SIGN_IDENTITY},
    };
    for (size_t i = 0; i < MM_COUNT(authors); i++) {
        char text[200];
        int len = snprintf(text, sizeof text, "From: %s\r\n\r\nHello\r\n", authors[i].author);
        struct mm_sign_item item = sign(s, &w, (struct mm_view){text, (size_t)len});
        MM_CHECK_INT(authors[i].author, item.outcome, authors[i].outcome);
        if (!authors[i].auid)
            continue;
        struct mm_dkim_verdict v = verify(s, assemble(s, &item));
        MM_CHECK_INT(authors[i].author, v.result, MM_DKIM_PASS);
        MM_CHECK_VIEW(authors[i].author, v.signatures[0].auid, mm_view_of(authors[i].auid));
    }
    mm_sign_worker_deinit(&w);
    mm_sign_rules_free(&rules);
    assert_true(unlink(keys) == 0 && unlink(rows + 7) == 0 && rmdir(folder) == 0);
}

/* A field added later under an oversigned name breaks the signature; under another one it does
 * not. */
static void oversigned_names_admit_no_addition(void **state)
{
    struct set_up *s = *state;
    struct mm_sign_options options = default_options();
    struct mm_sign_worker w;
    struct mm_error err;
    options.oversign = "from:reply-to";
    assert_int_equal(mm_sign_worker_init(&w, s->rules[0], &options, &err), MM_OK);
    struct mm_sign_item item = sign(s, &w, mm_view_of(messages[0].text));
    struct mm_view good = assemble(s, &item);
    static const struct {
        const char *line;
        enum mm_dkim_result result;
    } added[] = {
        {"Received: x\r\n", MM_DKIM_PASS},
        {"From: eve@example.org\r\n", MM_DKIM_FAIL},
        {"Reply-To: eve@example.org\r\n", MM_DKIM_FAIL},
        {"To: eve@example.org\r\n", MM_DKIM_PASS}, /* above the signed one, and not oversigned */
    };
    for (size_t i = 0; i < MM_COUNT(added); i++) {
        char *text = mm_arena_alloc(&s->arena, good.len + 100);
        int len = snprintf(text, good.len + 100, "%s%.*s", added[i].line, (int)good.len, good.data);
        MM_CHECK_INT(added[i].line, verify(s, (struct mm_view){text, (size_t)len}).result,
                     added[i].result);
    }
    mm_sign_worker_deinit(&w);
}

static void options_that_do_not_fit_are_refused(void **state)
{
    struct set_up *s = *state;
    struct mm_sign_options base = default_options();
    struct {
        const char *label, *word;
        size_t rules;
        struct mm_sign_options options;
    } bad[] = {
        {"Ed25519 alone", "Ed25519", 1, base},
        {"no From", "From", 0, base},
        {"identity elsewhere", "d=example.com", 0, base},
        {"identity without @", "want @DOMAIN", 0, base},
        {"identity of one label", "domain", 0, base},
        {"before 1970", "t=", 0, base},
        {"t= too large", "t=", 0, base},
        {"x= too large", "x=", 0, base},
        {"oversigned signature", "oversign", 0, base},
    };
    bad[0].options.allow_ed25519_only = false;
    bad[1].options.headers = "to";
    bad[2].options.identity = "@example.org";
    bad[3].options.identity = "example.com";
    bad[4].options.identity = "a@com";
    bad[5].options.now = -1;
    bad[6].options.now = 1000000000000;
    bad[7].options.expire_s = UINT64_MAX;
    bad[8].options.oversign = "dkim-signature";
    for (size_t i = 0; i < MM_COUNT(bad); i++) {
        struct mm_sign_worker w;
        struct mm_error err = {.text = ""};
        MM_CHECK_INT(bad[i].label,
                     mm_sign_worker_init(&w, s->rules[bad[i].rules], &bad[i].options, &err),
                     MM_E_ARG);
        MM_CHECK_TRUE(err.text, strstr(err.text, bad[i].word) != NULL);
    }
}

/* ---- what is not signed ---- */

static const struct {
    const char *text;
    size_t len; /* 0: strlen */
    enum mm_sign_outcome outcome;
    uint64_t offset;
} rejects[] = {
    {"", 0, MM_SIGN_EMPTY, UINT64_MAX},
    {"\r\nbody\r\n", 0, MM_SIGN_NO_HEADER, 0},
    {"no field at all\r\n\r\n", 0, MM_SIGN_NO_HEADER, 0},
    {" \r\nFrom: a@example.com\r\n\r\n", 0, MM_SIGN_FOLD_FIRST, 0},
    {"From ann Mon\n\nbody\n", 0, MM_SIGN_NO_HEADER, 13},
    {"From: a@example.com\r\nSubject: \0\r\n\r\n", 35, MM_SIGN_NUL_IN_HEADER, 30},
    {"To: a@example.com\r\n\r\n", 0, MM_SIGN_NO_FROM, UINT64_MAX},
    {"From x y\nFrom: a@example.com\nFROM : b@example.com\n\n", 0, MM_SIGN_SEVERAL_FROM, 29},
    {"From: nobody\r\n\r\n", 0, MM_SIGN_BAD_FROM, 0},
    {"From: a@example.com\r\nDKIM-Signature: s=M1; d=Example.COM;; b=\r\n\r\n", 0, MM_SIGN_ALREADY,
     21},
};

static void what_cannot_be_signed_says_why_and_where(void **state)
{
    struct set_up *s = *state;
    struct mm_sign_options options = default_options();
    struct mm_sign_worker w;
    struct mm_error err;
    assert_int_equal(mm_sign_worker_init(&w, s->rules[0], &options, &err), MM_OK);
    for (size_t i = 0; i < MM_COUNT(rejects); i++) {
        struct mm_view v = mm_view_of(rejects[i].text);
        v.len = rejects[i].len ? rejects[i].len : v.len;
        struct mm_sign_item item = sign(s, &w, v);
        MM_CHECK_INT(rejects[i].text, item.outcome, rejects[i].outcome);
        MM_CHECK_INT(rejects[i].text, item.offset, rejects[i].offset);
        MM_CHECK_INT(rejects[i].text, item.fields.len, 0);
    }
    w.strict_eol = true;
    struct mm_sign_item item = sign(s, &w, MM_VIEW("From: a@example.com\r\nTo: b\n\r\n"));
    MM_CHECK_INT("strict", item.outcome, MM_SIGN_BARE_LF);
    MM_CHECK_INT("strict", item.offset, 26);
    mm_sign_worker_deinit(&w);
}

/* Good ones and bad ones in one batch: each has its own fate. */
static void rejects_leave_the_rest_of_a_batch_alone(void **state)
{
    struct set_up *s = *state;
    struct mm_sign_options options = default_options();
    struct mm_sign_worker w;
    struct mm_error err;
    struct mm_sign_item items[2 * MM_COUNT(rejects)];
    size_t count = 0;
    for (size_t i = 0; i < MM_COUNT(rejects); i++) {
        struct mm_view v = mm_view_of(rejects[i].text);
        v.len = rejects[i].len ? rejects[i].len : v.len;
        items[count++] = (struct mm_sign_item){.bytes = v};
        items[count++] =
            (struct mm_sign_item){.bytes = mm_view_of(messages[i % MM_COUNT(messages)].text)};
    }
    assert_int_equal(mm_sign_worker_init(&w, s->rules[2], &options, &err), MM_OK);
    assert_int_equal(mm_sign_batch(&w, &s->arena, items, count), MM_OK);
    for (size_t i = 0; i < count; i += 2) {
        MM_CHECK_INT("bad", items[i].outcome, rejects[i / 2].outcome);
        MM_CHECK_INT("good", items[i + 1].outcome, MM_SIGN_OK);
        MM_CHECK_INT("good", verify(s, assemble(s, &items[i + 1])).result, MM_DKIM_PASS);
    }
    mm_sign_worker_deinit(&w);
}

static void a_signed_message_is_signed_again_only_on_demand(void **state)
{
    struct set_up *s = *state;
    struct mm_sign_options options = default_options();
    struct mm_sign_worker w;
    struct mm_error err;
    assert_int_equal(mm_sign_worker_init(&w, s->rules[0], &options, &err), MM_OK);
    struct mm_sign_item item = sign(s, &w, mm_view_of(messages[0].text));
    struct mm_view once = assemble(s, &item);
    MM_CHECK_INT("reject", sign(s, &w, once).outcome, MM_SIGN_ALREADY);
    w.already = MM_ALREADY_SKIP;
    MM_CHECK_INT("skip", sign(s, &w, once).outcome, MM_SIGN_DUPLICATE);
    w.already = MM_ALREADY_SIGN;
    item = sign(s, &w, once);
    MM_CHECK_INT("sign", item.outcome, MM_SIGN_OK);
    struct mm_dkim_verdict v = verify(s, assemble(s, &item));
    MM_CHECK_INT("both", v.count, 2);
    MM_CHECK_INT("first", v.signatures[0].reason, MM_REASON_NONE);
    MM_CHECK_INT("second", v.signatures[1].reason, MM_REASON_NONE);
    mm_sign_worker_deinit(&w);
}

static void a_dry_run_chooses_and_signs_nothing(void **state)
{
    struct set_up *s = *state;
    struct mm_sign_options options = default_options();
    struct mm_sign_worker w;
    struct mm_error err;
    assert_int_equal(mm_sign_worker_init(&w, s->rules[2], &options, &err), MM_OK);
    w.plan_only = true;
    struct mm_sign_item item = sign(s, &w, mm_view_of(messages[0].text));
    MM_CHECK_INT("outcome", item.outcome, MM_SIGN_OK);
    MM_CHECK_INT("choices", item.choice_count, 2);
    MM_CHECK_INT("fields", item.fields.len, 0);
    mm_sign_worker_deinit(&w);
}

static void outcomes_have_slugs_and_words(void **state)
{
    (void)state;
    assert_string_equal(mm_sign_outcome_slug(MM_SIGN_OK), "");
    for (int i = 1; i < MM_SIGN_OUTCOME_COUNT; i++) {
        const char *slug = mm_sign_outcome_slug((enum mm_sign_outcome)i);
        MM_CHECK_TRUE(slug, slug[0] && mm_sign_outcome_text((enum mm_sign_outcome)i)[0]);
        for (int k = 1; k < i; k++)
            MM_CHECK_TRUE(slug, strcmp(slug, mm_sign_outcome_slug((enum mm_sign_outcome)k)) != 0);
    }
}

#define WITH_SET_UP(fn) cmocka_unit_test_setup_teardown(fn, open_set_up, close_set_up)

MM_TEST_MAIN(WITH_SET_UP(every_form_verifies_and_no_changed_one_does),
             WITH_SET_UP(thousands_of_fields_are_covered), WITH_SET_UP(options_reach_the_field),
             WITH_SET_UP(identities_come_from_the_row_or_the_options),
             WITH_SET_UP(oversigned_names_admit_no_addition),
             WITH_SET_UP(options_that_do_not_fit_are_refused),
             WITH_SET_UP(what_cannot_be_signed_says_why_and_where),
             WITH_SET_UP(rejects_leave_the_rest_of_a_batch_alone),
             WITH_SET_UP(a_signed_message_is_signed_again_only_on_demand),
             WITH_SET_UP(a_dry_run_chooses_and_signs_nothing),
             MM_TEST(outcomes_have_slugs_and_words))
