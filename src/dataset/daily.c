/*
 * daily.c - the records of a dataset summed by domain, day, reporter, disposition and alignment.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dataset/daily.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/word.h"
#include "dataset/report_tables.h"

/* Sums of one domain and day that are held: of a million reporters. Where a stranger's texts take
 * more, what there is so far is told as rows that the writer of `daily` adds up. */
enum { GROUP_MAX_BYTES = 64 * 1024 * 1024 };

struct mm_daily_sum {
    struct mm_view org_name, disposition; /* absent: data NULL */
    bool dkim_aligned, spf_aligned;
    int64_t records, messages;
};

/* The columns of a record that matter. */
enum { DATE, ORG_NAME, POLICY_DOMAIN, COUNT, DISPOSITION, DKIM_ALIGNED, SPF_ALIGNED, PICKED };
static const uint8_t picked[PICKED] = {
    [DATE] = MM_RECORD_DATE,
    [ORG_NAME] = MM_RECORD_ORG_NAME,
    [POLICY_DOMAIN] = MM_RECORD_POLICY_DOMAIN,
    [COUNT] = MM_RECORD_COUNT,
    [DISPOSITION] = MM_RECORD_DISPOSITION,
    [DKIM_ALIGNED] = MM_RECORD_DKIM_ALIGNED,
    [SPF_ALIGNED] = MM_RECORD_SPF_ALIGNED,
};

struct record {
    struct mm_view policy_domain, org_name, disposition;
    int64_t date, count;
    bool dkim_aligned, spf_aligned;
};

static enum mm_status no_memory(struct mm_error *err)
{
    return mm_fail(err, MM_E_NOMEM, "no memory for the sums of a day");
}

void mm_daily_init(struct mm_daily *daily)
{
    mm_row_pick_init(&daily->pick, &mm_report_tables[MM_TABLE_DMARC_RECORDS], picked, PICKED);
    mm_arena_init(&daily->arena, GROUP_MAX_BYTES);
    mm_buf_init(&daily->group, MM_ROW_BYTES_MAX);
    mm_buf_init(&daily->key, MM_ROW_BYTES_MAX);
    mm_buf_init(&daily->row, MM_ROW_BYTES_MAX);
}

void mm_daily_deinit(struct mm_daily *daily)
{
    mm_arena_deinit(&daily->arena);
    mm_map_deinit(&daily->places);
    mm_buf_deinit(&daily->group);
    mm_buf_deinit(&daily->key);
    mm_buf_deinit(&daily->row);
    free(daily->sums);
}

/* ---- counts ---- */

/* The last columns of a row. */
enum { COUNT_RECORDS, COUNT_MESSAGES, COUNTS, COUNTS_BYTES = COUNTS * sizeof(int64_t) };

static int64_t sum_of(int64_t a, int64_t b)
{
    int64_t sum;
    bool beyond = a == INT64_MAX || b == INT64_MAX || __builtin_add_overflow(a, b, &sum);
    return beyond ? INT64_MAX : sum;
}

void mm_daily_merge(char *row, const char *other, size_t len)
{
    int64_t counts[COUNTS], more[COUNTS];
    memcpy(counts, row + len - COUNTS_BYTES, sizeof counts);
    memcpy(more, other + len - COUNTS_BYTES, sizeof more);
    for (size_t i = 0; i < COUNTS; i++)
        counts[i] = sum_of(counts[i], more[i]);
    memcpy(row + len - COUNTS_BYTES, counts, sizeof counts);
}

bool mm_daily_counts(struct mm_view row)
{
    int64_t counts[COUNTS];
    memcpy(counts, row.data + row.len - COUNTS_BYTES, sizeof counts);
    return counts[COUNT_RECORDS] != 0;
}

struct mm_view mm_daily_what(struct mm_view row)
{
    return mm_view_sub(row, 0, row.len - COUNTS_BYTES);
}

/* ---- sums ---- */

static bool read_record(const struct mm_daily *daily, struct mm_view row, struct record *record)
{
    struct mm_row_value values[PICKED];
    if (!mm_row_pick_take(&daily->pick, row, values))
        return false;
    *record = (struct record){.policy_domain = values[POLICY_DOMAIN].text,
                              .org_name = values[ORG_NAME].text,
                              .disposition = values[DISPOSITION].text,
                              .date = values[DATE].integer,
                              .count = values[COUNT].integer,
                              .dkim_aligned = values[DKIM_ALIGNED].integer,
                              .spf_aligned = values[SPF_ALIGNED].integer};
    return true;
}

/* Absent and empty are told apart; lengths stand before texts. */
static void add_text(struct mm_buf *out, struct mm_view text)
{
    int64_t len = text.data ? (int64_t)text.len : -1;
    mm_buf_append(out, (struct mm_view){(const char *)&len, sizeof len});
    mm_buf_append(out, text);
}

/* Whether the group at hand is the record's: rows come sorted by domain and day. */
static bool is_in_group(struct mm_view group, const struct record *record)
{
    int64_t head[2] = {record->date,
                       record->policy_domain.data ? (int64_t)record->policy_domain.len : -1};
    return group.len == sizeof head + record->policy_domain.len &&
           memcmp(group.data, head, sizeof head) == 0 &&
           mm_word_same(group.data + sizeof head, record->policy_domain.data,
                        record->policy_domain.len);
}

static void put_group_name(struct mm_buf *out, const struct record *record)
{
    mm_buf_clear(out);
    mm_buf_append(out, (struct mm_view){(const char *)&record->date, sizeof record->date});
    add_text(out, record->policy_domain);
}

static struct mm_view key_of(struct mm_buf *out, const struct record *record)
{
    mm_buf_clear(out);
    mm_buf_append_char(out, (char)(record->dkim_aligned << 1 | record->spf_aligned));
    add_text(out, record->org_name);
    add_text(out, record->disposition);
    return mm_buf_view(out);
}

static enum mm_status put_sum(struct mm_daily *daily, const struct mm_daily_sum *sum,
                              struct mm_error *err)
{
    struct mm_row_writer w;
    struct mm_view row, group = mm_buf_view(&daily->group);
    int64_t date, domain_len;
    memcpy(&date, group.data, sizeof date);
    memcpy(&domain_len, group.data + sizeof date, sizeof domain_len);
    struct mm_view domain = {NULL, 0};
    if (domain_len >= 0)
        domain = (struct mm_view){group.data + 2 * sizeof date, (size_t)domain_len};
    mm_buf_clear(&daily->row);
    mm_row_writer_init(&w, &mm_work_tables[MM_TABLE_DAILY], &daily->row);
    mm_row_begin(&w);
    mm_row_string_or_null(&w, domain);
    mm_row_int(&w, date);
    mm_row_string_or_null(&w, sum->org_name);
    mm_row_string_or_null(&w, sum->disposition);
    mm_row_bool(&w, sum->dkim_aligned);
    mm_row_bool(&w, sum->spf_aligned);
    mm_row_int(&w, daily->negative ? -sum->records : sum->records);
    mm_row_int(&w, daily->negative ? -sum->messages : sum->messages);
    return mm_row_end(&w, &row) == MM_OK ? daily->take(daily->context, row, err) : no_memory(err);
}

/* The sums of the domain and day at hand are whole, or no more of them can be held. */
static enum mm_status put_group(struct mm_daily *daily, struct mm_error *err)
{
    daily->told = daily->told || daily->count;
    for (uint32_t i = 0; i < daily->count; i++)
        MM_TRY(put_sum(daily, &daily->sums[i], err));
    daily->count = 0;
    mm_map_deinit(&daily->places);
    mm_arena_reset(&daily->arena);
    return MM_OK;
}

/* A text that lives as long as the group; absent stays absent. */
static bool keep(struct mm_daily *daily, struct mm_view *text)
{
    if (text->data)
        *text = mm_arena_copy(&daily->arena, *text);
    return text->data != NULL;
}

static bool same_text(struct mm_view a, struct mm_view b)
{
    return a.len == b.len && !a.data == !b.data && mm_word_same(a.data, b.data, a.len);
}

static bool is_sum_of(const struct mm_daily_sum *sum, const struct record *record)
{
    return sum->dkim_aligned == record->dkim_aligned && sum->spf_aligned == record->spf_aligned &&
           same_text(sum->disposition, record->disposition) &&
           same_text(sum->org_name, record->org_name);
}

static uint64_t word_of(struct mm_view text)
{
    if (text.len < MM_WORD_BYTES)
        return mm_word_load_part(text.data, text.len);
    return mm_word_load(text.data) ^
           mm_word_load(text.data + text.len - MM_WORD_BYTES) * UINT64_C(0x9e3779b97f4a7c15);
}

/* Equal for what one sum is of, and mostly for nothing else. */
static uint64_t tag_of(const struct record *record)
{
    uint64_t tag = word_of(record->org_name) * UINT64_C(0xff51afd7ed558ccd);
    return (tag ^ word_of(record->disposition)) * 4 +
           (uint64_t)(record->dkim_aligned << 1 | record->spf_aligned);
}

/* Most days have few: the first of them are looked through, those behind them are found by a map.
 * NULL: there is none yet; *key is what it is to be found by. */
static struct mm_daily_sum *find_sum(struct mm_daily *daily, const struct record *record,
                                     uint64_t tag, struct mm_view *key)
{
    uint32_t place, few = daily->count < MM_DAILY_FEW ? daily->count : MM_DAILY_FEW;
    for (uint32_t i = 0; i < few; i++)
        if (daily->tags[i] == tag && is_sum_of(&daily->sums[i], record))
            return &daily->sums[i];
    if (daily->count < MM_DAILY_FEW)
        return NULL;
    *key = key_of(&daily->key, record);
    return !daily->key.failed && mm_map_get(&daily->places, *key, &place) ? &daily->sums[place]
                                                                          : NULL;
}

static struct mm_daily_sum *new_sum(struct mm_daily *daily, const struct record *record,
                                    uint64_t tag, struct mm_view key)
{
    if (daily->count == daily->cap) {
        uint32_t cap = daily->cap ? 2 * daily->cap : 64;
        struct mm_daily_sum *grown = realloc(daily->sums, cap * sizeof *grown);
        if (!grown)
            return NULL;
        daily->sums = grown;
        daily->cap = cap;
    }
    struct mm_daily_sum sum = {.org_name = record->org_name,
                               .disposition = record->disposition,
                               .dkim_aligned = record->dkim_aligned,
                               .spf_aligned = record->spf_aligned};
    bool in_map = daily->count >= MM_DAILY_FEW;
    if ((sum.org_name.data && !keep(daily, &sum.org_name)) ||
        (sum.disposition.data && !keep(daily, &sum.disposition)) ||
        (in_map && !keep(daily, &key)) ||
        (in_map && mm_map_put(&daily->places, key, daily->count) != MM_OK))
        return NULL;
    if (!in_map)
        daily->tags[daily->count] = tag;
    daily->sums[daily->count] = sum;
    return &daily->sums[daily->count++];
}

/* The sum that a record belongs to, a new one where there is none yet. */
static enum mm_status sum_for(struct mm_daily *daily, const struct record *record,
                              struct mm_daily_sum **sum, struct mm_error *err)
{
    struct mm_view key = {NULL, 0};
    uint64_t tag = tag_of(record);
    *sum = find_sum(daily, record, tag, &key);
    if (daily->key.failed || daily->group.failed)
        return no_memory(err);
    if (*sum || (*sum = new_sum(daily, record, tag, key)))
        return MM_OK;
    MM_TRY(put_group(daily, err));
    *sum = new_sum(daily, record, tag, key);
    return *sum ? MM_OK : no_memory(err);
}

enum mm_status mm_daily_add(struct mm_daily *daily, struct mm_view record_row, struct mm_error *err)
{
    struct record record;
    if (!read_record(daily, record_row, &record))
        return mm_fail(err, MM_E_BUG, "a record that is no row of its table");
    if (!is_in_group(mm_buf_view(&daily->group), &record)) {
        MM_TRY(put_group(daily, err));
        put_group_name(&daily->group, &record);
    }
    struct mm_daily_sum *sum;
    MM_TRY(sum_for(daily, &record, &sum, err));
    sum->records++;
    sum->messages = sum_of(sum->messages, record.count);
    return MM_OK;
}

enum mm_status mm_daily_end(struct mm_daily *daily, struct mm_error *err)
{
    return put_group(daily, err);
}
