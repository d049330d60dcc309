/*
 * append_record.c - what an append has decided: the list of renames that a later run can complete.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dataset/append_record.h"

#include <inttypes.h>
#include <stdio.h>
#include <xxhash.h>

static const struct mm_view FIRST = MM_VIEW("mailmill append 1\n");
static const char *const VERBS[] = {"put", "drop", "state"};

enum { LAST_BYTES = 4 + 16 + 1 /* "end ", digits, line end */ };

static void print_last(struct mm_view steps, char last[LAST_BYTES + 1])
{
    snprintf(last, LAST_BYTES + 1, "end %016" PRIx64 "\n",
             (uint64_t)XXH3_64bits(steps.data, steps.len));
}

/* ---- writing ---- */

void mm_append_record_begin(struct mm_buf *record)
{
    mm_buf_append(record, FIRST);
}

void mm_append_record_add(struct mm_buf *record, const struct mm_append_step *step)
{
    bool state = step->verb == MM_APPEND_STATE;
    mm_buf_printf(record, "%s %s%s%s\n", VERBS[step->verb], step->name, state ? "" : " ",
                  state ? "" : step->part);
}

void mm_append_record_end(struct mm_buf *record)
{
    char last[LAST_BYTES + 1];
    print_last(mm_buf_view(record), last);
    mm_buf_append_str(record, last);
}

/* ---- reading ---- */

static bool is_of(struct mm_view text, const char *more)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        bool good = (c >= 'a' && c <= 'z') || c == '_' || mm_is_one_of(c, more);
        if (!good)
            return false;
    }
    return text.len > 0;
}

bool mm_append_part_name(struct mm_view name)
{
    return name.len <= NAME_MAX && mm_view_starts(name, MM_VIEW("part-")) &&
           mm_view_ends(name, MM_VIEW(".parquet")) &&
           is_of(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-");
}

static bool copy_name(struct mm_view name, char *out, size_t cap)
{
    if (name.len >= cap)
        return false;
    memcpy(out, name.data, name.len);
    out[name.len] = '\0';
    return true;
}

static bool read_verb(struct mm_view word, enum mm_append_verb *verb)
{
    for (size_t i = 0; i < MM_COUNT(VERBS); i++)
        if (mm_view_eq(word, mm_view_of(VERBS[i]))) {
            *verb = (enum mm_append_verb)i;
            return true;
        }
    return false;
}

static bool read_step(struct mm_view line, struct mm_append_step *step)
{
    struct mm_view word, name, part = {"", 0};
    *step = (struct mm_append_step){.verb = MM_APPEND_PUT};
    if (!mm_view_cut(line, ' ', &word, &line) || !read_verb(word, &step->verb))
        return false;
    bool two = mm_view_cut(line, ' ', &name, &part);
    if (step->verb == MM_APPEND_STATE)
        return !two && mm_view_ends(name, MM_VIEW(".parquet")) && name.data[0] != '.' &&
               is_of(name, ".") && copy_name(name, step->name, sizeof step->name);
    return two && is_of(name, "") && mm_append_part_name(part) &&
           copy_name(name, step->name, sizeof step->name) &&
           copy_name(part, step->part, sizeof step->part);
}

bool mm_append_record_next(struct mm_view *steps, struct mm_append_step *step)
{
    struct mm_view line, rest;
    if (!mm_view_cut(*steps, '\n', &line, &rest) || !read_step(line, step))
        return false;
    *steps = rest;
    return true;
}

bool mm_append_record_open(struct mm_view record, struct mm_view *steps)
{
    char last[LAST_BYTES + 1];
    struct mm_append_step step;
    if (record.len < FIRST.len + LAST_BYTES || !mm_view_starts(record, FIRST))
        return false;
    size_t body = record.len - LAST_BYTES;
    print_last(mm_view_sub(record, 0, body), last);
    if (!mm_view_ends(record, mm_view_of(last)))
        return false;
    *steps = mm_view_sub(record, FIRST.len, body - FIRST.len);
    struct mm_view rest = *steps;
    while (mm_append_record_next(&rest, &step))
        ;
    return rest.len == 0;
}
