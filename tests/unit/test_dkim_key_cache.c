/*
 * test_dkim_key_cache.c - names asked for, answers shared by threads, and the corpus's key records.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <pthread.h>

#include "dkim/key_cache.h"
#include "support/mm_test.h"

/* Public half of a key in tests/vectors/keys. */
#define ED25519 "v+mt+G0+x6ArgqSvRNeyQ15wZ0XjzqYaEmjn+wrCSxE="

static const char zone[] = "$ORIGIN example.com.\n"
                           "one._domainkey TXT \"k=ed25519; p=" ED25519 "\"\n"
                           "two._domainkey TXT \"v=spf1 -all\"\n"
                           "two._domainkey TXT \"k=ed25519; p=" ED25519 "\"\n"
                           "a.b._domainkey TXT \"v=DKIM1; p=\"\n";

static struct mm_txt_store *store_of(const char *text)
{
    struct mm_error err = {.text = ""};
    struct mm_txt_store *store = mm_txt_store_new();
    if (mm_txt_store_add_text(store, mm_view_of(text), "zone", &err) != MM_OK)
        fail_msg("%s", err.text);
    return store;
}

static const struct mm_key_set *get(struct mm_key_cache *cache, const char *selector,
                                    const char *domain)
{
    struct mm_key_lookup lookup;
    enum mm_status st =
        mm_key_lookup_begin(cache, mm_view_of(selector), mm_view_of(domain), 0, &lookup);
    const struct mm_key_set *set = lookup.set; /* a file's, and as long-lived as the cache */
    MM_CHECK_INT("answered at once", st, MM_OK);
    MM_CHECK_INT("and again", mm_key_lookup_poll(cache, &lookup), MM_OK);
    assert_non_null(set);
    mm_key_lookup_end(cache, &lookup);
    MM_CHECK_TRUE("given back", lookup.set == NULL);
    return set;
}

static void key_cache_parses_an_answer_once(void **state)
{
    (void)state;
    struct mm_txt_store *store = store_of(zone);
    struct mm_key_cache *cache = mm_key_cache_new(store);
    assert_true(mm_key_cache_has_source(cache));
    const struct mm_key_set *one = get(cache, "one", "example.com");
    MM_CHECK_INT("records", one->count, 1);
    MM_CHECK_INT("status", one->answer->status, MM_TXT_NOERROR);
    MM_CHECK_INT("type", one->records[0].type, MM_KEY_ED25519);
    MM_CHECK_TRUE("the same again", get(cache, "one", "example.com") == one);
    MM_CHECK_TRUE("in any case", get(cache, "ONE", "Example.COM") == one);

    const struct mm_key_set *two = get(cache, "two", "example.com");
    MM_CHECK_INT("both records", two->count, 2);
    MM_CHECK_INT("one of them is a key", !!two->records[0].key + !!two->records[1].key, 1);
    MM_CHECK_INT("revoked, under a selector of two labels",
                 get(cache, "a.b", "example.com")->records[0].fault, MM_REASON_KEY_REVOKED);
    mm_key_cache_free(&cache);
    mm_txt_store_free(&store);
    MM_CHECK_TRUE("freed", cache == NULL);
}

static void key_cache_counts_what_is_no_name_as_not_recorded(void **state)
{
    (void)state;
    struct mm_txt_store *store = store_of(zone);
    struct mm_key_cache *cache = mm_key_cache_new(store);
    char label[65], name[300];
    memset(label, 'x', sizeof label);
    label[64] = '\0';
    static const struct {
        const char *selector, *domain;
    } none[] = {
        {"one", "example.net"},  {"", "example.com"},     {"one", ""},
        {"one.", "example.com"}, {".one", "example.com"}, {"a..b", "example.com"},
        {"one", ".example.com"}, {"one", "example.com."}, {"three", "example.com"},
    };
    for (size_t i = 0; i < MM_COUNT(none); i++) {
        const struct mm_key_set *set = get(cache, none[i].selector, none[i].domain);
        MM_CHECK_INT(none[i].selector, set->answer->status, MM_TXT_NOT_RECORDED);
        MM_CHECK_INT(none[i].selector, set->count, 0);
    }
    MM_CHECK_INT("label of 64 octets", get(cache, label, "example.com")->count, 0);
    for (size_t len = 1; len < sizeof name; len++) {
        for (size_t i = 0; i < len; i++)
            name[i] = i % 2 ? '.' : 'x';
        name[len] = '\0';
        MM_CHECK_INT("long names", get(cache, "one", name)->answer->status, MM_TXT_NOT_RECORDED);
    }
    mm_key_cache_free(&cache);
    mm_txt_store_free(&store);
}

/* 253 octets are a name, 254 are not: the zone holds the first, and a look-up of the second must
 * not find it by being cut. */
static void key_cache_finds_the_longest_name(void **state)
{
    (void)state;
    enum { NAME_BYTES = 253, HEAD_BYTES = sizeof "s._domainkey." - 1 };
    char domain[NAME_BYTES - HEAD_BYTES + 2], text[400];
    memset(domain, 'x', sizeof domain);
    for (size_t i = 63; i < sizeof domain - 2; i += 64)
        domain[i] = '.';
    domain[sizeof domain - 2] = '\0';
    snprintf(text, sizeof text, "s._domainkey.%s. TXT \"p=\"\n", domain);
    struct mm_txt_store *store = store_of(text);
    struct mm_key_cache *cache = mm_key_cache_new(store);
    MM_CHECK_INT("253", get(cache, "s", domain)->count, 1);
    domain[sizeof domain - 2] = 'x';
    domain[sizeof domain - 1] = '\0';
    MM_CHECK_INT("254", get(cache, "s", domain)->count, 0);
    mm_key_cache_free(&cache);
    mm_txt_store_free(&store);
}

static void key_cache_without_a_store_has_no_source(void **state)
{
    (void)state;
    struct mm_key_cache *cache = mm_key_cache_new(NULL);
    assert_non_null(cache);
    MM_CHECK_INT("source", mm_key_cache_has_source(cache), false);
    mm_key_cache_free(&cache);
}

enum { NAMES = 500 };

struct reader {
    struct mm_key_cache *cache;
    const struct mm_key_set *seen[NAMES];
};

static void *read_all(void *arg)
{
    struct reader *r = arg;
    for (int i = 0; i < NAMES; i++) {
        char selector[16];
        snprintf(selector, sizeof selector, "s%d", i);
        struct mm_key_lookup lookup;
        if (mm_key_lookup_begin(r->cache, mm_view_of(selector), MM_VIEW("example.com"), 0,
                                &lookup) == MM_OK)
            r->seen[i] = lookup.set;
        mm_key_lookup_end(r->cache, &lookup);
    }
    return NULL;
}

static void key_cache_gives_all_threads_the_same_keys(void **state)
{
    (void)state;
    enum { THREADS = 4 };
    static char text[NAMES * 128];
    static struct reader readers[THREADS];
    pthread_t threads[THREADS];
    size_t n = 0;
    for (int i = 0; i < NAMES; i++)
        n += (size_t)snprintf(text + n, sizeof text - n,
                              "s%d._domainkey.example.com. TXT \"k=ed25519;p=%s\"\n", i, ED25519);
    struct mm_txt_store *store = store_of(text);
    struct mm_key_cache *cache = mm_key_cache_new(store);
    for (int t = 0; t < THREADS; t++) {
        readers[t].cache = cache;
        assert_int_equal(pthread_create(&threads[t], NULL, read_all, &readers[t]), 0);
    }
    for (int t = 0; t < THREADS; t++)
        pthread_join(threads[t], NULL);
    for (int t = 0; t < THREADS; t++)
        for (int i = 0; i < NAMES; i++) {
            MM_CHECK_TRUE("a key", readers[t].seen[i] && readers[t].seen[i]->records[0].key);
            MM_CHECK_TRUE("one for all", readers[t].seen[i] == readers[0].seen[i]);
        }
    mm_key_cache_free(&cache);
    mm_txt_store_free(&store);
}

/* How the corpus words a fault of a key record, and what we make of the record. */
static const struct {
    const char *words;
    enum mm_reason fault;
} wordings[] = {
    {"empty key record", MM_REASON_KEY_EMPTY_RECORD},
    {"key record tag-list syntax error", MM_REASON_KEY_SYNTAX},
    {"key duplicate tag p=", MM_REASON_KEY_SYNTAX},
    {"key record version ", MM_REASON_KEY_VERSION},
    {"key record v= is not first", MM_REASON_KEY_VERSION},
    {"key record without p=", MM_REASON_KEY_NO_P},
    {"key revoked", MM_REASON_KEY_REVOKED},
    {"key p= not base64", MM_REASON_KEY_BASE64},
    {"key type dsa ", MM_REASON_KEY_TYPE},
    {"key k=RSA", MM_REASON_KEY_TYPE},
    {"key data is not an RSA key", MM_REASON_KEY_DATA},
    {"Ed25519 key is not 32 octets", MM_REASON_KEY_DATA},
    {"key type ed25519 does not fit a=rsa", MM_REASON_KEY_DATA}, /* and its p= is an RSA key */
};

static enum mm_reason reason_of(const char *words)
{
    for (size_t i = 0; i < MM_COUNT(wordings); i++)
        if (strncmp(words, wordings[i].words, strlen(wordings[i].words)) == 0)
            return wordings[i].fault;
    return MM_REASON_NONE;
}

/* One row of expected verdicts: does the key record say what the verdict rests on? */
static void check_row(struct mm_key_cache *cache, char **fields)
{
    enum { FILE_NAME, DOMAIN = 2, SELECTOR, VERDICT = 6, REASON };
    const char *label = fields[FILE_NAME], *reason = fields[REASON];
    const struct mm_key_set *set = get(cache, fields[SELECTOR], fields[DOMAIN]);
    if (strstr(reason, "DNS ") || strstr(reason, "no key for")) {
        MM_CHECK_INT(label, set->count, 0);
        return;
    }
    MM_CHECK_INT(label, set->answer->status, MM_TXT_NOERROR);
    if (set->count != 1) { /* several records: one of them is the key */
        MM_CHECK_TRUE(label, set->count == 2 && (set->records[0].key || set->records[1].key));
        return;
    }
    const struct mm_key_record *r = &set->records[0];
    MM_CHECK_VIEW(label, mm_view_of(mm_reason_slug(r->fault)),
                  mm_view_of(mm_reason_slug(reason_of(reason))));
    MM_CHECK_INT(label, r->key != NULL, r->fault == MM_REASON_NONE);
    if (!r->key)
        return;
    MM_CHECK_INT(label, r->allows_sha256, !strstr(reason, "hash sha256 not allowed"));
    MM_CHECK_INT(label, r->allows_email, !strstr(reason, "excludes email"));
    if (strstr(reason, "key t=s"))
        MM_CHECK_INT(label, r->no_subdomains, true);
}

static void key_cache_reads_the_corpus_as_its_verdicts_want(void **state)
{
    (void)state;
    const char *corpus = mm_test_corpus();
    if (!corpus)
        return;
    char path[512], line[8192], *fields[24];
    struct mm_error err = {.text = ""};
    struct mm_txt_store *store = mm_txt_store_new();
    snprintf(path, sizeof path, "%s/dkim/keys.zone", corpus);
    if (mm_txt_store_add(store, path, &err) != MM_OK)
        fail_msg("%s", err.text);
    struct mm_key_cache *cache = mm_key_cache_new(store);
    snprintf(path, sizeof path, "%s/dkim/expected.tsv", corpus);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    int rows = 0;
    while (fgets(line, sizeof line, f)) {
        if (!strstr(line, "/kv-") || mm_test_split_tabs(line, fields, MM_COUNT(fields)) < 8)
            continue;
        check_row(cache, fields);
        rows++;
    }
    fclose(f);
    MM_CHECK_TRUE("rows", rows > 50);
    mm_key_cache_free(&cache);
    mm_txt_store_free(&store);
}

MM_TEST_MAIN(MM_TEST(key_cache_parses_an_answer_once),
             MM_TEST(key_cache_counts_what_is_no_name_as_not_recorded),
             MM_TEST(key_cache_finds_the_longest_name),
             MM_TEST(key_cache_without_a_store_has_no_source),
             MM_TEST(key_cache_gives_all_threads_the_same_keys),
             MM_TEST(key_cache_reads_the_corpus_as_its_verdicts_want))
