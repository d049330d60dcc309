/*
 * message.c - one message in memory: where its header fields lie and where its body begins.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The header is walked once, line by line. Names then go into an open-addressing table that is at
 * most half full and keyed with bytes drawn once per process: a sender who picks thousands of names
 * cannot tell which of them share a slot.
 */
#include "mail/message.h"

#include <pthread.h>
#include <sys/random.h>
#include <unistd.h>

/* In line: a call into the shared library costs more than the hash of a field's name. */
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/clock.h"
#include "base/error.h"
#include "mail/mbox.h"
#include "text/eol.h"
#include "text/line_marks.h"

enum {
    FIELDS_AT_FIRST = 32, /* mailing lists have 30, most mail 16 */
    SLOTS_MIN = 32,
    HASH_CHUNK = 64,    /* names beyond it are hashed in several steps */
    MARKED_BYTES = 1024 /* lines are marked so much at a time; headers have one to two KB */
};

static pthread_once_t secret_once = PTHREAD_ONCE_INIT;
static unsigned char secret[XXH3_SECRET_SIZE_MIN];

static void draw_secret(void)
{
    if (getrandom(secret, sizeof secret, 0) == (ssize_t)sizeof secret)
        return;
    /* No random source at all: the clock and our place in memory are still not the sender's. */
    uint64_t state[3] = {mm_wall_ns(), (uint64_t)getpid(), (uint64_t)(uintptr_t)&state};
    for (size_t at = 0; at < sizeof secret; at += sizeof state[0]) {
        state[1] = XXH3_64bits_withSeed(state, sizeof state, at);
        memcpy(secret + at, &state[1], sizeof state[1]);
    }
}

static uint64_t hash_lowered(struct mm_view text, const uint64_t *before)
{
    char low[HASH_CHUNK + sizeof *before];
    size_t len = text.len;
    mm_view_lower_to(low, text);
    if (before) {
        memcpy(low + len, before, sizeof *before);
        len += sizeof *before;
    }
    return XXH3_64bits_withSecret(low, len, secret, sizeof secret);
}

/* Equal for names that differ in case only. */
static uint64_t name_hash(struct mm_view name)
{
    if (name.len <= HASH_CHUNK)
        return hash_lowered(name, NULL);
    uint64_t hash = 0;
    for (size_t at = 0; at < name.len; at += HASH_CHUNK) {
        size_t left = name.len - at;
        hash = hash_lowered(mm_view_sub(name, at, left < HASH_CHUNK ? left : HASH_CHUNK), &hash);
    }
    return hash;
}

/*
 * Slot of `name`: the one that holds its id, or the empty one where it belongs. A slot is two
 * words, id + 1 (0: empty) and the upper half of the hash; names are compared only where it agrees.
 */
static uint32_t *find_slot(const struct mm_msg *msg, struct mm_view name, uint64_t hash)
{
    uint32_t tag = (uint32_t)(hash >> 32);
    for (uint32_t at = (uint32_t)hash & msg->slot_mask;; at = (at + 1) & msg->slot_mask) {
        uint32_t *slot = &msg->name_slots[(size_t)at * 2];
        if (slot[0] == 0)
            return slot;
        if (slot[1] != tag)
            continue;
        const struct mm_field *have = &msg->fields[msg->lowest_of_name[slot[0] - 1]];
        if (mm_view_eq_nocase(mm_field_name(msg, have), name))
            return slot;
    }
}

/* Give every field its name_id and link the fields of one name from the bottom up. */
static enum mm_status link_names(struct mm_msg *msg, struct mm_arena *arena)
{
    uint32_t slots = SLOTS_MIN;
    while (slots < 2 * msg->field_count)
        slots *= 2;
    msg->slot_mask = slots - 1;
    msg->name_slots = MM_ARENA_ARRAY(arena, uint32_t, (size_t)slots * 2);
    msg->lowest_of_name = mm_arena_alloc(arena, (size_t)msg->field_count * 2 * sizeof(uint32_t));
    if (!msg->name_slots || !msg->lowest_of_name)
        return MM_E_NOMEM;
    msg->count_of_name = msg->lowest_of_name + msg->field_count;
    pthread_once(&secret_once, draw_secret);
    for (uint32_t i = 0; i < msg->field_count; i++) {
        struct mm_field *f = &msg->fields[i];
        uint64_t hash = name_hash(mm_field_name(msg, f));
        uint32_t *slot = find_slot(msg, mm_field_name(msg, f), hash);
        if (slot[0] == 0) {
            slot[0] = ++msg->name_count;
            slot[1] = (uint32_t)(hash >> 32);
            msg->lowest_of_name[slot[0] - 1] = MM_FIELD_NONE;
            msg->count_of_name[slot[0] - 1] = 0;
        }
        f->name_id = slot[0] - 1;
        f->upper_same = msg->lowest_of_name[f->name_id];
        msg->lowest_of_name[f->name_id] = i;
        msg->count_of_name[f->name_id]++;
    }
    return MM_OK;
}

/* Where the walk over the header lines stands. */
struct walk {
    struct mm_msg *msg;
    struct mm_arena *arena;
    uint32_t field_cap;
    bool in_field;           /* a fold would go on with the last field */
    struct mm_view window;   /* what of the message may be header */
    struct mm_eol_count eol; /* of the lines so far */
    size_t marked_at;        /* of the window: where the marks begin */
    size_t marked_words;
    uint64_t lf[MM_MARK_WORDS(MARKED_BYTES)], colon[MM_MARK_WORDS(MARKED_BYTES)];
};

#define NO_MARK SIZE_MAX

/* The marks stay as they are: they count only once made. */
static void begin_walk(struct walk *w, struct mm_msg *msg, struct mm_arena *arena)
{
    size_t len = msg->bytes.len < MM_HEADER_MAX_BYTES ? msg->bytes.len : MM_HEADER_MAX_BYTES;
    w->msg = msg;
    w->arena = arena;
    w->field_cap = 0;
    w->in_field = false;
    w->window = mm_view_sub(msg->bytes, 0, len);
    w->eol = (struct mm_eol_count){0};
    w->marked_at = w->marked_words = 0;
}

/* Offset in the window of the first mark at or behind `at`, or NO_MARK. */
static size_t next_mark(const struct walk *w, const uint64_t *marks, size_t at)
{
    size_t word = (at - w->marked_at) / 64;
    if (word >= w->marked_words)
        return NO_MARK;
    uint64_t bits = marks[word] & UINT64_MAX << (at - w->marked_at) % 64;
    while (bits == 0 && ++word < w->marked_words)
        bits = marks[word];
    return bits ? w->marked_at + word * 64 + (size_t)__builtin_ctzll(bits) : NO_MARK;
}

static void mark_from(struct walk *w, size_t at)
{
    size_t left = w->window.len - at, len = left < MARKED_BYTES ? left : MARKED_BYTES;
    mm_line_marks(mm_view_sub(w->window, at, len), w->lf, w->colon);
    w->marked_at = at;
    w->marked_words = MM_MARK_WORDS(len);
}

static size_t find_byte(const struct walk *w, size_t at, size_t end, char byte)
{
    const char *found = memchr(w->window.data + at, byte, end - at);
    return found ? (size_t)(found - w->window.data) : NO_MARK;
}

/* The LF that ends the line at `at`, and the first colon from there on, which may lie behind it. */
static size_t find_line(struct walk *w, size_t at, size_t *colon)
{
    size_t lf = next_mark(w, w->lf, at);
    if (lf == NO_MARK) {
        mark_from(w, at);
        lf = next_mark(w, w->lf, at);
    }
    *colon = next_mark(w, w->colon, at);
    if (lf == NO_MARK) { /* a line longer than what is marked, or one without an end */
        lf = find_byte(w, at, w->window.len, '\n');
        *colon = find_byte(w, at, lf == NO_MARK ? w->window.len : lf, ':');
    }
    return lf;
}

static struct mm_field *add_field(struct walk *w)
{
    struct mm_msg *msg = w->msg;
    if (msg->field_count == w->field_cap) {
        uint32_t cap = w->field_cap ? w->field_cap * 2 : FIELDS_AT_FIRST;
        struct mm_field *grown = mm_arena_alloc(w->arena, cap * sizeof *grown);
        if (!grown)
            return NULL;
        if (msg->field_count)
            memcpy(grown, msg->fields, msg->field_count * sizeof *grown);
        msg->fields = grown;
        w->field_cap = cap;
    }
    return &msg->fields[msg->field_count++];
}

/* One header line, [start, end) without its line end, `next` behind it; a colon at or behind `end`
 * is not its own. */
static enum mm_status take_line(struct walk *w, size_t start, size_t end, size_t next, size_t colon)
{
    const char *line = w->msg->bytes.data + start;
    if (mm_is_wsp((unsigned char)line[0])) {
        if (!w->in_field) {
            w->msg->stray_lines++;
            return MM_OK;
        }
        struct mm_field *f = &w->msg->fields[w->msg->field_count - 1];
        f->end = (uint32_t)end;
        f->next = (uint32_t)next;
        return MM_OK;
    }
    size_t name_len = colon < end ? colon - start : 0;
    while (name_len > 0 && mm_is_wsp((unsigned char)line[name_len - 1]))
        name_len--;
    w->in_field = name_len > 0;
    if (!w->in_field) {
        w->msg->stray_lines++;
        return MM_OK;
    }
    struct mm_field *f = add_field(w);
    if (!f)
        return MM_E_NOMEM;
    f->start = (uint32_t)start;
    f->name_len = (uint32_t)name_len;
    f->value = (uint32_t)(colon + 1);
    f->end = (uint32_t)end;
    f->next = (uint32_t)next;
    return MM_OK;
}

/* Length of the empty line at `at` (1 or 2), or 0 where the line has content. */
static size_t empty_line(struct mm_view v, size_t at)
{
    if (v.data[at] == '\n')
        return 1;
    return v.data[at] == '\r' && at + 1 < v.len && v.data[at + 1] == '\n' ? 2 : 0;
}

/* Walk the lines up to the empty one. *header_bytes ends before it, msg->body begins behind it. */
static enum mm_status walk_header(struct walk *w, size_t *header_bytes)
{
    struct mm_view v = w->msg->bytes;
    size_t at = 0, blank = 0, colon = NO_MARK;
    while (at < v.len && (blank = empty_line(v, at)) == 0) {
        size_t lf = at < w->window.len ? find_line(w, at, &colon) : NO_MARK;
        if (lf == NO_MARK && w->window.len < v.len)
            return MM_E_LIMIT;
        size_t next = lf == NO_MARK ? v.len : lf + 1, end = lf == NO_MARK ? v.len : lf;
        bool pair = lf != NO_MARK && lf > at && v.data[lf - 1] == '\r';
        w->eol.crlf += pair;
        w->eol.bare_lf += lf != NO_MARK && !pair;
        MM_TRY(take_line(w, at, end - pair, next, colon));
        at = next;
    }
    w->eol.crlf += blank == 2;
    w->eol.bare_lf += blank == 1;
    *header_bytes = at;
    w->msg->body = mm_view_sub(v, at + blank, v.len - at - blank);
    return MM_OK;
}

static void note_line_ends(struct mm_msg *msg, struct mm_eol_count count)
{
    msg->eol = count.bare_lf == 0 ? MM_EOL_CRLF : count.crlf == 0 ? MM_EOL_LF : MM_EOL_MIXED;
    if (count.bare_lf == 0)
        return;
    msg->has_bare_lf = true;
    msg->first_bare_lf = mm_eol_first_bare_lf(msg->bytes);
    msg->first_line_is_lf = !memchr(msg->bytes.data, '\n', msg->first_bare_lf);
}

/* Take a leading separator line off; *bytes is what stays. */
static struct mm_view cut_from_line(struct mm_view *bytes)
{
    if (!mm_mbox_sniff(*bytes))
        return mm_view_sub(*bytes, 0, 0);
    const char *lf = memchr(bytes->data, '\n', bytes->len);
    size_t len = lf ? (size_t)(lf - bytes->data) + 1 : bytes->len;
    struct mm_view line = mm_view_sub(*bytes, 0, len);
    *bytes = mm_view_sub(*bytes, len, bytes->len - len);
    return line;
}

/* Undo what a failed walk left, so that nobody reads half an index. */
static enum mm_status give_up(struct mm_msg *msg, enum mm_status st)
{
    msg->fields = NULL;
    msg->field_count = msg->name_count = msg->stray_lines = 0;
    msg->lowest_of_name = msg->count_of_name = msg->name_slots = NULL;
    msg->body = mm_view_sub(msg->bytes, msg->bytes.len, 0);
    note_line_ends(msg, mm_eol_count(msg->bytes));
    return st;
}

/* What the body adds to the line ends of the header. */
static void note_body(struct mm_msg *msg, struct mm_eol_count header)
{
    struct mm_eol_count body = mm_eol_count(msg->body);
    msg->body_has_bare_lf = body.bare_lf > 0;
    note_line_ends(msg, (struct mm_eol_count){.crlf = header.crlf + body.crlf,
                                              .bare_lf = header.bare_lf + body.bare_lf});
}

enum mm_status mm_msg_index(struct mm_msg *msg, struct mm_view bytes, struct mm_arena *arena)
{
    struct walk w;
    size_t header_bytes = 0;
    if (!bytes.data)
        bytes.data = "";
    struct mm_view from_line = cut_from_line(&bytes);
    *msg = (struct mm_msg){.bytes = bytes, .from_line = from_line};
    begin_walk(&w, msg, arena);
    enum mm_status st = walk_header(&w, &header_bytes);
    if (st == MM_OK && msg->field_count > 0)
        st = link_names(msg, arena);
    if (st != MM_OK)
        return give_up(msg, st);
    msg->header_has_nul = header_bytes > 0 && memchr(bytes.data, '\0', header_bytes) != NULL;
    note_body(msg, w.eol);
    return MM_OK;
}

uint32_t mm_msg_name_id(const struct mm_msg *msg, struct mm_view name)
{
    if (msg->name_count == 0)
        return MM_FIELD_NONE;
    return find_slot(msg, name, name_hash(name))[0] - 1; /* an empty slot holds 0: NONE */
}

uint32_t mm_msg_count(const struct mm_msg *msg, struct mm_view name)
{
    uint32_t id = mm_msg_name_id(msg, name);
    return id == MM_FIELD_NONE ? 0 : msg->count_of_name[id];
}
