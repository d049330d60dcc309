/*
 * zone_file.c - TXT and CNAME records out of an RFC 1035 master file.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dns/txt_store_internal.h"
#include "dns/zone_lex.h"

struct zone {
    struct mm_txt_store *store;
    const struct mm_txt_file *file;
    struct mm_error *err;
    struct mm_zone_lex lex;
    uint32_t entry_line;
    size_t entry_at;
    char origin_room[MM_ZONE_NAME_MAX_BYTES], owner_room[MM_ZONE_NAME_MAX_BYTES];
    struct mm_view origin, owner;
    bool has_owner;
};

static size_t offset_of(const struct zone *z, struct mm_view word)
{
    return (size_t)(word.data - z->file->text);
}

static enum mm_status fault_at(const struct zone *z, size_t offset, enum mm_status status,
                               const char *words)
{
    return mm_txt_fault(z->file, z->lex.line, offset, status, words, z->err);
}

static enum mm_status fault_word(const struct zone *z, struct mm_zone_word word, const char *words)
{
    return fault_at(z, offset_of(z, word.raw), MM_E_SYNTAX, words);
}

/* The entry as a whole is at fault. */
static enum mm_status fault_entry(const struct zone *z, enum mm_status status, const char *words)
{
    return mm_txt_fault(z->file, z->entry_line, z->entry_at, status, words, z->err);
}

/* The next word of the entry: MM_OK, MM_END, or the error told. */
static enum mm_status next(struct zone *z, struct mm_zone_word *word)
{
    enum mm_status st = mm_zone_lex_next(&z->lex, word);
    return st < 0 ? fault_at(z, z->lex.fault_at, st, z->lex.fault) : st;
}

/* A word that has to be there and bare. */
static enum mm_status want_word(struct zone *z, struct mm_zone_word *word, const char *missing)
{
    enum mm_status st = next(z, word);
    if (st == MM_END)
        return fault_entry(z, MM_E_SYNTAX, missing);
    if (st == MM_OK && word->quoted)
        return fault_word(z, *word, "quoted string where none can be");
    return st;
}

static enum mm_status want_end(struct zone *z)
{
    struct mm_zone_word word;
    enum mm_status st = next(z, &word);
    if (st == MM_OK)
        return fault_word(z, word, "more than belongs here");
    return st == MM_END ? MM_OK : st;
}

static enum mm_status skip_rest(struct zone *z)
{
    struct mm_zone_word word;
    enum mm_status st;
    while ((st = next(z, &word)) == MM_OK)
        ;
    return st == MM_END ? MM_OK : st;
}

static enum mm_status read_name(struct zone *z, struct mm_zone_word word, char *room,
                                struct mm_view *out)
{
    char name[MM_ZONE_NAME_MAX_BYTES]; /* apart, because the origin may lie in `room` */
    size_t len;
    const char *words = mm_zone_name(word.raw, z->origin, name, &len);
    if (words)
        return fault_word(z, word, words);
    memcpy(room, name, len);
    *out = (struct mm_view){room, len};
    return MM_OK;
}

static bool starts_with_digit(struct mm_view v)
{
    return v.len && v.data[0] >= '0' && v.data[0] <= '9';
}

/*
 * A TTL: seconds, or numbers with units as BIND writes them (1h30m). It is not used offline, but a
 * wrong one means that the line was not understood. RFC 2181 section 8: at most 2^31 - 1.
 */
static bool is_ttl(struct mm_view v)
{
    static const char units[] = "smhdw";
    static const uint32_t seconds[] = {1, 60, 3600, 86400, 604800};
    uint64_t total = 0;
    while (starts_with_digit(v)) {
        size_t digits = 1;
        while (digits < v.len && v.data[digits] >= '0' && v.data[digits] <= '9')
            digits++;
        uint64_t number;
        if (!mm_view_to_u64(mm_view_sub(v, 0, digits), &number) || number > INT32_MAX)
            return false;
        v = mm_view_sub(v, digits, v.len - digits);
        const char *unit =
            v.len && v.data[0] ? strchr(units, mm_ascii_lower((unsigned char)v.data[0])) : NULL;
        total += number * (unit ? seconds[unit - units] : 1);
        if (total > INT32_MAX)
            return false;
        if (!unit)
            return v.len == 0;
        v = mm_view_sub(v, 1, v.len - 1);
    }
    return v.len == 0;
}

/* "CLASS1" (RFC 3597 section 5). */
static bool is_numbered_class(struct mm_view v, uint64_t *number)
{
    static const struct mm_view word = MM_VIEW("CLASS");
    return v.len > word.len && mm_view_eq_nocase(mm_view_sub(v, 0, word.len), word) &&
           mm_view_to_u64(mm_view_sub(v, word.len, v.len - word.len), number) &&
           *number <= UINT16_MAX;
}

/* A class; *internet is set for one. */
static bool is_class(struct mm_view v, bool *internet)
{
    uint64_t number;
    if (is_numbered_class(v, &number)) {
        *internet = number == 1;
        return true;
    }
    static const struct mm_view classes[] = {{"IN", 2}, {"CH", 2}, {"HS", 2}, {"CS", 2}};
    for (size_t i = 0; i < MM_COUNT(classes); i++)
        if (mm_view_eq_nocase(v, classes[i])) {
            *internet = i == 0;
            return true;
        }
    return false;
}

/* By its mnemonic, or by its number (RFC 3597 section 5). */
static bool is_one_of(struct mm_view v, struct mm_view mnemonic, struct mm_view numbered)
{
    return mm_view_eq_nocase(v, mnemonic) || mm_view_eq_nocase(v, numbered);
}

/* A mnemonic, known or not: a letter, then letters, digits and hyphens. */
static bool is_type(struct mm_view v)
{
    for (size_t i = 0; i < v.len; i++) {
        unsigned char c = mm_ascii_lower((unsigned char)v.data[i]);
        bool letter = c >= 'a' && c <= 'z';
        if (!letter && (i == 0 || (c != '-' && !(c >= '0' && c <= '9'))))
            return false;
    }
    return v.len > 0 && v.len <= 16;
}

/* ---- records ---- */

/* The strings of a TXT record, decoded in place, each moved up against the one before it. */
static enum mm_status read_txt(struct zone *z)
{
    struct mm_zone_word word;
    char *record = NULL;
    size_t len = 0;
    bool long_string = false;
    enum mm_status st;
    const char *words = NULL;
    while ((st = next(z, &word)) == MM_OK) {
        if (!record) {
            record = z->file->text + offset_of(z, word.raw);
            if (!word.quoted && mm_view_eq(word.raw, MM_VIEW("\\#")))
                return fault_word(z, word, "RFC 3597 form (\\#) of a TXT record: write its text");
        }
        size_t bytes = mm_zone_word_decode(word.raw, record + len);
        long_string = long_string || bytes > MM_TXT_STRING_MAX_BYTES;
        len += bytes;
        if (len > MM_TXT_RECORD_MAX_BYTES)
            return fault_entry(z, MM_E_LIMIT, "TXT record longer than 65535 bytes");
    }
    if (st != MM_END)
        return st;
    if (!record)
        return fault_entry(z, MM_E_SYNTAX, "TXT without a string");
    st = mm_txt_put_record(z->store, z->owner, (struct mm_view){record, len}, z->file,
                           z->entry_line, &words);
    if (st == MM_OK && long_string)
        mm_txt_note_long_string(z->store, z->owner);
    return st == MM_OK ? st : fault_entry(z, st, words);
}

static enum mm_status read_cname(struct zone *z)
{
    struct mm_zone_word word;
    char room[MM_ZONE_NAME_MAX_BYTES];
    struct mm_view target;
    const char *words = NULL;
    MM_TRY(want_word(z, &word, "CNAME without a name"));
    if (mm_view_eq(word.raw, MM_VIEW("\\#")))
        return fault_word(z, word, "RFC 3597 form (\\#) of a CNAME record: write its name");
    MM_TRY(read_name(z, word, room, &target));
    MM_TRY(want_end(z));
    enum mm_status st =
        mm_txt_put_alias(z->store, z->owner, target, z->file, z->entry_line, &words);
    return st == MM_OK ? st : fault_entry(z, st, words);
}

/* A record of another type: only that its name exists counts. */
static enum mm_status read_other(struct zone *z)
{
    MM_TRY(skip_rest(z));
    enum mm_status st = mm_txt_note_name(z->store, z->owner);
    return st == MM_OK ? st : fault_entry(z, st, NULL);
}

/* What follows the owner: TTL and class in either order, type, data. */
static enum mm_status read_record(struct zone *z, struct mm_zone_word word)
{
    bool internet = true, has_class = false, has_ttl = false;
    for (;;) {
        if (word.quoted)
            return fault_word(z, word, "quoted string where none can be");
        if (!has_ttl && starts_with_digit(word.raw)) {
            if (!is_ttl(word.raw))
                return fault_word(z, word, "bad TTL: 0 to 2147483647 seconds");
            has_ttl = true;
        } else if (!has_class && is_class(word.raw, &internet)) {
            has_class = true;
        } else {
            break;
        }
        MM_TRY(want_word(z, &word, "no type behind the owner"));
    }
    if (!is_type(word.raw))
        return fault_word(z, word, "not a type of record");
    if (internet && is_one_of(word.raw, MM_VIEW("TXT"), MM_VIEW("TYPE16")))
        return read_txt(z);
    if (internet && is_one_of(word.raw, MM_VIEW("CNAME"), MM_VIEW("TYPE5")))
        return read_cname(z);
    return internet ? read_other(z) : skip_rest(z);
}

static enum mm_status read_directive(struct zone *z, struct mm_zone_word word)
{
    if (mm_view_eq_nocase(word.raw, MM_VIEW("$ORIGIN"))) {
        MM_TRY(want_word(z, &word, "$ORIGIN without a name"));
        MM_TRY(read_name(z, word, z->origin_room, &z->origin));
        return want_end(z);
    }
    if (mm_view_eq_nocase(word.raw, MM_VIEW("$TTL"))) {
        MM_TRY(want_word(z, &word, "$TTL without a number"));
        if (!starts_with_digit(word.raw) || !is_ttl(word.raw))
            return fault_word(z, word, "bad TTL: 0 to 2147483647 seconds");
        return want_end(z);
    }
    if (mm_view_eq_nocase(word.raw, MM_VIEW("$INCLUDE")))
        return fault_word(z, word, "$INCLUDE is not followed: give each file itself");
    return fault_word(z, word, "unknown directive: $ORIGIN and $TTL are known");
}

static enum mm_status read_entry(struct zone *z)
{
    struct mm_zone_word word;
    bool blank_owner = mm_zone_lex_blank_owner(&z->lex);
    z->entry_line = z->lex.line;
    z->entry_at = z->lex.at;
    enum mm_status st = next(z, &word);
    if (st != MM_OK)
        return st == MM_END ? MM_OK : st; /* an empty line */
    if (!blank_owner) {
        if (word.quoted)
            return fault_word(z, word, "quoted string where none can be");
        if (word.raw.data[0] == '$')
            return read_directive(z, word);
        MM_TRY(read_name(z, word, z->owner_room, &z->owner));
        z->has_owner = true;
        MM_TRY(want_word(z, &word, "no type behind the owner"));
    }
    if (!z->has_owner)
        return fault_word(z, word, "blank owner, and no owner before it");
    return read_record(z, word);
}

enum mm_status mm_zone_file_parse(struct mm_txt_store *store, const struct mm_txt_file *file,
                                  struct mm_error *err)
{
    static const struct mm_view byte_order_mark = MM_VIEW("\xef\xbb\xbf");
    struct zone z = {.store = store, .file = file, .err = err};
    mm_zone_lex_init(&z.lex, (struct mm_view){file->text, file->len});
    if (mm_view_starts(z.lex.text, byte_order_mark)) /* as some editors write it */
        z.lex.at = byte_order_mark.len;
    while (!mm_zone_lex_done(&z.lex))
        MM_TRY(read_entry(&z));
    return MM_OK;
}
