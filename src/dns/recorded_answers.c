/*
 * recorded_answers.c - answers recorded as JSON, one object a line.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Strings are unescaped in place: \u0000..\u00ff is one byte each.
 */
#include "dns/recorded_line.h"
#include "dns/txt_store_internal.h"
#include "text/json_pull.h"

struct line {
    const struct mm_txt_file *file;
    struct mm_error *err;
    uint32_t number;
    size_t at; /* of its first byte in the file */
    struct mm_json_pull pull;
};

struct recorded {
    struct mm_view name, type;
    struct mm_txt_answer answer;
    struct mm_view records[MM_TXT_RECORDS_MAX];
    size_t record_count;
    int64_t seen;
    bool has_name;
};

static enum mm_status fault(const struct line *l, size_t offset, enum mm_status status,
                            const char *words)
{
    return mm_txt_fault(l->file, l->number, l->at + offset, status, words, l->err);
}

static enum mm_status next(struct line *l, struct mm_json_token *token)
{
    enum mm_status st = mm_json_pull_next(&l->pull, token);
    if (st == MM_E_LIMIT)
        return fault(l, l->pull.at, st, "nested deeper than 64");
    return st < 0 ? fault(l, l->pull.at, st, "bad JSON") : st;
}

static struct mm_view unescape_in_place(struct mm_view text)
{
    char *own = (char *)text.data; /* the store's copy of the file, which is ours to write */
    return (struct mm_view){own, mm_json_unescape(text, true, own)};
}

static enum mm_status read_string(struct line *l, struct mm_view *out, const char *wrong)
{
    struct mm_json_token token;
    MM_TRY(next(l, &token));
    if (token.kind != MM_JSON_STRING)
        return fault(l, token.offset, MM_E_SYNTAX, wrong);
    *out = unescape_in_place(token.text);
    return MM_OK;
}

/* A whole number of seconds, or null, which leaves *out alone. */
static enum mm_status read_time(struct line *l, int64_t *out)
{
    static const char wrong[] = "a time is a whole number of seconds or null";
    struct mm_json_token token;
    uint64_t value;
    MM_TRY(next(l, &token));
    if (token.kind == MM_JSON_NULL)
        return MM_OK;
    if (token.kind != MM_JSON_NUMBER)
        return fault(l, token.offset, MM_E_SYNTAX, wrong);
    bool negative = token.text.data[0] == '-';
    struct mm_view digits = mm_view_sub(token.text, negative, token.text.len - negative);
    if (!mm_view_to_u64(digits, &value) || value > INT64_MAX)
        return fault(l, token.offset, MM_E_SYNTAX, wrong);
    *out = negative ? -(int64_t)value : (int64_t)value;
    return MM_OK;
}

static enum mm_status read_flag(struct line *l, bool *out, const char *wrong)
{
    struct mm_json_token token;
    MM_TRY(next(l, &token));
    if (token.kind != MM_JSON_TRUE && token.kind != MM_JSON_FALSE)
        return fault(l, token.offset, MM_E_SYNTAX, wrong);
    *out = token.kind == MM_JSON_TRUE;
    return MM_OK;
}

static enum mm_status read_status(struct line *l, enum mm_txt_status *out)
{
    struct mm_view text;
    size_t at = l->pull.at;
    MM_TRY(read_string(l, &text, "\"status\" is a string"));
    const char *word;
    for (int i = 0; (word = mm_txt_status_word((enum mm_txt_status)i)) != NULL; i++)
        if (mm_view_eq_nocase(text, mm_view_of(word))) {
            *out = (enum mm_txt_status)i;
            return MM_OK;
        }
    return fault(l, at, MM_E_SYNTAX,
                 "\"status\" is NOERROR, NXDOMAIN, NODATA, SERVFAIL or TIMEOUT");
}

static enum mm_status read_records(struct line *l, struct recorded *r)
{
    static const char wrong[] = "\"txt\" is an array of strings";
    struct mm_json_token token;
    MM_TRY(next(l, &token));
    if (token.kind != MM_JSON_ARRAY_START)
        return fault(l, token.offset, MM_E_SYNTAX, wrong);
    r->record_count = 0;
    for (;;) {
        MM_TRY(next(l, &token));
        if (token.kind == MM_JSON_ARRAY_END)
            return MM_OK;
        if (token.kind != MM_JSON_STRING)
            return fault(l, token.offset, MM_E_SYNTAX, wrong);
        struct mm_view record = unescape_in_place(token.text);
        if (r->record_count == MM_TXT_RECORDS_MAX)
            return fault(l, token.offset, MM_E_LIMIT, "more than 64 TXT records of one name");
        if (record.len > MM_TXT_RECORD_MAX_BYTES)
            return fault(l, token.offset, MM_E_LIMIT, "TXT record longer than 65535 bytes");
        r->records[r->record_count++] = record;
    }
}

static enum mm_status read_member(struct line *l, struct mm_view name, struct recorded *r)
{
    if (mm_view_eq(name, MM_VIEW("name"))) {
        r->has_name = true;
        return read_string(l, &r->name, "\"name\" is a string");
    }
    if (mm_view_eq(name, MM_VIEW("type")))
        return read_string(l, &r->type, "\"type\" is a string");
    if (mm_view_eq(name, MM_VIEW("status")))
        return read_status(l, &r->answer.status);
    if (mm_view_eq(name, MM_VIEW("ad")))
        return read_flag(l, &r->answer.ad, "\"ad\" is true or false");
    if (mm_view_eq(name, MM_VIEW("txt")))
        return read_records(l, r);
    if (mm_view_eq(name, MM_VIEW("time")))
        return read_time(l, &r->seen);
    if (mm_view_eq(name, MM_VIEW("from")))
        return read_time(l, &r->answer.from);
    if (mm_view_eq(name, MM_VIEW("until")))
        return read_time(l, &r->answer.until);
    enum mm_status st = mm_json_pull_skip(&l->pull);
    return st == MM_OK ? st : fault(l, l->pull.at, st, "bad JSON in a member that is not read");
}

static enum mm_status read_object(struct line *l, struct recorded *r)
{
    struct mm_json_token token;
    MM_TRY(next(l, &token));
    if (token.kind != MM_JSON_OBJECT_START)
        return fault(l, token.offset, MM_E_SYNTAX, "a line is one JSON object");
    for (;;) {
        MM_TRY(next(l, &token));
        if (token.kind == MM_JSON_OBJECT_END)
            break;
        MM_TRY(read_member(l, unescape_in_place(token.text), r));
    }
    return next(l, &token) < 0 ? MM_E_SYNTAX : MM_OK; /* nothing behind it */
}

/* The name as the store has it, in `room`. */
static enum mm_status store_name(const struct line *l, struct mm_view name, char *room,
                                 struct mm_view *out)
{
    if (name.len && name.data[name.len - 1] == '.')
        name.len--;
    if (name.len > MM_TXT_NAME_MAX_BYTES)
        return fault(l, 0, MM_E_LIMIT, "name longer than 255 bytes");
    for (size_t i = 0; i < name.len; i++)
        room[i] = (char)mm_ascii_lower((unsigned char)name.data[i]);
    *out = (struct mm_view){room, name.len};
    return MM_OK;
}

static enum mm_status keep(const struct line *l, struct mm_txt_store *store, struct recorded *r)
{
    char room[MM_TXT_NAME_MAX_BYTES];
    struct mm_view name;
    const char *words = NULL;
    if (!r->has_name)
        return fault(l, 0, MM_E_SYNTAX, "no \"name\"");
    if (r->type.len && !mm_view_eq_nocase(r->type, MM_VIEW("TXT")))
        return MM_OK;
    if (r->answer.from > r->answer.until)
        return fault(l, 0, MM_E_SYNTAX, "\"from\" is later than \"until\"");
    MM_TRY(store_name(l, r->name, room, &name));
    if (r->answer.status == MM_TXT_NOERROR && r->record_count == 0)
        r->answer.status = MM_TXT_NODATA;
    r->answer.line = l->number;
    r->answer.records = r->records;
    r->answer.record_count = r->answer.status == MM_TXT_NOERROR ? r->record_count : 0;
    enum mm_status st = mm_txt_put_answer(store, name, &r->answer, r->seen, l->file, &words);
    return st == MM_OK ? st : fault(l, 0, st, words);
}

enum mm_status mm_recorded_answers_parse(struct mm_txt_store *store, const struct mm_txt_file *file,
                                         struct mm_error *err)
{
    struct line l = {.file = file, .err = err};
    struct mm_view rest = {file->text, file->len}, text;
    while (rest.len) {
        struct recorded r = {.seen = INT64_MIN};
        r.answer = (struct mm_txt_answer){.from = INT64_MIN, .until = INT64_MAX};
        l.number++;
        l.at = (size_t)(rest.data - file->text);
        mm_view_cut(rest, '\n', &text, &rest);
        if (mm_view_trim_fws(text).len == 0)
            continue;
        mm_json_pull_init(&l.pull, text);
        MM_TRY(read_object(&l, &r));
        MM_TRY(keep(&l, store, &r));
    }
    return MM_OK;
}
