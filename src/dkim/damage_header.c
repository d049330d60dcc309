/*
 * damage_header.c - which form of a header fits its signature.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A form is a header of its own: written, indexed, and hashed by the same functions as the message.
 * Forms that change every field come first; then fields are changed or left out one by one, until a
 * limit is met.
 */
#include "base/error.h"
#include "dkim/damage.h"
#include "dkim/header_select.h"

struct header_search {
    struct mm_damage_lab *lab;
    const struct mm_msg *msg;
    uint32_t self;
    const struct mm_sig_field *field;
    const struct mm_public_key *key;
    const uint8_t *signed_hash;
    struct mm_diagnosis *out;
    bool *is_signed; /* [name_count] h= has the name */
};

/* One form. */
struct change {
    enum mm_damage damage;
    uint32_t only;       /* the one field that is meant; MM_FIELD_NONE: all */
    struct mm_view text; /* a value to put in */
};

/* ---- one field ---- */

/* Line ends go, what is folded stays. */
static void put_unfolded(struct mm_buf *out, struct mm_view field)
{
    for (size_t i = 0; i < field.len; i++) {
        bool is_end = field.data[i] == '\n' ||
                      (field.data[i] == '\r' && i + 1 < field.len && field.data[i + 1] == '\n');
        if (!is_end)
            mm_buf_append_char(out, field.data[i]);
    }
}

/* Behind each line end `from` becomes `to`. */
static void put_refolded(struct mm_buf *out, struct mm_view field, char from, char to)
{
    for (size_t i = 0; i < field.len; i++) {
        bool folds = i > 0 && field.data[i - 1] == '\n' && field.data[i] == from;
        mm_buf_append_char(out, folds ? to : field.data[i]);
    }
}

static void put_trimmed(struct mm_buf *out, struct mm_view field)
{
    struct mm_view line;
    for (bool more = true; more;) {
        more = mm_view_cut(field, '\n', &line, &field);
        if (mm_view_ends(line, MM_VIEW("\r")))
            line.len--;
        while (line.len && mm_is_wsp((unsigned char)line.data[line.len - 1]))
            line.len--;
        mm_buf_append(out, line);
        if (more)
            mm_buf_append_str(out, "\r\n");
    }
}

/* Name and colon, then another value. */
static void put_valued(struct mm_buf *out, struct mm_view field, size_t value_at,
                       struct mm_view value)
{
    mm_buf_append(out, mm_view_sub(field, 0, value_at));
    mm_buf_append_char(out, ' ');
    mm_buf_append(out, value);
}

static void put_spaced(struct mm_buf *out, struct mm_view field, size_t value_at)
{
    struct mm_view value = mm_view_sub(field, value_at, field.len - value_at);
    while (value.len && mm_is_wsp((unsigned char)value.data[0]))
        value = mm_view_sub(value, 1, value.len - 1);
    put_valued(out, field, value_at, value);
}

/* The tag that lists and filters put into Subject, with the blanks behind it: "[list] ", at the
 * head or behind "Re: " and its kind, or "***SPAM*** ". Empty where there is none. */
static struct mm_view subject_tag(struct mm_view value)
{
    enum { BEFORE_MAX_BYTES = 16 };
    struct mm_view head =
        mm_view_sub(value, 0, value.len < BEFORE_MAX_BYTES ? value.len : BEFORE_MAX_BYTES);
    const char *open = memchr(head.data, '[', head.len);
    const char *star = memchr(head.data, '*', head.len);
    const char *end = value.data + value.len, *at = open ? open : star, *close = NULL;
    if (open)
        close = memchr(open, ']', (size_t)(end - open));
    else if (star)
        close = memrchr(star, '*', (size_t)(end - star));
    if (!close)
        return mm_view_sub(value, 0, 0);
    for (close++; close < end && mm_is_wsp((unsigned char)*close);)
        close++;
    return (struct mm_view){at, (size_t)(close - at)};
}

static void put_untagged(struct mm_buf *out, struct mm_view field, size_t value_at)
{
    struct mm_view tag = subject_tag(mm_view_sub(field, value_at, field.len - value_at));
    size_t at = tag.len ? (size_t)(tag.data - field.data) : field.len;
    mm_buf_append(out, mm_view_sub(field, 0, at));
    mm_buf_append(out, mm_view_sub(field, at + tag.len, field.len - at - tag.len));
}

static void put_field(struct mm_buf *out, const struct change *change, struct mm_view field,
                      size_t value_at)
{
    switch (change->damage) {
    case MM_DAMAGE_UNFOLDED:
    case MM_DAMAGE_FIELD_UNFOLDED:
        put_unfolded(out, field);
        return;
    case MM_DAMAGE_FOLD_SPACE:
        put_refolded(out, field, '\t', ' ');
        return;
    case MM_DAMAGE_FOLD_TAB:
        put_refolded(out, field, ' ', '\t');
        return;
    case MM_DAMAGE_FIELD_SPACE:
        put_trimmed(out, field);
        return;
    case MM_DAMAGE_COLON_SPACE:
        put_spaced(out, field, value_at);
        return;
    case MM_DAMAGE_SUBJECT_TAG:
        put_untagged(out, field, value_at);
        return;
    case MM_DAMAGE_TRANSFER_ENCODING:
        put_valued(out, field, value_at, change->text);
        return;
    default:
        mm_buf_append(out, field);
        return;
    }
}

/* ---- one form ---- */

/* The blanks in folds of the signature field are its signer's: it came last. */
static bool is_meant(const struct header_search *s, const struct change *change, uint32_t i)
{
    bool folds = change->damage == MM_DAMAGE_FOLD_SPACE || change->damage == MM_DAMAGE_FOLD_TAB;
    return change->only == MM_FIELD_NONE ? !folds || i != s->self : change->only == i;
}

static void write_header(const struct header_search *s, const struct change *change)
{
    struct mm_buf *out = &s->lab->text;
    static const struct change none = {.damage = MM_DAMAGE_NONE};
    mm_buf_clear(out);
    for (uint32_t i = 0; i < s->msg->field_count; i++) {
        const struct mm_field *f = &s->msg->fields[i];
        bool meant = is_meant(s, change, i);
        if (meant && change->damage == MM_DAMAGE_FIELD_ADDED)
            continue;
        put_field(out, meant ? change : &none, mm_field_whole(s->msg, f), f->value - f->start);
        mm_buf_append_str(out, "\r\n");
    }
    mm_buf_append_str(out, "\r\n");
}

static void drop_cr_of_lines(struct mm_buf *text)
{
    size_t to = 0;
    for (size_t i = 0; i < text->len; i++)
        if (text->data[i] != '\r' || i + 1 == text->len || text->data[i + 1] != '\n')
            text->data[to++] = text->data[i];
    text->len = to;
}

/*
 * What is hashed of the header in lab->text, into lab->input. MM_END where the change made another
 * header of it (a line of blanks that became empty ends one).
 */
static enum mm_status select_input(struct header_search *s, const struct change *change)
{
    struct mm_damage_lab *lab = s->lab;
    struct mm_msg msg;
    struct mm_sig_field field;
    struct mm_buf scratch;
    MM_TRY(mm_msg_index(&msg, mm_buf_view(&lab->text), &lab->scratch));
    bool dropped = change->damage == MM_DAMAGE_FIELD_ADDED;
    if (msg.field_count != s->msg->field_count - dropped)
        return MM_END;
    bool moved = dropped && change->only < s->self;
    const struct mm_field *self = &msg.fields[s->self - moved];
    MM_TRY(mm_sig_field_parse(mm_field_value(&msg, self), &lab->scratch, &field));
    if (field.fault != MM_REASON_NONE)
        return MM_END;
    uint32_t *cursors = MM_ARENA_ARRAY(&lab->scratch, uint32_t, msg.name_count);
    if (!cursors)
        return MM_E_NOMEM;
    enum mm_canon canon = s->field->header_canon;
    if (change->damage == MM_DAMAGE_HEADER_CANON)
        canon = canon == MM_CANON_SIMPLE ? MM_CANON_RELAXED : MM_CANON_SIMPLE;
    mm_buf_clear(&lab->input);
    mm_buf_init(&scratch, MM_HEADER_MAX_BYTES);
    mm_header_select(&lab->input, &msg, field.headers, s->self - moved, canon, cursors);
    mm_header_select_signature(&lab->input, mm_field_whole(&msg, self), self->value - self->start,
                               field.b_raw, canon, &scratch);
    mm_buf_deinit(&scratch);
    if (change->damage == MM_DAMAGE_HEADER_BARE_LF)
        drop_cr_of_lines(&lab->input);
    return lab->input.failed ? MM_E_NOMEM : MM_OK;
}

static enum mm_status fits(const struct header_search *s, const uint8_t *digest, bool *out)
{
    struct mm_verify_job job = {
        .key = s->key, .alg = s->field->digest, .digest = digest, .signature = s->field->signature};
    if (s->signed_hash) {
        *out = memcmp(digest, s->signed_hash, mm_digest_bytes(s->field->digest)) == 0;
        return MM_OK;
    }
    MM_TRY(mm_verify_many(s->lab->pk, &job, 1));
    *out = job.valid;
    return MM_OK;
}

static enum mm_status try_change(struct header_search *s, const struct change *change,
                                 struct mm_view detail)
{
    uint8_t digest[MM_DIGEST_MAX_BYTES];
    bool fit;
    write_header(s, change);
    if (s->lab->text.failed)
        return MM_E_NOMEM;
    if (s->lab->text.len > MM_HEADER_MAX_BYTES ||
        !mm_damage_lab_take(s->lab, s->lab->text.len, s->out)) {
        s->out->limited = true;
        return MM_OK;
    }
    mm_arena_reset(&s->lab->scratch);
    enum mm_status st = select_input(s, change);
    if (st != MM_OK)
        return st < 0 ? st : MM_OK;
    mm_hash_stream_begin(s->lab->stream, s->field->digest);
    mm_hash_stream_add(s->lab->stream, mm_buf_view(&s->lab->input));
    MM_TRY(mm_hash_stream_end(s->lab->stream, digest));
    MM_TRY(fits(s, digest, &fit));
    if (!fit)
        return MM_OK;
    s->out->found = true;
    s->out->damage = change->damage;
    s->out->detail = mm_arena_copy(s->lab->arena, detail);
    return s->out->detail.data ? MM_OK : MM_E_NOMEM;
}

/* ---- all forms ---- */

static enum mm_status try_all_fields(struct header_search *s)
{
    static const enum mm_damage damages[] = {MM_DAMAGE_HEADER_CANON, MM_DAMAGE_HEADER_BARE_LF,
                                             MM_DAMAGE_UNFOLDED,     MM_DAMAGE_FOLD_SPACE,
                                             MM_DAMAGE_FOLD_TAB,     MM_DAMAGE_FIELD_SPACE,
                                             MM_DAMAGE_COLON_SPACE};
    for (size_t i = 0; i < MM_COUNT(damages) && !s->out->found; i++)
        MM_TRY(try_change(s, &(struct change){.damage = damages[i], .only = MM_FIELD_NONE},
                          MM_VIEW("")));
    return MM_OK;
}

static enum mm_status try_subject(struct header_search *s)
{
    uint32_t at = mm_msg_lowest(s->msg, MM_VIEW("subject"));
    if (at == MM_FIELD_NONE || s->out->found)
        return MM_OK;
    struct mm_view tag = subject_tag(mm_field_value(s->msg, &s->msg->fields[at]));
    return tag.len
               ? try_change(s, &(struct change){.damage = MM_DAMAGE_SUBJECT_TAG, .only = at}, tag)
               : MM_OK;
}

static enum mm_status try_encodings(struct header_search *s)
{
    static const struct mm_view values[] = {
        {"7bit", 4}, {"8bit", 4}, {"quoted-printable", 16}, {"base64", 6}, {"binary", 6}};
    uint32_t at = mm_msg_lowest(s->msg, MM_VIEW("content-transfer-encoding"));
    for (size_t i = 0; i < MM_COUNT(values) && at != MM_FIELD_NONE && !s->out->found; i++)
        MM_TRY(try_change(
            s,
            &(struct change){.damage = MM_DAMAGE_TRANSFER_ENCODING, .only = at, .text = values[i]},
            values[i]));
    return MM_OK;
}

/* Fields that h= names, from the top, one at a time; folds matter to simple alone. */
static enum mm_status try_single(struct header_search *s, enum mm_damage damage)
{
    uint32_t tried = 0;
    for (uint32_t i = 0; i < s->msg->field_count && !s->out->found; i++) {
        const struct mm_field *f = &s->msg->fields[i];
        bool covered = s->is_signed[f->name_id] && i != s->self;
        bool folded = memchr(s->msg->bytes.data + f->start, '\n', f->end - f->start) != NULL;
        if (damage == MM_DAMAGE_FIELD_ADDED ? !covered : !folded || (!covered && i != s->self))
            continue;
        if (++tried > MM_DAMAGE_FIELDS_MAX) {
            s->out->limited = true;
            return MM_OK;
        }
        MM_TRY(try_change(s, &(struct change){.damage = damage, .only = i},
                          mm_field_whole(s->msg, f)));
    }
    return MM_OK;
}

static void note_signed(struct header_search *s)
{
    struct mm_view rest = s->field->headers, name;
    while (mm_header_list_next(&rest, &name)) {
        uint32_t id = mm_msg_name_id(s->msg, name);
        if (id != MM_FIELD_NONE)
            s->is_signed[id] = true;
    }
}

enum mm_status mm_damage_find_header(struct mm_damage_lab *lab, const struct mm_msg *msg,
                                     uint32_t self, const struct mm_sig_field *field,
                                     const struct mm_public_key *key, const uint8_t *signed_hash,
                                     struct mm_diagnosis *out)
{
    struct header_search s = {.lab = lab,
                              .msg = msg,
                              .self = self,
                              .field = field,
                              .key = key,
                              .signed_hash = signed_hash,
                              .out = out};
    *out = (struct mm_diagnosis){.made = true};
    s.is_signed = MM_ARENA_ARRAY(lab->arena, bool, msg->name_count);
    if (!s.is_signed)
        return MM_E_NOMEM;
    note_signed(&s);
    MM_TRY(try_all_fields(&s));
    MM_TRY(try_subject(&s));
    MM_TRY(try_encodings(&s));
    if (field->header_canon == MM_CANON_SIMPLE)
        MM_TRY(try_single(&s, MM_DAMAGE_FIELD_UNFOLDED));
    return try_single(&s, MM_DAMAGE_FIELD_ADDED);
}
