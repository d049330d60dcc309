/*
 * test_corpus_expected.c - every signature of the corpus has the verdict that was agreed on.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Every row must agree, those of confidence low, which rest on the text of the RFCs alone, too.
 * Without the corpus the tests end at once.
 */
#include "dkim/verify_batch.h"
#include "support/mm_test.h"

enum { ROWS_MAX = 2000, ZONES_MAX = 8, MAX_SIGNATURES = 1000, ARENA_BYTES = 512 * 1024 * 1024 };

struct row {
    const char *file, *sig, *verdict, *reason, *also_ok, *legacy, *confidence, *zone;
    int64_t at;
};

struct corpus {
    const char *folder;
    char *text; /* the table, cut up in place */
    struct row rows[ROWS_MAX];
    size_t row_count;
    struct {
        const char *name;
        struct mm_txt_store *store;
        struct mm_key_cache *cache;
    } zones[ZONES_MAX];
    size_t zone_count;
};

static struct mm_view read_below(const char *folder, const char *name)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/dkim/%s", folder, name);
    return mm_test_read_file(path);
}

/* ---- the table and its keys ---- */

/* Columns are found by name: "#file" heads the first. */
static size_t column_of(char **names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i] + (names[i][0] == '#'), name) == 0)
            return i;
    fail_msg("expected.tsv has no column %s", name);
    return 0;
}

static void read_rows(struct corpus *c)
{
    static const char *const wanted[] = {"file",       "sig",     "verdict",
                                         "reason",     "also_ok", "verdict_legacy",
                                         "confidence", "zone",    "at"};
    char *names[40], *fields[40];
    size_t at[MM_COUNT(wanted)], width = 0;
    c->text = (char *)read_below(c->folder, "expected.tsv").data;
    char *line = c->text, *next;
    for (; *line; line = next) {
        next = line + strcspn(line, "\n");
        next += *next == '\n';
        if (width == 0) {
            width = mm_test_split_tabs(line, names, MM_COUNT(names));
            for (size_t i = 0; i < MM_COUNT(wanted); i++)
                at[i] = column_of(names, width, wanted[i]);
            continue;
        }
        for (size_t i = 0; i < MM_COUNT(fields); i++)
            fields[i] = (char *)"";
        mm_test_split_tabs(line, fields, MM_COUNT(fields));
        assert_true(c->row_count < ROWS_MAX);
        c->rows[c->row_count++] = (struct row){.file = fields[at[0]],
                                               .sig = fields[at[1]],
                                               .verdict = fields[at[2]],
                                               .reason = fields[at[3]],
                                               .also_ok = fields[at[4]],
                                               .legacy = fields[at[5]],
                                               .confidence = fields[at[6]],
                                               .zone = fields[at[7]],
                                               .at = strtoll(fields[at[8]], NULL, 10)};
    }
}

static void add_file(struct corpus *c, struct mm_txt_store *store, const char *name)
{
    char path[1024];
    struct mm_error err;
    snprintf(path, sizeof path, "%s/dkim/%s", c->folder, name);
    if (mm_txt_store_add(store, path, &err) != MM_OK)
        fail_msg("%s: %s", path, err.text);
}

/* Names whose look-up fails in a given way, as recorded answers. */
static void add_faults(struct corpus *c, struct mm_txt_store *store)
{
    struct mm_view text = read_below(c->folder, "keys.faults.tsv");
    char *lines = malloc(text.len * 4 + 1024), *at = lines;
    assert_non_null(lines);
    for (char *line = strtok((char *)text.data, "\n"); line; line = strtok(NULL, "\n")) {
        char *fields[3];
        if (line[0] == '#' || mm_test_split_tabs(line, fields, 3) < 2)
            continue;
        at += sprintf(at, "{\"name\":\"%s\",\"type\":\"TXT\",\"status\":\"%s\",\"time\":0}\n",
                      fields[0], fields[1]);
    }
    struct mm_error err;
    if (mm_txt_store_add_text(store, (struct mm_view){lines, (size_t)(at - lines)}, "faults",
                              &err) != MM_OK)
        fail_msg("%s", err.text);
    free(lines);
    free((char *)text.data);
}

static struct mm_key_cache *keys_of(struct corpus *c, const char *zone)
{
    for (size_t i = 0; i < c->zone_count; i++)
        if (strcmp(c->zones[i].name, zone) == 0)
            return c->zones[i].cache;
    assert_true(c->zone_count < ZONES_MAX);
    struct mm_txt_store *store = mm_txt_store_new();
    assert_non_null(store);
    add_file(c, store, "keys.zone");
    if (strcmp(zone, "keys.zone") != 0)
        add_file(c, store, zone);
    add_faults(c, store);
    struct mm_key_cache *cache = mm_key_cache_new(store);
    assert_non_null(cache);
    c->zones[c->zone_count].name = zone;
    c->zones[c->zone_count].store = store;
    c->zones[c->zone_count++].cache = cache;
    return cache;
}

static struct corpus *corpus_open(void)
{
    const char *folder = mm_test_corpus();
    if (!folder)
        return NULL;
    struct corpus *c = calloc(1, sizeof *c);
    assert_non_null(c);
    c->folder = folder;
    read_rows(c);
    return c;
}

static void corpus_close(struct corpus *c)
{
    for (size_t i = 0; i < c->zone_count; i++) {
        mm_key_cache_free(&c->zones[i].cache);
        mm_txt_store_free(&c->zones[i].store);
    }
    free(c->text);
    free(c);
}

/* ---- judging ---- */

static bool is_listed(const char *list, const char *word)
{
    size_t len = strlen(word);
    for (const char *at = list; *at; at += strcspn(at, ",") + (at[strcspn(at, ",")] == ','))
        if (strncmp(at, word, len) == 0 && (at[len] == ',' || at[len] == '\0'))
            return true;
    return false;
}

static bool agrees(const struct row *row, enum mm_dkim_policy policy, const char *word)
{
    const char *want = policy == MM_POLICY_STRICT ? row->verdict : row->legacy;
    if (strcmp(word, want) == 0)
        return true;
    return strcmp(want, row->verdict) == 0 && is_listed(row->also_ok, word);
}

/* Print and count what differs in one row: its run of signatures, or the message without any. */
static size_t deviations(const struct row *row, enum mm_dkim_policy policy,
                         const struct mm_dkim_verdict *verdict)
{
    const char *policy_name = policy == MM_POLICY_STRICT ? "strict" : "legacy";
    size_t count = 0;
    if (strcmp(row->sig, "-") == 0) {
        count = verdict->count != 0 || verdict->result != MM_DKIM_NONE;
        if (count)
            printf("# %s: %u signatures where there are none\n", row->file, verdict->count);
        return count;
    }
    char *dash;
    unsigned long first = strtoul(row->sig, &dash, 10);
    unsigned long last = *dash == '-' ? strtoul(dash + 1, NULL, 10) : first;
    for (unsigned long i = first; i <= last; i++) {
        const struct mm_dkim_signature *s =
            i <= verdict->count ? &verdict->signatures[i - 1] : NULL;
        const char *word = s ? mm_dkim_result_word(s->result) : "absent";
        if (s && agrees(row, policy, word))
            continue;
        count++;
        printf("# %s %lu %s (%s): %s (%s), expected %s or %s: %s\n", row->file, i, policy_name,
               row->confidence, word, s ? mm_reason_slug(s->reason) : "",
               policy == MM_POLICY_STRICT ? row->verdict : row->legacy, row->also_ok, row->reason);
    }
    return count;
}

static void run_policy(struct corpus *c, enum mm_dkim_policy policy)
{
    struct mm_arena arena;
    struct mm_verify_worker w;
    struct mm_verify_options options = {.policy = policy, .max_signatures = MAX_SIGNATURES};
    size_t bad = 0;
    mm_arena_init(&arena, ARENA_BYTES);
    assert_int_equal(mm_verify_worker_init(&w, NULL, &options), MM_OK);
    for (size_t i = 0; i < c->row_count; i++) {
        const struct row *row = &c->rows[i];
        struct mm_verify_item item = {.bytes = read_below(c->folder, row->file)};
        w.keys = keys_of(c, row->zone);
        w.options.now = row->at;
        assert_int_equal(mm_verify_batch(&w, &arena, &item, 1), MM_OK);
        assert_int_equal(item.status, MM_OK);
        bad += deviations(row, policy, &item.verdict) > 0;
        mm_arena_reset(&arena);
        free((char *)item.bytes.data);
    }
    printf("# %s: %zu rows, %zu deviate\n", policy == MM_POLICY_STRICT ? "strict" : "legacy",
           c->row_count, bad);
    mm_verify_worker_deinit(&w);
    mm_arena_deinit(&arena);
    assert_true(c->row_count > 0);
    assert_int_equal(bad, 0);
}

static void verdicts_agree_under_strict(void **state)
{
    (void)state;
    struct corpus *c = corpus_open();
    if (!c)
        return;
    run_policy(c, MM_POLICY_STRICT);
    corpus_close(c);
}

static void verdicts_agree_under_legacy(void **state)
{
    (void)state;
    struct corpus *c = corpus_open();
    if (!c)
        return;
    run_policy(c, MM_POLICY_LEGACY);
    corpus_close(c);
}

/* The same messages in one batch: stages over hundreds, digests and keys shared between them. */
static void a_batch_gives_the_verdicts_of_its_messages(void **state)
{
    (void)state;
    struct corpus *c = corpus_open();
    if (!c)
        return;
    struct mm_arena one_arena, all_arena;
    struct mm_verify_worker w;
    struct mm_verify_options options = {.now = 1700000000, .max_signatures = MAX_SIGNATURES};
    struct mm_verify_item *items = calloc(c->row_count, sizeof *items);
    assert_non_null(items);
    mm_arena_init(&one_arena, ARENA_BYTES);
    mm_arena_init(&all_arena, ARENA_BYTES);
    assert_int_equal(mm_verify_worker_init(&w, keys_of(c, "keys.zone"), &options), MM_OK);
    for (size_t i = 0; i < c->row_count; i++)
        items[i].bytes = read_below(c->folder, c->rows[i].file);
    assert_int_equal(mm_verify_batch(&w, &all_arena, items, c->row_count), MM_OK);
    for (size_t i = 0; i < c->row_count; i++) {
        struct mm_verify_item one = {.bytes = items[i].bytes};
        const char *file = c->rows[i].file;
        assert_int_equal(mm_verify_batch(&w, &one_arena, &one, 1), MM_OK);
        MM_CHECK_INT(file, one.verdict.result, items[i].verdict.result);
        MM_CHECK_INT(file, one.verdict.count, items[i].verdict.count);
        MM_CHECK_VIEW(file, one.verdict.from_domain, items[i].verdict.from_domain);
        for (uint32_t k = 0; k < one.verdict.count; k++) {
            const struct mm_dkim_signature *a = &one.verdict.signatures[k];
            const struct mm_dkim_signature *b = &items[i].verdict.signatures[k];
            MM_CHECK_INT(file, a->reason, b->reason);
            MM_CHECK_INT(file, a->body_hash, b->body_hash);
            MM_CHECK_INT(file, a->signature, b->signature);
            MM_CHECK_INT(file, a->key_bits, b->key_bits);
            MM_CHECK_INT(file, a->uncovered_bytes, b->uncovered_bytes);
        }
        mm_arena_reset(&one_arena);
    }
    for (size_t i = 0; i < c->row_count; i++)
        free((char *)items[i].bytes.data);
    free(items);
    mm_verify_worker_deinit(&w);
    mm_arena_deinit(&one_arena);
    mm_arena_deinit(&all_arena);
    corpus_close(c);
}

MM_TEST_MAIN(MM_TEST(verdicts_agree_under_strict), MM_TEST(verdicts_agree_under_legacy),
             MM_TEST(a_batch_gives_the_verdicts_of_its_messages))
