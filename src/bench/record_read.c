/*
 * record_read.c - a baseline: the record of an earlier run, read back and checked.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/view.h"
#include "bench/record.h"
#include "io/slurp.h"
#include "text/json_pull.h"

/* Beyond them is no measurement, and what is computed from it stays finite. */
static const double NUMBER_MAX = 1e15, RATIO_MIN = 1e-9;

struct reader {
    struct mm_json_pull json;
    struct mm_json_token token;
    const char *name;
    struct mm_error *err;
};

static enum mm_status bad(struct reader *r, const char *what)
{
    return mm_fail_at(r->err, MM_E_SYNTAX, r->token.offset, "%s: offset %zu: %s", r->name,
                      r->token.offset, what);
}

static enum mm_status next(struct reader *r)
{
    enum mm_status st = mm_json_pull_next(&r->json, &r->token);
    if (st == MM_OK)
        return MM_OK;
    r->token.offset = r->json.at;
    return bad(r, st == MM_E_LIMIT ? "nested too deeply" : "no JSON");
}

static enum mm_status want(struct reader *r, enum mm_json_kind kind, const char *what)
{
    MM_TRY(next(r));
    return r->token.kind == kind ? MM_OK : bad(r, what);
}

/* ---- values ---- */

static enum mm_status read_text(struct reader *r, char *out, size_t cap)
{
    MM_TRY(want(r, MM_JSON_STRING, "a text is expected"));
    if (r->token.text.len >= cap)
        return bad(r, "the text is too long");
    size_t len = mm_json_unescape(r->token.text, true, out);
    out[len] = '\0';
    return strlen(out) == len ? MM_OK : bad(r, "a text with a NUL");
}

static enum mm_status read_number(struct reader *r, double *out)
{
    char digits[64], *end;
    MM_TRY(want(r, MM_JSON_NUMBER, "a number is expected"));
    if (r->token.text.len >= sizeof digits)
        return bad(r, "the number is too long");
    memcpy(digits, r->token.text.data, r->token.text.len);
    digits[r->token.text.len] = '\0';
    *out = strtod(digits, &end);
    if (*end || !isfinite(*out) || *out < 0 || *out > NUMBER_MAX)
        return bad(r, "no number of a measurement");
    return MM_OK;
}

static enum mm_status read_count(struct reader *r, uint64_t *out)
{
    double value;
    MM_TRY(read_number(r, &value));
    *out = (uint64_t)value;
    return (double)*out == value ? MM_OK : bad(r, "a whole number is expected");
}

static enum mm_status read_flag(struct reader *r, bool *out)
{
    MM_TRY(next(r));
    *out = r->token.kind == MM_JSON_TRUE;
    return *out || r->token.kind == MM_JSON_FALSE ? MM_OK : bad(r, "true or false is expected");
}

/* ---- objects: members by name, each once, none of those that must be missing ---- */

enum kind { TEXT, NUMBER, COUNT, FLAG, OBJECT };
struct member {
    const char *name;
    enum kind kind;
    size_t field, size;                                  /* in the struct that is filled */
    enum mm_status (*read)(struct reader *r, void *out); /* OBJECT */
    bool may_miss;
};

enum { MEMBERS_MAX = 32 };

static enum mm_status read_member(struct reader *r, const struct member *m, void *out)
{
    char *at = (char *)out + m->field;
    switch (m->kind) {
    case TEXT:
        return read_text(r, at, m->size);
    case NUMBER:
        return read_number(r, (double *)(void *)at);
    case COUNT:
        return read_count(r, (uint64_t *)(void *)at);
    case FLAG:
        return read_flag(r, (bool *)at);
    case OBJECT:
        return m->read(r, at);
    }
    return MM_E_BUG;
}

static const struct member *member_named(const struct member *members, size_t count,
                                         struct mm_view name)
{
    for (size_t i = 0; i < count; i++)
        if (mm_view_eq(name, mm_view_of(members[i].name)))
            return &members[i];
    return NULL;
}

/* Behind the bracket that opens it. */
static enum mm_status read_members(struct reader *r, const struct member *members, size_t count,
                                   void *out)
{
    uint32_t seen = 0;
    for (;;) {
        MM_TRY(next(r));
        if (r->token.kind == MM_JSON_OBJECT_END)
            break;
        const struct member *m = member_named(members, count, r->token.text);
        if (!m) {
            if (mm_json_pull_skip(&r->json) != MM_OK)
                return bad(r, "no JSON");
            continue;
        }
        uint32_t bit = UINT32_C(1) << (m - members);
        if (seen & bit)
            return bad(r, "a member comes twice");
        seen |= bit;
        MM_TRY(read_member(r, m, out));
    }
    for (size_t i = 0; i < count; i++)
        if (!(seen >> i & 1) && !members[i].may_miss)
            return mm_fail_at(r->err, MM_E_SYNTAX, r->token.offset,
                              "%s: offset %zu: no member \"%s\"", r->name, r->token.offset,
                              members[i].name);
    return MM_OK;
}

/* ---- a result ---- */

#define RESULT(name, kind)                                                                         \
    {                                                                                              \
#name, kind, offsetof(struct mm_bench_result, name),                                       \
            sizeof(((struct mm_bench_result *)0)->name), NULL, false                               \
    }

static enum mm_status read_stages(struct reader *r, void *out)
{
    struct member members[MM_BENCH_STAGES];
    for (size_t i = 0; i < MM_BENCH_STAGES; i++)
        members[i] = (struct member){
            .name = mm_bench_stage_name(i), .kind = NUMBER, .field = i * sizeof(double)};
    MM_TRY(want(r, MM_JSON_OBJECT_START, "an object is expected"));
    return read_members(r, members, MM_BENCH_STAGES, out);
}

static const struct member result_members[] = {
    RESULT(name, TEXT),
    RESULT(unit, TEXT),
    {"ratio", NUMBER, offsetof(struct mm_bench_result, ratio.value), 0, NULL, false},
    {"ratio_low", NUMBER, offsetof(struct mm_bench_result, ratio.low), 0, NULL, false},
    {"ratio_high", NUMBER, offsetof(struct mm_bench_result, ratio.high), 0, NULL, false},
    RESULT(rounds, COUNT),
    RESULT(items, COUNT),
    RESULT(items_per_s, NUMBER),
    RESULT(mb_per_s, NUMBER),
    RESULT(cpu_us, NUMBER),
    RESULT(peak_bytes, COUNT),
    {"stages", OBJECT, offsetof(struct mm_bench_result, stages), 0, read_stages, false},
};

static bool is_plain_name(const char *name)
{
    return *name && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(name);
}

static enum mm_status read_result(struct reader *r, struct mm_bench_record *record)
{
    if (record->count == MM_BENCH_RESULTS_MAX)
        return bad(r, "too many workloads");
    struct mm_bench_result *result = &record->results[record->count];
    MM_TRY(read_members(r, result_members, MM_COUNT(result_members), result));
    if (!is_plain_name(result->name))
        return bad(r, "no name of a workload");
    if (mm_bench_result_named(record, result->name))
        return bad(r, "a workload comes twice");
    if (result->ratio.low < RATIO_MIN || result->ratio.value < result->ratio.low ||
        result->ratio.high < result->ratio.value)
        return bad(r, "ratio_low, ratio and ratio_high are none");
    record->count++;
    return MM_OK;
}

static enum mm_status read_results(struct reader *r, void *out)
{
    struct mm_bench_record *record =
        (struct mm_bench_record *)((char *)out - offsetof(struct mm_bench_record, results));
    MM_TRY(want(r, MM_JSON_ARRAY_START, "a list is expected"));
    for (;;) {
        MM_TRY(next(r));
        if (r->token.kind == MM_JSON_ARRAY_END)
            return MM_OK;
        if (r->token.kind != MM_JSON_OBJECT_START)
            return bad(r, "an object is expected");
        MM_TRY(read_result(r, record));
    }
}

/* ---- the record ---- */

#define MACHINE(name)                                                                              \
    {                                                                                              \
#name, TEXT, offsetof(struct mm_bench_machine, name),                                      \
            sizeof(((struct mm_bench_machine *)0)->name), NULL, false                              \
    }

static enum mm_status read_machine(struct reader *r, void *out)
{
    static const struct member members[] = {MACHINE(tier),    MACHINE(cpu),       MACHINE(kernel),
                                            MACHINE(version), MACHINE(libraries), MACHINE(compiler),
                                            MACHINE(flags)};
    MM_TRY(want(r, MM_JSON_OBJECT_START, "an object is expected"));
    return read_members(r, members, MM_COUNT(members), out);
}

struct whole {
    struct mm_bench_record record;
    uint64_t version;
};

#define RECORD(name) offsetof(struct whole, record.name)
static const struct member record_members[] = {
    {"mailmill_bench", COUNT, offsetof(struct whole, version), 0, NULL, false},
    {"workloads_version", COUNT, RECORD(machine.workloads_version), 0, NULL, false},
    {"measure", TEXT, RECORD(machine.measure), MM_BENCH_NAME_BYTES, NULL, false},
    {"cold", FLAG, RECORD(machine.cold), 0, NULL, false},
    {"machine", OBJECT, RECORD(machine), 0, read_machine, false},
    {"workloads", OBJECT, RECORD(results), 0, read_results, false},
};

static enum mm_status read_whole(struct reader *r, struct whole *whole)
{
    MM_TRY(want(r, MM_JSON_OBJECT_START, "no record of `mailmill bench`"));
    MM_TRY(read_members(r, record_members, MM_COUNT(record_members), whole));
    if (whole->version != MM_RECORD_VERSION)
        return bad(r, "a record of another version of mailmill");
    return mm_json_pull_next(&r->json, &r->token) == MM_END
               ? MM_OK
               : bad(r, "something follows the record");
}

enum mm_status mm_bench_record_parse(struct mm_view text, const char *name,
                                     struct mm_bench_record *out, struct mm_error *err)
{
    struct reader r = {.name = name, .err = err};
    struct whole whole = {.version = 0};
    *out = (struct mm_bench_record){.count = 0};
    whole.record.results = calloc(MM_BENCH_RESULTS_MAX, sizeof *whole.record.results);
    if (!whole.record.results)
        return mm_fail(err, MM_E_NOMEM, "no memory for %s", name);
    mm_json_pull_init(&r.json, text);
    enum mm_status st = read_whole(&r, &whole);
    *out = whole.record;
    if (st != MM_OK)
        mm_bench_record_free(out);
    return st;
}

enum mm_status mm_bench_record_read(const char *path, struct mm_bench_record *out,
                                    struct mm_error *err)
{
    char *data = NULL;
    size_t len;
    *out = (struct mm_bench_record){.count = 0};
    MM_TRY(mm_slurp(path, MM_RECORD_MAX_BYTES, &data, &len, err));
    enum mm_status st = mm_bench_record_parse((struct mm_view){data, len}, path, out, err);
    free(data);
    return st;
}

void mm_bench_record_free(struct mm_bench_record *record)
{
    free(record->results);
    *record = (struct mm_bench_record){.count = 0};
}

const struct mm_bench_result *mm_bench_result_named(const struct mm_bench_record *record,
                                                    const char *name)
{
    for (size_t i = 0; i < record->count; i++)
        if (strcmp(record->results[i].name, name) == 0)
            return &record->results[i];
    return NULL;
}
