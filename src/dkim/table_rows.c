/*
 * table_rows.c - rows of OpenDKIM's flat files.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dkim/table_rows.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "crypto/secret.h"
#include "io/slurp.h"

static bool is_letter(char c)
{
    return (unsigned char)(mm_ascii_lower((unsigned char)c) - 'a') < 26;
}

/* The letters before a first ':' name the kind of a data set; none where there is no such thing. */
static struct mm_view kind_of(struct mm_view spec, struct mm_view *path)
{
    size_t n = 0;
    while (n < spec.len && is_letter(spec.data[n]))
        n++;
    bool named = n > 0 && n < spec.len && spec.data[n] == ':';
    *path = named ? mm_view_sub(spec, n + 1, spec.len - n - 1) : spec;
    return named ? mm_view_sub(spec, 0, n) : (struct mm_view){"", 0};
}

static enum mm_status fail_kind(struct mm_view kind, const char *spec, struct mm_error *err)
{
    return mm_fail(err, MM_E_ARG,
                   "%s: tables of type \"%.*s:\" are not supported; file: and refile: are", spec,
                   (int)kind.len, kind.data);
}

enum mm_status mm_table_read(const char *spec, struct mm_table *table, struct mm_error *err)
{
    struct mm_view path, kind = kind_of(mm_view_of(spec), &path);
    *table = (struct mm_table){.path = NULL};
    table->patterns = mm_view_eq_nocase(kind, MM_VIEW("refile"));
    if (kind.len && !table->patterns && !mm_view_eq_nocase(kind, MM_VIEW("file")))
        return fail_kind(kind, spec, err);
    if (!kind.len && mm_view_ends(path, MM_VIEW(".db")))
        return fail_kind(MM_VIEW("db"), spec, err);
    table->path = strndup(path.data, path.len);
    if (!table->path)
        return mm_fail(err, MM_E_NOMEM, "%s: out of memory", spec);
    MM_TRY(mm_slurp(table->path, MM_TABLE_MAX_BYTES, &table->text, &table->len, err));
    const char *nul = table->len ? memchr(table->text, '\0', table->len) : NULL;
    if (nul)
        return mm_fail_at(err, MM_E_SYNTAX, (uint64_t)(nul - table->text),
                          "%s: a NUL byte: not a table", table->path);
    return MM_OK;
}

void mm_table_free(struct mm_table *table)
{
    if (table->text)
        mm_secret_wipe(table->text, table->len);
    free(table->text);
    free(table->path);
    *table = (struct mm_table){.path = NULL};
}

void mm_table_rows_init(struct mm_table_rows *rows, const struct mm_table *table)
{
    *rows = (struct mm_table_rows){.table = table, .rest = {table->text, table->len}};
}

enum mm_status mm_table_rows_next(struct mm_table_rows *rows, struct mm_table_row *row,
                                  struct mm_error *err)
{
    while (rows->rest.len) {
        struct mm_view line, comment;
        mm_view_cut(rows->rest, '\n', &line, &rows->rest);
        mm_view_cut(line, '#', &line, &comment);
        rows->line++;
        line = mm_view_trim_fws(line);
        if (line.len == 0)
            continue;
        size_t n = 0;
        while (n < line.len && !mm_is_fws((unsigned char)line.data[n]))
            n++;
        row->line = rows->line;
        row->key = mm_view_sub(line, 0, n);
        row->value = mm_view_trim_fws(mm_view_sub(line, n, line.len - n));
        if (row->value.len == 0)
            return mm_table_fault(rows->table, row, line, MM_E_SYNTAX, err,
                                  "a row is a name, white space and a value");
        return MM_OK;
    }
    return MM_END;
}

bool mm_table_rows_extend(struct mm_table_rows *rows, struct mm_table_row *row, struct mm_view mark)
{
    struct mm_table_rows ahead = *rows;
    while (ahead.rest.len) {
        struct mm_view line;
        mm_view_cut(ahead.rest, '\n', &line, &ahead.rest);
        ahead.line++;
        if (!line.len || !memmem(line.data, line.len, mark.data, mark.len))
            continue;
        row->value.len = (size_t)(line.data + line.len - row->value.data);
        row->value = mm_view_trim_fws(row->value);
        *rows = ahead;
        return true;
    }
    return false;
}

enum mm_status mm_table_fault(const struct mm_table *table, const struct mm_table_row *row,
                              struct mm_view at, enum mm_status status, struct mm_error *err,
                              const char *fmt, ...)
{
    char words[MM_ERROR_TEXT_BYTES];
    va_list args;
    va_start(args, fmt);
    vsnprintf(words, sizeof words, fmt, args);
    va_end(args);
    return mm_fail_at(err, status, (uint64_t)(at.data - table->text), "%s:%u: %s", table->path,
                      row->line, words);
}
