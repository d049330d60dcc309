/*
 * txt_store.c - TXT answers from files, found by name and time.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A map of names, each with a list of answers.
 */
#include "dns/txt_store_internal.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/map.h"
#include "dns/zone_names.h"

enum {
    NOT_RECORDED, /* the first two answers are those that come from no file */
    ALIAS_LOOP,
    FIRST_ENTRY
};

enum { POOL_VIEWS = 4096, POOL_CHARS = 64 * 1024 };

enum entry_kind { FROM_ZONE, FROM_RECORDING, IS_ALIAS /* its one record is the target */ };

struct entry {
    struct mm_txt_answer answer;
    int64_t seen;  /* FROM_RECORDING: "time", INT64_MIN without one */
    uint32_t next; /* the name's answer before this one; 0 for none */
    uint8_t kind;
};

/* What master files say of a name, whatever its types: nothing; or that it exists, which the tree
 * of names does not have yet, or has. */
enum place { NOT_IN_ZONE, NOT_PLACED, PLACED };

struct name {
    uint32_t last;  /* entry; 0 for none */
    uint32_t count; /* of entries */
    uint32_t generation;
    uint8_t place;
};

struct text {
    struct text *next;
    char *bytes;
};

struct mm_txt_store {
    struct mm_hash128 hash; /* of the texts, chained */
    struct mm_arena arena;  /* strings and views, through the pools */
    struct text *texts;
    struct mm_map index; /* -> names, in the order of its puts */
    struct name *names;
    struct entry *entries;
    size_t name_count, name_cap, entry_count, entry_cap;
    struct mm_view *view_pool;
    char *char_pool;
    size_t views_left, chars_left;
    uint32_t generation;       /* of the call that adds */
    struct mm_zone_names tree; /* names that exist; empty as long as there is no wildcard */
    size_t unplaced;           /* names that wait for it */
    bool has_wildcard;
};

static enum mm_status add_entry(struct mm_txt_store *s, struct entry entry)
{
    if (s->entry_count == s->entry_cap) {
        size_t cap = s->entry_cap ? s->entry_cap * 2 : 64;
        struct entry *grown =
            cap < UINT32_MAX ? reallocarray(s->entries, cap, sizeof *grown) : NULL;
        if (!grown)
            return MM_E_NOMEM;
        s->entries = grown;
        s->entry_cap = cap;
    }
    entry.answer.id = s->entry_count;
    s->entries[s->entry_count++] = entry;
    return MM_OK;
}

static struct entry answer_of_no_file(enum mm_txt_status status)
{
    return (struct entry){.answer = {.status = status, .from = INT64_MIN, .until = INT64_MAX}};
}

struct mm_txt_store *mm_txt_store_new(void)
{
    struct mm_txt_store *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    mm_arena_init(&s->arena, SIZE_MAX);
    if (add_entry(s, answer_of_no_file(MM_TXT_NOT_RECORDED)) != MM_OK ||
        add_entry(s, answer_of_no_file(MM_TXT_SERVFAIL)) != MM_OK)
        mm_txt_store_free(&s);
    return s;
}

void mm_txt_store_free(struct mm_txt_store **store)
{
    struct mm_txt_store *s = *store;
    *store = NULL;
    if (!s)
        return;
    for (struct text *t = s->texts, *next; t; t = next) {
        next = t->next;
        free(t->bytes);
        free(t);
    }
    free(s->names);
    free(s->entries);
    mm_map_deinit(&s->index);
    mm_zone_names_deinit(&s->tree);
    mm_arena_deinit(&s->arena);
    free(s);
}

enum mm_status mm_txt_store_own(struct mm_txt_store *store, char *text)
{
    struct text *t = malloc(sizeof *t);
    if (!t) {
        free(text);
        return MM_E_NOMEM;
    }
    *t = (struct text){.next = store->texts, .bytes = text};
    store->texts = t;
    return MM_OK;
}

void mm_txt_store_next_call(struct mm_txt_store *store)
{
    store->generation++;
}

struct mm_view mm_txt_store_copy(struct mm_txt_store *s, struct mm_view v)
{
    if (v.len > s->chars_left) {
        size_t room = v.len > POOL_CHARS ? v.len : POOL_CHARS;
        char *fresh = mm_arena_alloc(&s->arena, room);
        if (!fresh)
            return (struct mm_view){NULL, 0};
        s->char_pool = fresh;
        s->chars_left = room;
    }
    char *at = s->char_pool;
    if (v.len)
        memcpy(at, v.data, v.len);
    s->char_pool += v.len;
    s->chars_left -= v.len;
    return (struct mm_view){at ? at : "", v.len};
}

/* Room for `count` views, next to each other. */
static struct mm_view *take_views(struct mm_txt_store *s, size_t count)
{
    if (count > s->views_left) {
        size_t room = count > POOL_VIEWS ? count : POOL_VIEWS;
        struct mm_view *fresh = mm_arena_alloc(&s->arena, room * sizeof *fresh);
        if (!fresh)
            return NULL;
        s->view_pool = fresh;
        s->views_left = room;
    }
    struct mm_view *at = s->view_pool;
    s->view_pool += count;
    s->views_left -= count;
    return at;
}

/* ---- names ---- */

static enum mm_status add_name(struct mm_txt_store *s, struct mm_view text, uint32_t *at)
{
    if (s->name_count == s->name_cap) {
        size_t cap = s->name_cap ? s->name_cap * 2 : 64;
        struct name *grown = cap < UINT32_MAX ? reallocarray(s->names, cap, sizeof *grown) : NULL;
        if (!grown)
            return MM_E_NOMEM;
        s->names = grown;
        s->name_cap = cap;
    }
    struct mm_view copy = mm_txt_store_copy(s, text);
    if (!copy.data)
        return MM_E_NOMEM;
    *at = (uint32_t)s->name_count;
    MM_TRY(mm_map_put(&s->index, copy, *at));
    s->names[s->name_count++] = (struct name){.generation = s->generation};
    return MM_OK;
}

/* The name, made where it is new. */
static enum mm_status find_or_add(struct mm_txt_store *s, struct mm_view text, struct name **out)
{
    uint32_t at;
    if (!mm_map_get(&s->index, text, &at))
        MM_TRY(add_name(s, text, &at));
    *out = &s->names[at];
    return MM_OK;
}

/* The same; answers of earlier calls are forgotten. */
static enum mm_status name_for(struct mm_txt_store *s, struct mm_view text, struct name **out)
{
    MM_TRY(find_or_add(s, text, out));
    if ((*out)->generation != s->generation)
        **out = (struct name){.generation = s->generation, .place = (*out)->place};
    return MM_OK;
}

/* A master file has the name. */
static void note_in_zone(struct mm_txt_store *s, struct name *name, struct mm_view text)
{
    if (name->place != NOT_IN_ZONE)
        return;
    name->place = NOT_PLACED;
    s->unplaced++;
    s->has_wildcard = s->has_wildcard || mm_zone_name_is_wildcard(text);
}

enum mm_status mm_txt_note_name(struct mm_txt_store *store, struct mm_view name)
{
    struct name *n;
    MM_TRY(find_or_add(store, name, &n));
    note_in_zone(store, n, name);
    return MM_OK;
}

enum mm_status mm_txt_store_end_call(struct mm_txt_store *s)
{
    for (size_t i = 0; s->has_wildcard && s->unplaced && i < s->name_count; i++) {
        if (s->names[i].place != NOT_PLACED)
            continue;
        MM_TRY(mm_zone_names_add(&s->tree, mm_map_key(&s->index, i)));
        s->names[i].place = PLACED;
        s->unplaced--;
    }
    return MM_OK;
}

/* ---- answers ---- */

static enum mm_status link_entry(struct mm_txt_store *s, struct name *name, struct entry entry)
{
    entry.next = name->last;
    MM_TRY(add_entry(s, entry));
    name->last = (uint32_t)s->entry_count - 1;
    name->count++;
    return MM_OK;
}

/* The name's entry of a kind in this call. */
static struct entry *entry_of_kind(const struct mm_txt_store *s, const struct name *name,
                                   enum entry_kind kind)
{
    for (uint32_t i = name->last; i; i = s->entries[i].next)
        if (s->entries[i].kind == kind)
            return &s->entries[i];
    return NULL;
}

static struct entry fresh_entry(enum entry_kind kind, const struct mm_txt_file *file, uint32_t line)
{
    struct entry e = {.kind = (uint8_t)kind, .seen = INT64_MIN};
    e.answer = (struct mm_txt_answer){.status = MM_TXT_NOERROR,
                                      .from = INT64_MIN,
                                      .until = INT64_MAX,
                                      .source = file->name,
                                      .line = line};
    return e;
}

/* One more record; room doubles each time their number is a power of two. */
static enum mm_status append_record(struct mm_txt_store *s, struct mm_txt_answer *answer,
                                    struct mm_view record, const char **fault)
{
    size_t n = answer->record_count;
    for (size_t i = 0; i < n; i++)
        if (mm_view_eq(answer->records[i], record))
            return MM_OK;
    if (n == MM_TXT_RECORDS_MAX) {
        *fault = "more than 64 TXT records of one name";
        return MM_E_LIMIT;
    }
    struct mm_view *views = (struct mm_view *)answer->records; /* the store's own */
    if ((n & (n - 1)) == 0) {
        views = take_views(s, n ? 2 * n : 1);
        if (!views)
            return MM_E_NOMEM;
        if (n)
            memcpy(views, answer->records, n * sizeof *views);
    }
    views[n] = record;
    answer->records = views;
    answer->record_count = n + 1;
    return MM_OK;
}

enum mm_status mm_txt_put_record(struct mm_txt_store *store, struct mm_view name,
                                 struct mm_view record, const struct mm_txt_file *file,
                                 uint32_t line, const char **fault)
{
    struct name *n;
    MM_TRY(name_for(store, name, &n));
    note_in_zone(store, n, name);
    if (entry_of_kind(store, n, IS_ALIAS)) {
        *fault = "TXT beside a CNAME of the same name";
        return MM_E_SYNTAX;
    }
    struct entry *e = entry_of_kind(store, n, FROM_ZONE);
    if (!e) {
        MM_TRY(link_entry(store, n, fresh_entry(FROM_ZONE, file, line)));
        e = &store->entries[n->last];
    }
    return append_record(store, &e->answer, record, fault);
}

void mm_txt_note_long_string(struct mm_txt_store *store, struct mm_view name)
{
    uint32_t at;
    struct entry *e = mm_map_get(&store->index, name, &at)
                          ? entry_of_kind(store, &store->names[at], FROM_ZONE)
                          : NULL;
    if (e)
        e->answer.long_string = true;
}

enum mm_status mm_txt_put_alias(struct mm_txt_store *store, struct mm_view name,
                                struct mm_view target, const struct mm_txt_file *file,
                                uint32_t line, const char **fault)
{
    struct name *n;
    MM_TRY(name_for(store, name, &n));
    note_in_zone(store, n, name);
    struct entry *e = entry_of_kind(store, n, IS_ALIAS);
    if (e && mm_view_eq(e->answer.records[0], target))
        return MM_OK;
    if (n->last) {
        *fault = "CNAME beside another record of the same name";
        return MM_E_SYNTAX;
    }
    struct entry fresh = fresh_entry(IS_ALIAS, file, line);
    struct mm_view copy = mm_txt_store_copy(store, target);
    if (!copy.data)
        return MM_E_NOMEM;
    MM_TRY(append_record(store, &fresh.answer, copy, fault));
    return link_entry(store, n, fresh);
}

enum mm_status mm_txt_put_answer(struct mm_txt_store *store, struct mm_view name,
                                 const struct mm_txt_answer *answer, int64_t seen,
                                 const struct mm_txt_file *file, const char **fault)
{
    struct name *n;
    MM_TRY(name_for(store, name, &n));
    if (n->count == MM_TXT_ANSWERS_MAX) {
        *fault = "more than 4096 answers of one name";
        return MM_E_LIMIT;
    }
    struct entry e = fresh_entry(FROM_RECORDING, file, answer->line);
    e.seen = seen;
    e.answer.status = answer->status;
    e.answer.from = answer->from;
    e.answer.until = answer->until;
    e.answer.ad = answer->ad;
    if (answer->record_count) {
        struct mm_view *views = take_views(store, answer->record_count);
        if (!views)
            return MM_E_NOMEM;
        memcpy(views, answer->records, answer->record_count * sizeof *views);
        e.answer.records = views;
        e.answer.record_count = answer->record_count;
    }
    return link_entry(store, n, e);
}

/* ---- finding ---- */

static bool has_window(const struct entry *e)
{
    return e->answer.from != INT64_MIN || e->answer.until != INT64_MAX;
}

/* Of two answers, is `a` nearer to `at`: the latest not after it, else the earliest after it? The
 * list runs from the last line to the first, and of equals the last line counts. */
static bool is_nearer(const struct entry *a, const struct entry *b, int64_t at)
{
    if ((a->seen <= at) != (b->seen <= at))
        return a->seen <= at;
    return a->seen <= at ? a->seen > b->seen : a->seen < b->seen;
}

static const struct entry *entry_in_force(const struct mm_txt_store *s, const struct name *name,
                                          int64_t at)
{
    const struct entry *best = NULL;
    for (uint32_t i = name->last; i; i = s->entries[i].next) {
        const struct entry *e = &s->entries[i];
        if (at < e->answer.from || at > e->answer.until)
            continue;
        if (!best || has_window(e) > has_window(best) ||
            (has_window(e) == has_window(best) && is_nearer(e, best, at)))
            best = e;
    }
    return best;
}

/* The wildcard's records or alias for a name that has no answers of its own. Of a recording it has
 * none: those are exact. */
static const struct entry *entry_of_wildcard(const struct mm_txt_store *s, struct mm_view name)
{
    char source[MM_ZONE_SOURCE_MAX_BYTES];
    size_t len;
    uint32_t index;
    if (!s->has_wildcard || !mm_zone_names_source(&s->tree, name, source, &len) ||
        !mm_map_get(&s->index, (struct mm_view){source, len}, &index))
        return NULL;
    const struct entry *e = entry_of_kind(s, &s->names[index], FROM_ZONE);
    return e ? e : entry_of_kind(s, &s->names[index], IS_ALIAS);
}

static const struct entry *entry_for(const struct mm_txt_store *s, struct mm_view name, int64_t at)
{
    uint32_t index;
    if (mm_map_get(&s->index, name, &index) && s->names[index].last)
        return entry_in_force(s, &s->names[index], at);
    return entry_of_wildcard(s, name);
}

/* Follow the name to its answer; `name` is in the table's form. */
static const struct entry *resolve(const struct mm_txt_store *s, struct mm_view name, int64_t at)
{
    for (int hops = 0; hops <= MM_TXT_ALIASES_MAX; hops++) {
        const struct entry *e = entry_for(s, name, at);
        if (!e)
            return &s->entries[NOT_RECORDED];
        if (e->kind != IS_ALIAS)
            return e;
        name = e->answer.records[0];
    }
    return &s->entries[ALIAS_LOOP];
}

const struct mm_txt_answer *mm_txt_store_find(const struct mm_txt_store *store, struct mm_view name,
                                              int64_t at)
{
    char lower[MM_TXT_NAME_MAX_BYTES];
    if (name.len && name.data[name.len - 1] == '.')
        name.len--;
    if (name.len > sizeof lower)
        return &store->entries[NOT_RECORDED].answer;
    for (size_t i = 0; i < name.len; i++)
        lower[i] = (char)mm_ascii_lower((unsigned char)name.data[i]);
    return &resolve(store, (struct mm_view){lower, name.len}, at)->answer;
}

size_t mm_txt_store_size(const struct mm_txt_store *store)
{
    return store->entry_count;
}

/* Base64 of n bits has n / 6 characters; a parsed key takes 1.25 n bytes and some. A key of 8192
 * bits fits 1536 characters, a longer one is refused. */
size_t mm_txt_parsed_bytes(const struct mm_txt_answer *answer)
{
    enum { FIXED_BYTES = 1344, BYTES_A_CHARACTER = 8, CHARACTERS_MAX = 1536 };
    size_t total = 0;
    for (size_t i = 0; i < answer->record_count; i++) {
        size_t len = answer->records[i].len;
        total += FIXED_BYTES + BYTES_A_CHARACTER * (len < CHARACTERS_MAX ? len : CHARACTERS_MAX);
    }
    return total;
}

size_t mm_txt_store_parsed_bytes(const struct mm_txt_store *store)
{
    size_t total = 0;
    for (size_t i = 0; i < store->entry_count; i++)
        total += mm_txt_parsed_bytes(&store->entries[i].answer);
    return total;
}

void mm_txt_store_note_text(struct mm_txt_store *store, struct mm_view text)
{
    store->hash = mm_hash128_chain(store->hash, text);
}

struct mm_hash128 mm_txt_store_hash(const struct mm_txt_store *store)
{
    return store->hash;
}
