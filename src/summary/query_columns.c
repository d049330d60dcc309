/*
 * query_columns.c - the columns that queries look at, as numbers: one look-up a dictionary entry.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "summary/query_columns.h"

#include <assert.h>
#include <stdlib.h>

#include "report/plain_value.h"
#include "summary/calendar.h"

/* ---- what is looked at ---- */

static size_t member_of(const struct mm_column *column, struct mm_view name)
{
    for (size_t i = 0; i < column->member_count; i++)
        if (mm_view_eq(mm_view_of(column->members[i].name), name))
            return i;
    assert(!"a member that the schema has not");
    return 0;
}

static struct mm_query_leaf find_leaf(const struct mm_table_schema *schema, struct mm_view name)
{
    struct mm_view column, member;
    bool has_member = mm_view_cut(name, '.', &column, &member);
    for (size_t i = 0; i < schema->column_count; i++) {
        const struct mm_column *c = &schema->columns[i];
        if (mm_view_eq(mm_view_of(c->field.name), column))
            return (struct mm_query_leaf){.column = i,
                                          .member = has_member ? member_of(c, member) : 0,
                                          .list = c->shape != MM_COLUMN_SCALAR};
    }
    assert(!"a column that the schema has not");
    return (struct mm_query_leaf){.column = 0};
}

static size_t add_leaf(struct mm_query_columns *all, struct mm_query_leaf leaf)
{
    assert(all->leaf_count < MM_QUERY_LEAVES_MAX);
    all->leaves[all->leaf_count] = leaf;
    return all->leaf_count++;
}

size_t mm_query_columns_leaf(struct mm_query_columns *all, const char *name)
{
    struct mm_query_leaf leaf = find_leaf(all->schema, mm_view_of(name));
    for (size_t i = 0; i < all->leaf_count; i++)
        if (all->leaves[i].column == leaf.column && all->leaves[i].member == leaf.member)
            return i;
    return add_leaf(all, leaf);
}

size_t mm_query_columns_any_of(struct mm_query_columns *all, const char *list)
{
    struct mm_query_leaf first = find_leaf(all->schema, mm_view_of(list));
    for (size_t i = 0; i < all->leaf_count; i++)
        if (all->leaves[i].column == first.column)
            return i;
    return add_leaf(all, first);
}

size_t mm_query_columns_key(struct mm_query_columns *all, const struct mm_key *key)
{
    size_t leaf = mm_query_columns_leaf(all, key->column);
    size_t other = key->other ? mm_query_columns_leaf(all, key->other) : leaf;
    for (size_t i = 0; i < all->key_count; i++)
        if (all->keys[i].kind == key->kind && all->keys[i].leaf == leaf &&
            all->keys[i].other == other)
            return i;
    assert(all->key_count < MM_QUERY_KEYS_MAX);
    all->keys[all->key_count] =
        (struct mm_query_key){.kind = key->kind, .leaf = leaf, .other = other};
    return all->key_count++;
}

size_t mm_query_columns_list(const struct mm_query_columns *all, size_t *columns)
{
    size_t count = 0;
    for (size_t i = 0; i < all->leaf_count; i++) {
        size_t k = 0;
        while (k < count && columns[k] != all->leaves[i].column)
            k++;
        columns[k] = all->leaves[i].column;
        count += k == count;
    }
    return count;
}

/* ---- the rows at hand ---- */

void mm_query_rows_init(struct mm_query_rows *rows, const struct mm_query_columns *all)
{
    *rows = (struct mm_query_rows){.all = all};
    mm_arena_init(&rows->folded, all->words->max_bytes);
}

void mm_query_rows_deinit(struct mm_query_rows *rows)
{
    for (size_t i = 0; i < MM_QUERY_LEAVES_MAX; i++) {
        for (size_t k = 0; k < MM_KEY_TEXT_KINDS; k++) {
            free(rows->leaves[i].forms[k].map.at);
            free(rows->leaves[i].forms[k].codes.at);
        }
    }
    mm_arena_deinit(&rows->folded);
    for (size_t i = 0; i < MM_QUERY_KEYS_MAX; i++)
        free(rows->made[i].at);
}

void mm_query_rows_turn(struct mm_query_rows *rows, const struct mm_table_reader *reader)
{
    rows->reader = reader;
    for (size_t i = 0; i < MM_QUERY_LEAVES_MAX; i++)
        for (size_t k = 0; k < MM_KEY_TEXT_KINDS; k++)
            rows->leaves[i].forms[k].serial = 0;
}

static enum mm_status out_of_memory(struct mm_error *err)
{
    return mm_fail(err, MM_E_NOMEM, "no memory for the rows of a page");
}

static enum mm_status room(struct mm_query_words *words, size_t count, struct mm_error *err)
{
    if (count <= words->cap)
        return MM_OK;
    free(words->at);
    words->cap = 0;
    if (!(words->at = malloc(count * sizeof *words->at)))
        return out_of_memory(err);
    words->cap = count;
    return MM_OK;
}

/* ---- texts ---- */

/* IPv4 lies in ::ffff:0:0/96 (RFC 4291 section 2.5.5.2), so its /24 is a /120. */
static struct mm_view net_of(struct mm_view address, char net[MM_ADDRESS_BYTES])
{
    static const char mapped[12] = {[10] = (char)0xff, [11] = (char)0xff};
    enum { V4_BYTES = 15, V6_BYTES = 6 };
    bool v4 = memcmp(address.data, mapped, sizeof mapped) == 0;
    memset(net, 0, MM_ADDRESS_BYTES);
    memcpy(net, address.data, v4 ? V4_BYTES : V6_BYTES);
    return (struct mm_view){net, MM_ADDRESS_BYTES};
}

/* What hosts make of a local part is their affair; a text without an '@' is no address. */
static struct mm_view mailbox_of(struct mm_view address, struct mm_arena *arena)
{
    bool bad; /* characters that make no A-label are kept */
    if (!address.len || !memchr(address.data, '@', address.len))
        return address;
    return mm_plain_domain(address, arena, &address, &bad) == MM_OK ? address
                                                                    : (struct mm_view){NULL, 0};
}

/* A text as a kind of keys wants it. Without data where there is no memory. */
static struct mm_view text_for(enum mm_key_kind kind, struct mm_view text,
                               char net[MM_ADDRESS_BYTES], struct mm_arena *arena)
{
    if (kind == MM_KEY_NET && text.len == MM_ADDRESS_BYTES)
        return net_of(text, net);
    return kind == MM_KEY_MAILBOX ? mailbox_of(text, arena) : text;
}

static enum mm_status look_up(struct mm_query_rows *rows, const struct mm_view *texts, size_t count,
                              enum mm_key_kind kind, uint32_t *codes, struct mm_error *err)
{
    enum { AT_ONCE = 256 };
    char nets[AT_ONCE][MM_ADDRESS_BYTES];
    struct mm_view made[AT_ONCE];
    for (size_t done = 0, n; done < count; done += n) {
        bool good = true;
        n = count - done < AT_ONCE ? count - done : AT_ONCE;
        mm_arena_reset(&rows->folded);
        for (size_t i = 0; good && i < n; i++) {
            made[i] = text_for(kind, texts[done + i], nets[i], &rows->folded);
            good = made[i].data || !texts[done + i].data;
        }
        if (!good || !mm_word_codes_of(rows->all->words, made, n, codes + done))
            return mm_fail(err, MM_E_LIMIT,
                           "more texts in %s than memory allows for: choose fewer rows by domain "
                           "or days, or give more memory",
                           rows->all->schema->name);
    }
    return MM_OK;
}

/* Slots without a text are not looked at: what stands there says nothing. */
static enum mm_status make_codes(struct mm_query_rows *rows, struct mm_query_leaf_state *s,
                                 enum mm_key_kind kind, struct mm_error *err)
{
    const struct mm_table_vector *v = s->vector;
    const uint32_t *map = s->forms[kind].map.at;
    struct mm_query_words *out = &s->forms[kind].codes;
    MM_TRY(room(out, s->slot_end, err));
    if (!v) {
        memset(out->at, 0, s->slot_end * sizeof *out->at);
        return MM_OK;
    }
    if (v->codes) {
        for (size_t i = 0; i < s->slot_end; i++)
            out->at[i] = mm_query_is_null(v, i) ? MM_WORD_NONE : map[v->codes[i]];
        return MM_OK;
    }
    MM_TRY(look_up(rows, v->texts, s->slot_end, kind, out->at, err));
    for (size_t i = 0; v->null && i < s->slot_end; i++)
        if (v->null[i])
            out->at[i] = MM_WORD_NONE;
    return MM_OK;
}

/* A dictionary is looked up when it is new, and only for what is asked of it. */
static enum mm_status need_map(struct mm_query_rows *rows, struct mm_query_leaf_state *s,
                               enum mm_key_kind kind, struct mm_error *err)
{
    const struct mm_table_vector *v = s->vector;
    struct mm_query_form *form = &s->forms[kind];
    if (!v || !v->codes || form->serial == v->dictionary_serial)
        return MM_OK;
    MM_TRY(room(&form->map, v->dictionary_count, err));
    MM_TRY(look_up(rows, v->dictionary, v->dictionary_count, kind, form->map.at, err));
    form->serial = v->dictionary_serial;
    return MM_OK;
}

static enum mm_status need_codes(struct mm_query_rows *rows, size_t leaf, enum mm_key_kind kind,
                                 const uint32_t **codes, struct mm_error *err)
{
    struct mm_query_leaf_state *s = &rows->leaves[leaf];
    struct mm_query_form *form = &s->forms[kind];
    if (!form->is_made) {
        MM_TRY(need_map(rows, s, kind, err));
        MM_TRY(make_codes(rows, s, kind, err));
        form->is_made = true;
    }
    *codes = form->codes.at;
    return MM_OK;
}

enum mm_status mm_query_rows_codes(struct mm_query_rows *rows, size_t leaf, const uint32_t **codes,
                                   struct mm_error *err)
{
    return need_codes(rows, leaf, MM_KEY_TEXT, codes, err);
}

/* ---- keys ---- */

static uint32_t number_key(int64_t number)
{
    int64_t least = INT32_MIN + 1; /* below it is what stands for an absent one */
    return (uint32_t)(int32_t)(number < least ? least : number > INT32_MAX ? INT32_MAX : number);
}

static uint32_t id_key(int64_t id)
{
    uint64_t h = (uint64_t)id * 0x9e3779b97f4a7c15u;
    uint32_t key = (uint32_t)(h ^ h >> 32);
    return key == MM_KEY_NULL ? 0 : key;
}

static uint32_t key_of_number(enum mm_key_kind kind, bool is_time, int64_t number)
{
    if (kind == MM_KEY_NUMBER)
        return number_key(number);
    if (kind == MM_KEY_ID)
        return id_key(number);
    int64_t day = is_time ? mm_day_of_time(number) : number;
    return number_key(kind == MM_KEY_WEEK    ? mm_week_of(day)
                      : kind == MM_KEY_MONTH ? mm_month_of(day)
                                             : day);
}

static bool is_time(const struct mm_query_rows *rows, size_t leaf)
{
    const struct mm_query_columns *all = rows->all;
    return all->schema->columns[all->leaves[leaf].column].field.type == MM_VALUE_TIMESTAMP;
}

static void make_numbers(struct mm_query_rows *rows, const struct mm_query_key *key, uint32_t *out)
{
    const struct mm_query_leaf_state *s = &rows->leaves[key->leaf], *o = &rows->leaves[key->other];
    bool time = is_time(rows, key->leaf), other_time = is_time(rows, key->other);
    for (size_t i = 0; i < s->slot_end; i++)
        out[i] = !mm_query_is_null(s->vector, i)
                     ? key_of_number(key->kind, time, s->vector->numbers[i])
                 : !mm_query_is_null(o->vector, i)
                     ? key_of_number(key->kind, other_time, o->vector->numbers[i])
                     : MM_KEY_NULL;
}

static enum mm_status make_key(struct mm_query_rows *rows, size_t at, struct mm_error *err)
{
    const struct mm_query_key *key = &rows->all->keys[at];
    const uint32_t *others = NULL;
    size_t slot_end = rows->leaves[key->leaf].slot_end;
    if (mm_key_is_text(key->kind)) {
        MM_TRY(need_codes(rows, key->leaf, key->kind, &rows->keys[at], err));
        if (key->other == key->leaf)
            return MM_OK;
        MM_TRY(need_codes(rows, key->other, key->kind, &others, err));
    }
    MM_TRY(room(&rows->made[at], slot_end, err));
    uint32_t *out = rows->made[at].at;
    if (others)
        for (size_t i = 0; i < slot_end; i++)
            out[i] = rows->keys[at][i] ? rows->keys[at][i] : others[i];
    else
        make_numbers(rows, key, out);
    rows->keys[at] = out;
    return MM_OK;
}

static void begin_list(struct mm_query_leaf_state *s, size_t row_count)
{
    struct mm_table_vector *v = &s->of_list;
    *v = *s->vector;
    uint32_t first = v->offsets[0];
    v->null = v->null ? v->null + first : NULL;
    v->numbers = v->numbers ? v->numbers + first : NULL;
    v->texts = v->texts ? v->texts + first : NULL;
    v->codes = v->codes ? v->codes + first : NULL;
    s->vector = v;
    s->slot_end = mm_query_slot(s, row_count);
}

static void begin_leaf(struct mm_query_rows *rows, size_t leaf)
{
    const struct mm_query_leaf *of = &rows->all->leaves[leaf];
    struct mm_query_leaf_state *s = &rows->leaves[leaf];
    s->vector = mm_table_reader_vector(rows->reader, of->column, of->member);
    s->slot_end = of->list ? 0 : rows->row_count;
    if (of->list && s->vector)
        begin_list(s, rows->row_count);
    for (size_t i = 0; i < MM_KEY_TEXT_KINDS; i++)
        s->forms[i].is_made = false;
}

enum mm_status mm_query_rows_next(struct mm_query_rows *rows, size_t row_count,
                                  struct mm_error *err)
{
    rows->row_count = row_count;
    for (size_t i = 0; i < rows->all->leaf_count; i++)
        begin_leaf(rows, i);
    for (size_t i = 0; i < rows->all->key_count; i++)
        MM_TRY(make_key(rows, i, err));
    return MM_OK;
}
