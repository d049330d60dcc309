/*
 * test_dkim_verify_batch.c - verdicts, their order, several keys at a name, limits, what is shared.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dkim/verify_batch.h"
#include "pipeline/verdict_row.h"
#include "support/dkim_fixture.h"
#include "support/mm_test.h"

enum { NOW = 1700000000 };

static const char mail[] = "From: Ann <ann@example.com>\r\n"
                           "To: bob@example.net\r\n"
                           "Subject: a  b\r\n"
                           "\r\n"
                           "Hello,\r\n"
                           "World \r\n"
                           "\r\n";

#define FIELD(tags) "DKIM-Signature: v=1; " tags "; bh=$BH; b=$B"
#define RSA         "a=rsa-sha256; c=relaxed/relaxed; d=example.com; s=rsa; h=from:to:subject"
#define ED          "a=ed25519-sha256; c=simple/simple; d=example.com; s=ed; h=from:to:subject"

struct set_up {
    struct mm_dkim_fixture fx;
    struct mm_txt_store *store;
    struct mm_key_cache *cache;
};

static void add_key(struct set_up *s, const char *name, const char *const *records)
{
    struct mm_error err;
    struct mm_view line = mm_dkim_fixture_answer(&s->fx, name, records);
    if (mm_txt_store_add_text(s->store, line, "test", &err) != MM_OK)
        fail_msg("%s", err.text);
}

#define ADD_KEY(s, name, ...) add_key((s), (name), (const char *const[]){__VA_ARGS__, NULL})

static int open_set_up(void **state)
{
    struct set_up *s = calloc(1, sizeof *s);
    assert_non_null(s);
    mm_dkim_fixture_init(&s->fx);
    s->store = mm_txt_store_new();
    assert_non_null(s->store);
    ADD_KEY(s, "rsa._domainkey.example.com", "v=DKIM1; p=$RSA");
    ADD_KEY(s, "ed._domainkey.example.com", "v=DKIM1; k=ed25519; p=$ED");
    ADD_KEY(s, "test._domainkey.example.com", "v=DKIM1; t=y:s; p=$RSA");
    ADD_KEY(s, "test._domainkey.xn--bcher-kva.example", "v=DKIM1; t=s; p=$RSA");
    ADD_KEY(s, "xn--tda._domainkey.xn--bcher-kva.example", "v=DKIM1; p=$RSA");
    ADD_KEY(s, "revoked._domainkey.example.com", "v=DKIM1; p=");
    ADD_KEY(s, "sha1._domainkey.example.com", "v=DKIM1; h=sha1; p=$RSA");
    ADD_KEY(s, "tls._domainkey.example.com", "v=DKIM1; s=tlsrpt; p=$RSA");
    ADD_KEY(s, "junk1._domainkey.example.com", "v=spf1 -all", "p=$RSA", "v=DKIM1; p=");
    ADD_KEY(s, "junk2._domainkey.example.com", "v=DKIM1; p=", "p=$RSA", "v=spf1 -all");
    ADD_KEY(s, "two1._domainkey.example.com", "k=ed25519; p=$ED", "p=$RSA");
    ADD_KEY(s, "two2._domainkey.example.com", "p=$RSA", "k=ed25519; p=$ED");
    ADD_KEY(s, "bad1._domainkey.example.com", "v=spf1 -all", "v=DKIM1; s=tlsrpt; p=$RSA");
    ADD_KEY(s, "bad2._domainkey.example.com", "v=DKIM1; s=tlsrpt; p=$RSA", "v=spf1 -all");
    ADD_KEY(s, "same._domainkey.example.com", "v=DKIM1; t=y; p=$RSA", "v=DKIM1; p=$RSA");
    const char *none[] = {NULL};
    add_key(s, "none._domainkey.example.com", none);
    s->cache = mm_key_cache_new(s->store);
    assert_non_null(s->cache);
    *state = s;
    return 0;
}

static int close_set_up(void **state)
{
    struct set_up *s = *state;
    mm_key_cache_free(&s->cache);
    mm_txt_store_free(&s->store);
    mm_dkim_fixture_deinit(&s->fx);
    free(s);
    return 0;
}

static void write_row(struct mm_buf *row, const struct mm_verify_item *item)
{
    mm_buf_init(row, 1024 * 1024);
    mm_verdict_row_json(row, MM_VIEW("m"), item, NULL);
    assert_false(row->failed);
}

/* A batch that is kept between its halves gives the same row, although its message is gone. */
static void check_kept(struct mm_verify_worker *w, struct mm_view bytes,
                       const struct mm_verify_item *whole)
{
    struct mm_arena first = {.limit_bytes = SIZE_MAX}, keep = first, scratch = first;
    struct mm_verify_item item = {.bytes = {malloc(bytes.len + 1), bytes.len}};
    char *message = (char *)item.bytes.data;
    struct mm_verify_open *open, *kept;
    struct mm_buf want, got;
    assert_non_null(message);
    memcpy(message, bytes.data, bytes.len);
    assert_int_equal(mm_verify_begin(w, &first, &item, 1, &open), MM_OK);
    keep.limit_bytes = 100;
    assert_int_equal(mm_verify_keep(open, &keep, &kept), MM_E_NOMEM);
    keep.limit_bytes = SIZE_MAX;
    assert_int_equal(mm_verify_keep(open, &keep, &kept), MM_OK);
    memset(message, 'z', bytes.len);
    free(message);
    mm_arena_deinit(&first);
    memset(&item, 0x55, sizeof item);
    assert_int_equal(mm_verify_finish(kept, &scratch), MM_OK);
    write_row(&want, whole);
    write_row(&got, mm_verify_items(kept));
    MM_CHECK_VIEW("row", mm_buf_view(&got), mm_buf_view(&want));
    mm_buf_deinit(&want);
    mm_buf_deinit(&got);
    mm_arena_deinit(&keep);
    mm_arena_deinit(&scratch);
}

/* The verdict on one message; memory of the fixture's arena. */
static struct mm_dkim_verdict verify(struct set_up *s, struct mm_key_cache *cache,
                                     struct mm_verify_options options, struct mm_view bytes)
{
    struct mm_verify_worker w;
    struct mm_verify_item item = {.bytes = bytes};
    options.now = options.now ? options.now : NOW;
    assert_int_equal(mm_verify_worker_init(&w, cache, &options), MM_OK);
    assert_int_equal(mm_verify_batch(&w, &s->fx.arena, &item, 1), MM_OK);
    assert_int_equal(item.status, MM_OK);
    check_kept(&w, bytes, &item);
    mm_verify_worker_deinit(&w);
    return item.verdict;
}

/* ---- one signature ---- */

enum damage { INTACT, BODY, HEADER, BOTH, MORE_BODY };

static struct mm_view damaged(struct mm_dkim_fixture *fx, struct mm_view v, enum damage damage)
{
    struct mm_view copy = mm_arena_copy(&fx->arena, v);
    char *text = (char *)copy.data;
    assert_non_null(text);
    if (damage == BODY || damage == BOTH)
        *strstr(text, "World") = 'w';
    if (damage == HEADER || damage == BOTH)
        *strstr(text, "bob@") = 'B';
    if (damage != MORE_BODY)
        return copy;
    char *longer = mm_arena_alloc(&fx->arena, v.len + 8);
    memcpy(longer, v.data, v.len);
    memcpy(longer + v.len, "Footer\r\n", 8);
    return (struct mm_view){longer, v.len + 8};
}

static const struct {
    const char *label, *field;
    enum damage damage;
    enum mm_dkim_policy policy;
    enum mm_reason reason;
    enum mm_check body_hash, signature;
    uint64_t uncovered;
    uint32_t key_bits;
} cases[] = {
#define OK      MM_CHECK_OK
#define BAD     MM_CHECK_BAD
#define UNKNOWN MM_CHECK_UNCHECKED
    {"rsa", FIELD(RSA), INTACT, 0, MM_REASON_NONE, OK, OK, 0, 2048},
    {"ed25519", FIELD(ED), INTACT, 0, MM_REASON_NONE, OK, OK, 0, 256},
    {"U-labels are asked for as A-labels, and hashed as written",
     FIELD("a=rsa-sha256; c=relaxed/relaxed; d=b\xc3\xbc"
           "cher.example; s=\xc3\xbc; h=from; "
           "i=@sub.xn--bcher-kva.example"),
     INTACT, 0, MM_REASON_NONE, OK, OK, 0, 2048},
    {"so is a key that wants d= itself in i=, whatever its form",
     FIELD("a=rsa-sha256; d=b\xc3\xbc"
           "cher.example; s=test; h=from; i=@xn--bcher-kva.example"),
     INTACT, 0, MM_REASON_NONE, OK, OK, 0, 2048},
    {"body changed", FIELD(RSA), BODY, 0, MM_REASON_BODY_HASH, BAD, OK, 0, 2048},
    {"header changed", FIELD(RSA), HEADER, 0, MM_REASON_SIGNATURE, OK, BAD, 0, 2048},
    {"both changed", FIELD(RSA), BOTH, 0, MM_REASON_BODY_HASH, BAD, BAD, 0, 2048},
    {"text added", FIELD(ED), MORE_BODY, 0, MM_REASON_BODY_HASH, BAD, OK, 0, 256},
    {"b= first", "DKIM-Signature: b=$B; v=1; " ED "; bh=$BH", INTACT, 0, MM_REASON_NONE, OK, OK, 0,
     256},

    /* Canonical bodies: relaxed "Hello,\r\nWorld\r\n" 15, simple "Hello,\r\nWorld \r\n" 16. */
    {"l= of all", FIELD(RSA "; l=15"), INTACT, 0, MM_REASON_NONE, OK, OK, 0, 2048},
    {"l= and text added", FIELD(RSA "; l=15"), MORE_BODY, 0, MM_REASON_NONE, OK, OK, 10, 2048},
    {"l= within a line", FIELD(ED "; l=9"), BODY, 0, MM_REASON_BODY_HASH, BAD, OK, 7, 256},
    {"l= before the change", FIELD(ED "; l=8"), BODY, 0, MM_REASON_NONE, OK, OK, 8, 256},
    {"l=0", FIELD(RSA "; l=0"), BODY, 0, MM_REASON_NONE, OK, OK, 15, 2048},
    {"l= too large", FIELD(RSA "; l=16"), INTACT, 0, MM_REASON_BODY_LENGTH, BAD, OK, 0, 2048},
    {"l= past 64 bits", FIELD(ED "; l=99999999999999999999999"), INTACT, 0, MM_REASON_BODY_LENGTH,
     BAD, OK, 0, 256},

    {"expired, else sound", FIELD(RSA "; t=1; x=1699999999"), INTACT, 0, MM_REASON_EXPIRED, OK, OK,
     0, 2048},
    {"expires now", FIELD(RSA "; t=1; x=1700000000"), INTACT, 0, MM_REASON_NONE, OK, OK, 0, 2048},
    {"expired and changed", FIELD(RSA "; x=1699999999"), BODY, 0, MM_REASON_EXPIRED, BAD, OK, 0,
     2048},
    {"rsa-sha1, strict", FIELD("a=rsa-sha1; d=example.com; s=rsa; h=from:to:subject"), INTACT, 0,
     MM_REASON_HISTORIC, OK, OK, 0, 2048},
    {"rsa-sha1, legacy", FIELD("a=rsa-sha1; d=example.com; s=rsa; h=from:to:subject"), INTACT,
     MM_POLICY_LEGACY, MM_REASON_NONE, OK, OK, 0, 2048},
    {"bh= of another length", "DKIM-Signature: v=1; " ED "; bh=QUJD; b=$B", INTACT, 0,
     MM_REASON_BODY_HASH, BAD, OK, 0, 256},
    {"fault of the field", FIELD("a=rsa-sha256; d=example.com; s=rsa; h=to"), INTACT, 0,
     MM_REASON_FROM_UNSIGNED, UNKNOWN, UNKNOWN, 0, 0},

    {"not recorded", FIELD("a=rsa-sha256; d=example.org; s=rsa; h=from"), INTACT, 0,
     MM_REASON_KEY_NOT_RECORDED, OK, UNKNOWN, 0, 0},
    {"no key", FIELD("a=rsa-sha256; d=example.com; s=none; h=from"), BODY, 0, MM_REASON_NO_KEY, BAD,
     UNKNOWN, 0, 0},
    {"revoked", FIELD("a=rsa-sha256; d=example.com; s=revoked; h=from"), INTACT, 0,
     MM_REASON_KEY_REVOKED, OK, UNKNOWN, 0, 0},
    {"key of another type", FIELD("a=rsa-sha256; d=example.com; s=ed; h=from"), INTACT, 0,
     MM_REASON_KEY_TYPE, OK, UNKNOWN, 0, 256},
    {"hash not allowed", FIELD("a=rsa-sha256; d=example.com; s=sha1; h=from"), INTACT, 0,
     MM_REASON_KEY_HASH, OK, UNKNOWN, 0, 2048},
    {"hash not allowed, though old", FIELD("a=rsa-sha1; d=example.com; s=sha1; h=from:to:subject"),
     INTACT, MM_POLICY_LEGACY, MM_REASON_NONE, OK, OK, 0, 2048},
    {"key for something else", FIELD("a=rsa-sha256; d=example.com; s=tls; h=from"), INTACT, 0,
     MM_REASON_KEY_SERVICE, OK, UNKNOWN, 0, 2048},
    {"t=s, i= below", FIELD("a=rsa-sha256; d=example.com; s=test; i=@a.example.com; h=from"),
     INTACT, 0, MM_REASON_KEY_SUBDOMAIN, OK, UNKNOWN, 0, 2048},
    {"t=s, i= equal", FIELD("a=rsa-sha256; d=example.com; s=test; i=@EXAMPLE.com; h=from"), INTACT,
     0, MM_REASON_NONE, OK, OK, 0, 2048},

    {"junk beside the key", FIELD("a=rsa-sha256; d=example.com; s=junk1; h=from"), INTACT, 0,
     MM_REASON_NONE, OK, OK, 0, 2048},
    {"junk, the other way round", FIELD("a=rsa-sha256; d=example.com; s=junk2; h=from"), INTACT, 0,
     MM_REASON_NONE, OK, OK, 0, 2048},
    {"two keys", FIELD("a=rsa-sha256; d=example.com; s=two1; h=from"), INTACT, 0, MM_REASON_NONE,
     OK, OK, 0, 2048},
    {"two keys, the other way round", FIELD("a=ed25519-sha256; d=example.com; s=two2; h=from"),
     INTACT, 0, MM_REASON_NONE, OK, OK, 0, 256},
    {"two useless records", FIELD("a=rsa-sha256; d=example.com; s=bad1; h=from"), INTACT, 0,
     MM_REASON_KEY_SERVICE, OK, UNKNOWN, 0, 2048},
    {"two useless records, the other way round",
     FIELD("a=rsa-sha256; d=example.com; s=bad2; h=from"), INTACT, 0, MM_REASON_KEY_SERVICE, OK,
     UNKNOWN, 0, 2048},
};

static void each_signature_has_its_verdict(void **state)
{
    struct set_up *s = *state;
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        struct mm_view signed_mail = mm_dkim_fixture_sign(&s->fx, mm_view_of(mail), cases[i].field);
        struct mm_verify_options options = {.policy = cases[i].policy};
        struct mm_dkim_verdict v =
            verify(s, s->cache, options, damaged(&s->fx, signed_mail, cases[i].damage));
        MM_CHECK_INT(cases[i].label, v.count, 1);
        const struct mm_dkim_signature *sig = &v.signatures[0];
        if (sig->reason != cases[i].reason)
            print_error("%s: %s\n", cases[i].label, mm_reason_slug(sig->reason));
        MM_CHECK_INT(cases[i].label, sig->reason, cases[i].reason);
        MM_CHECK_INT(cases[i].label, sig->result, mm_reason_result(cases[i].reason));
        MM_CHECK_INT(cases[i].label, v.result, mm_reason_result(cases[i].reason));
        MM_CHECK_INT(cases[i].label, sig->body_hash, cases[i].body_hash);
        MM_CHECK_INT(cases[i].label, sig->signature, cases[i].signature);
        MM_CHECK_INT(cases[i].label, sig->uncovered_bytes, cases[i].uncovered);
        MM_CHECK_INT(cases[i].label, sig->key_bits, cases[i].key_bits);
        mm_arena_reset(&s->fx.arena);
    }
}

static void without_keys_the_rest_is_judged(void **state)
{
    struct set_up *s = *state;
    static const struct {
        const char *field;
        enum damage damage;
        enum mm_reason reason;
        enum mm_check body_hash;
    } no_key_cases[] = {
        {FIELD(RSA), INTACT, MM_REASON_NO_KEY_SOURCE, MM_CHECK_OK},
        {FIELD(RSA), HEADER, MM_REASON_NO_KEY_SOURCE, MM_CHECK_OK},
        {FIELD(RSA), BODY, MM_REASON_BODY_HASH, MM_CHECK_BAD},
        {FIELD(RSA "; x=1"), INTACT, MM_REASON_EXPIRED, MM_CHECK_OK},
        {FIELD(RSA "; l=99"), INTACT, MM_REASON_BODY_LENGTH, MM_CHECK_BAD},
    };
    for (size_t i = 0; i < MM_COUNT(no_key_cases); i++) {
        const char *label = no_key_cases[i].field;
        struct mm_view v = mm_dkim_fixture_sign(&s->fx, mm_view_of(mail), label);
        struct mm_dkim_verdict verdict = verify(s, NULL, (struct mm_verify_options){.now = NOW},
                                                damaged(&s->fx, v, no_key_cases[i].damage));
        MM_CHECK_INT(label, verdict.signatures[0].reason, no_key_cases[i].reason);
        MM_CHECK_INT(label, verdict.signatures[0].body_hash, no_key_cases[i].body_hash);
        MM_CHECK_INT(label, verdict.signatures[0].signature, MM_CHECK_UNCHECKED);
    }
}

static void a_test_key_is_told_but_not_beside_a_real_one(void **state)
{
    struct set_up *s = *state;
    struct mm_verify_options options = {.now = NOW};
    struct mm_view v = mm_dkim_fixture_sign(&s->fx, mm_view_of(mail),
                                            FIELD("a=rsa-sha256; d=example.com; s=test; h=from"));
    assert_true(verify(s, s->cache, options, v).signatures[0].testing);
    v = mm_dkim_fixture_sign(&s->fx, mm_view_of(mail),
                             FIELD("a=rsa-sha256; d=example.com; s=same; h=from"));
    struct mm_dkim_verdict verdict = verify(s, s->cache, options, v);
    assert_int_equal(verdict.result, MM_DKIM_PASS);
    assert_false(verdict.signatures[0].testing);
}

/* ---- a message with several ---- */

static void signatures_are_told_from_the_top_and_the_best_one_counts(void **state)
{
    struct set_up *s = *state;
    struct mm_view v = mm_view_of(mail);
    v = mm_dkim_fixture_sign(&s->fx, v, FIELD(RSA)); /* lowest: will pass */
    v = mm_dkim_fixture_sign(&s->fx, v, FIELD(RSA "; l=99"));
    v = mm_dkim_fixture_sign(&s->fx, v, FIELD(ED ":dkim-signature"));
    v = mm_dkim_fixture_sign(&s->fx, v, FIELD("a=rsa-sha256; d=example.com; s=none; h=from"));
    v = mm_dkim_fixture_sign(&s->fx, v, FIELD("a=rsa-sha0; d=example.com; s=rsa; h=from"));
    static const enum mm_reason want[] = {MM_REASON_BAD_A, MM_REASON_NO_KEY, MM_REASON_NONE,
                                          MM_REASON_BODY_LENGTH, MM_REASON_NONE};
    struct mm_verify_options options = {.now = NOW};
    struct mm_dkim_verdict verdict = verify(s, s->cache, options, v);
    assert_int_equal(verdict.count, MM_COUNT(want));
    for (uint32_t i = 0; i < verdict.count; i++) {
        MM_CHECK_INT("index", verdict.signatures[i].index, i);
        MM_CHECK_INT("reason", verdict.signatures[i].reason, want[i]);
    }
    assert_int_equal(verdict.result, MM_DKIM_PASS);
    assert_int_equal(verdict.skipped, 0);
    MM_CHECK_VIEW("from", verdict.from_domain, MM_VIEW("example.com"));

    options.max_signatures = 2;
    verdict = verify(s, s->cache, options, v);
    assert_int_equal(verdict.count, 2);
    assert_int_equal(verdict.skipped, 3);
    MM_CHECK_INT("second", verdict.signatures[1].reason, MM_REASON_NO_KEY);
    assert_int_equal(verdict.result, MM_DKIM_PERMERROR);
}

static void a_message_without_a_signature_is_none(void **state)
{
    struct set_up *s = *state;
    static const char *const messages[] = {mail, "", "\r\n", "no header at all", "From: x\n"};
    for (size_t i = 0; i < MM_COUNT(messages); i++) {
        struct mm_dkim_verdict v =
            verify(s, s->cache, (struct mm_verify_options){.now = NOW}, mm_view_of(messages[i]));
        MM_CHECK_INT(messages[i], v.result, MM_DKIM_NONE);
        MM_CHECK_INT(messages[i], v.count, 0);
    }
}

/* ---- a batch ---- */

static void a_header_too_long_leaves_the_others_alone(void **state)
{
    struct set_up *s = *state;
    size_t len = MM_HEADER_MAX_BYTES + 100;
    char *text = malloc(len);
    assert_non_null(text);
    memset(text, 'x', len);
    memcpy(text, "DKIM-Signature: ", 16);
    struct mm_verify_item items[3] = {
        {.bytes = mm_dkim_fixture_sign(&s->fx, mm_view_of(mail), FIELD(RSA))},
        {.bytes = {text, len}},
        {.bytes = mm_dkim_fixture_sign(&s->fx, mm_view_of(mail), FIELD(ED))},
    };
    struct mm_verify_worker w;
    struct mm_verify_options options = {.now = NOW};
    assert_int_equal(mm_verify_worker_init(&w, s->cache, &options), MM_OK);
    assert_int_equal(mm_verify_batch(&w, &s->fx.arena, items, 3), MM_OK);
    assert_int_equal(items[0].verdict.result, MM_DKIM_PASS);
    assert_int_equal(items[1].status, MM_E_LIMIT);
    assert_int_equal(items[1].verdict.count, 0);
    assert_int_equal(items[2].verdict.result, MM_DKIM_PASS);
    mm_verify_worker_deinit(&w);
    free(text);
}

/* Header bytes of many megabytes: groups are hashed one after the other, nothing is lost. */
static void headers_beyond_one_group_are_hashed_too(void **state)
{
    struct set_up *s = *state;
    enum { MESSAGES = 24, SUBJECT = 200 * 1024 };
    struct mm_verify_item items[MESSAGES] = {{.status = MM_OK}};
    char *text = malloc(SUBJECT + 200);
    assert_non_null(text);
    memset(text, 'y', SUBJECT);
    memcpy(text, "From: a@example.com\nSubject: ", 29);
    memcpy(text + SUBJECT, "\n\nbody\n", 8);
    struct mm_view v = mm_dkim_fixture_sign(&s->fx, mm_view_of(text), FIELD(ED));
    struct mm_view bad = mm_arena_copy(&s->fx.arena, v);
    ((char *)bad.data)[bad.len / 2] = 'z';
    for (size_t i = 0; i < MESSAGES; i++)
        items[i].bytes = i % 3 == 1 ? bad : v;
    struct mm_verify_worker w;
    struct mm_verify_options options = {.now = NOW};
    assert_int_equal(mm_verify_worker_init(&w, s->cache, &options), MM_OK);
    assert_int_equal(mm_verify_batch(&w, &s->fx.arena, items, MESSAGES), MM_OK);
    for (size_t i = 0; i < MESSAGES; i++)
        MM_CHECK_INT("message", items[i].verdict.signatures[0].reason,
                     i % 3 == 1 ? MM_REASON_SIGNATURE : MM_REASON_NONE);
    mm_verify_worker_deinit(&w);
    free(text);
}

#define WITH_SET_UP(fn) cmocka_unit_test_setup_teardown(fn, open_set_up, close_set_up)

MM_TEST_MAIN(WITH_SET_UP(each_signature_has_its_verdict),
             WITH_SET_UP(without_keys_the_rest_is_judged),
             WITH_SET_UP(a_test_key_is_told_but_not_beside_a_real_one),
             WITH_SET_UP(signatures_are_told_from_the_top_and_the_best_one_counts),
             WITH_SET_UP(a_message_without_a_signature_is_none),
             WITH_SET_UP(a_header_too_long_leaves_the_others_alone),
             WITH_SET_UP(headers_beyond_one_group_are_hashed_too))
