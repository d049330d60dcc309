/*
 * xml_shapes.c - elements that are written like one before: their texts, without reading each tag.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "text/xml_shapes.h"

#include <assert.h>
#include <stdlib.h>

#include "text/xml_internal.h"

enum {
    NODES_MAX = 2048, /* a record has some 15, most of them shared */
    STEPS_MAX = 4096,
    PIECES_MAX_BYTES = 256 * 1024,
    OWN_TEXTS = 2 /* before an element's ending */
};

/* A piece of markup, from behind one text to the next, or to the element's end. Number 0 stands
 * before all of them. */
struct node {
    uint32_t piece_at, piece_len; /* in `pieces` */
    uint32_t step_at;             /* in `steps` */
    uint16_t step_count;
    bool ends;               /* the element: else the last step takes the text behind the piece */
    uint32_t child, sibling; /* the first way to go on; another one beside this. 0: none */
};

/* What comes behind a node's text, to the element's end. */
struct ending {
    size_t at, len; /* in the document */
    uint32_t node, number;
};

struct mm_xml_shapes {
    uint32_t node_count, step_count, piece_bytes; /* in use */
    uint32_t depth;                               /* of the elements, without themselves */
    /* The element that is being read. */
    bool listening;
    size_t noted_count, start; /* of it: behind the tag before it */
    struct mm_xml_step noted[MM_XML_SHAPE_STEPS_MAX];

    /* The element that was taken last: its ending, as far as it is known. */
    size_t ending_at;
    uint32_t ending_node; /* 0: it has none, or it is one of these */
    uint32_t ending_count;
    struct ending endings[MM_XML_ENDINGS_MAX]; /* the latest first */

    struct mm_xml_step taken[MM_XML_SHAPE_STEPS_MAX];
    struct node nodes[NODES_MAX];
    const void *steps[STEPS_MAX];
    char pieces[PIECES_MAX_BYTES];
};

static void forget(struct mm_xml_shapes *s)
{
    s->nodes[0] = (struct node){0};
    s->node_count = 1;
    s->step_count = s->piece_bytes = 0;
    s->ending_node = s->ending_count = 0; /* they are of its nodes */
}

struct mm_xml_shapes *mm_xml_shapes_new(void)
{
    struct mm_xml_shapes *s = malloc(sizeof *s);
    if (!s)
        return NULL;
    s->depth = 0;
    s->listening = false;
    forget(s);
    return s;
}

void mm_xml_shapes_free(struct mm_xml_shapes **shapes)
{
    free(*shapes);
    *shapes = NULL;
}

/* ---- endings ---- */

void mm_xml_shapes_open(struct mm_xml_shapes *s)
{
    if (s)
        s->ending_node = s->ending_count = 0;
}

static void put_first(struct mm_xml_shapes *s, const struct ending *ending, uint32_t from)
{
    struct ending first = *ending;
    memmove(s->endings + 1, s->endings, from * sizeof first);
    s->endings[0] = first;
}

void mm_xml_shapes_keep_ending(struct mm_xml_shapes *s, const struct mm_xml_pull *p,
                               uint32_t number)
{
    if (!s || !s->ending_node)
        return;
    const struct ending ending = {s->ending_at, p->at - s->ending_at, s->ending_node, number};
    if (s->ending_count < MM_XML_ENDINGS_MAX)
        s->ending_count++;
    put_first(s, &ending, s->ending_count - 1);
    s->ending_node = 0;
}

/* Behind the text of a node, at `at`, is an ending that is known. */
static bool ends_alike(struct mm_xml_shapes *s, const struct mm_xml_pull *p, uint32_t node,
                       size_t at)
{
    const char *text = p->document.data;
    for (uint32_t i = 0; i < s->ending_count; i++) {
        const struct ending *ending = &s->endings[i];
        if (ending->node != node || ending->len > p->document.len - at ||
            memcmp(text + ending->at, text + at, ending->len) != 0)
            continue;
        put_first(s, ending, i);
        return true;
    }
    s->ending_at = at;
    s->ending_node = node;
    return false;
}

/* ---- taking ---- */

static bool stands_at(const struct mm_xml_shapes *s, const struct node *node,
                      const struct mm_xml_pull *p, size_t at)
{
    return node->piece_len <= p->document.len - at &&
           memcmp(s->pieces + node->piece_at, p->document.data + at, node->piece_len) == 0;
}

/* The way from a node that the document takes; it comes to the front. NULL: none. */
static const struct node *follow(struct mm_xml_shapes *s, uint32_t from,
                                 const struct mm_xml_pull *p, size_t at)
{
    struct node *node = &s->nodes[s->nodes[from].child];
    if (node == s->nodes)
        return NULL;
    if (stands_at(s, node, p, at))
        return node;
    for (uint32_t *link = &node->sibling; *link; link = &s->nodes[*link].sibling) {
        uint32_t found = *link;
        node = &s->nodes[found];
        if (!stands_at(s, node, p, at))
            continue;
        *link = node->sibling;
        node->sibling = s->nodes[from].child;
        s->nodes[from].child = found;
        return node;
    }
    return NULL;
}

/* Top bits, of which only the lowest counts: that of the first byte that is no plain ASCII text. */
static uint64_t stops_in(uint64_t word)
{
    uint64_t tag = word ^ MM_WORD_OF('<'), reference = word ^ MM_WORD_OF('&'),
             bracket = word ^ MM_WORD_OF(']'), one = MM_WORD_OF(1);
    uint64_t none = ((tag - one) & ~tag) | ((reference - one) & ~reference) |
                    ((bracket - one) & ~bracket) | ((word - MM_WORD_OF(' ')) & ~word) | word;
    return none & MM_WORD_TOPS;
}

/* Where the text at `at` ends; marks, which look at all of the document, are for few of them. */
static size_t text_end(struct mm_xml_pull *p, size_t at)
{
    for (size_t i = at; i + MM_WORD_BYTES <= p->document.len; i += MM_WORD_BYTES) {
        uint64_t stops = stops_in(mm_word_load(p->document.data + i));
        if (!stops)
            continue;
        i += (size_t)__builtin_ctzll(stops) / 8;
        if (p->document.data[i] == '<')
            return i;
        break;
    }
    return mm_xml_find(p, p->marks.stop, at);
}

static bool is_ready(const struct mm_xml_shapes *s, const struct mm_xml_pull *p)
{
    return s && p->mode == MM_XML_STRICT && !p->fault && !p->again && !p->end_pending &&
           p->depth > 0 && p->depth == s->depth;
}

/* Append a node's steps; the last one's text, if any, is not known yet. */
static size_t append_steps(struct mm_xml_shapes *s, const struct node *node, size_t count)
{
    const void *const *steps = s->steps + node->step_at;
    for (uint32_t i = 0; i < node->step_count; i++) {
        struct mm_xml_step *step = &s->taken[count++];
        step->what = steps[i];
        step->text.data = NULL;
        step->text.len = 0;
    }
    return count;
}

/* It ends at `end`, after so many steps. */
static bool give(struct mm_xml_shapes *s, struct mm_xml_pull *p, size_t end, size_t count,
                 uint32_t ending, struct mm_xml_taken *taken)
{
    size_t offset = p->at;
    while (p->document.data[offset] != '<')
        offset++;
    p->at = end;
    *taken = (struct mm_xml_taken){s->taken, count, offset, ending};
    return true;
}

bool mm_xml_shapes_take(struct mm_xml_shapes *s, struct mm_xml_pull *p, struct mm_xml_taken *taken)
{
    size_t at = p->at, count = 0, texts = 0;
    uint32_t from = 0;
    const struct node *node;
    if (!is_ready(s, p))
        return false;
    s->ending_node = 0;
    while ((node = follow(s, from, p, at))) {
        count = append_steps(s, node, count);
        at += node->piece_len;
        if (node->ends)
            return give(s, p, at, count, MM_XML_NO_ENDING, taken);
        size_t stop = text_end(p, at);
        if (stop - at > MM_XML_TEXT_MAX_BYTES)
            return false;
        s->taken[count - 1].text = mm_view_trim_fws(mm_xml_between(p, at, stop));
        at = stop;
        from = (uint32_t)(node - s->nodes);
        if (++texts == OWN_TEXTS && ends_alike(s, p, from, at))
            return give(s, p, at + s->endings[0].len, count, s->endings[0].number, taken);
    }
    return false;
}

/* ---- learning ---- */

void mm_xml_shapes_begin(struct mm_xml_shapes *s, const struct mm_xml_pull *p)
{
    if (!s)
        return;
    s->listening = p->mode == MM_XML_STRICT && !p->again && !p->end_pending;
    s->start = p->at;
    s->noted_count = 0;
}

void mm_xml_shapes_drop(struct mm_xml_shapes *s)
{
    if (s)
        s->listening = false;
}

void mm_xml_shapes_note(struct mm_xml_shapes *s, const void *what, struct mm_view text)
{
    if (!s || !s->listening)
        return;
    if (s->noted_count == MM_XML_SHAPE_STEPS_MAX)
        s->listening = false;
    else
        s->noted[s->noted_count++] = (struct mm_xml_step){what, text};
}

/* White space and simple tags, and nothing else. */
static bool is_simple(struct mm_view piece)
{
    for (size_t at = 0; at < piece.len; at++) {
        if (mm_is_fws((unsigned char)piece.data[at]))
            continue;
        if (piece.data[at] != '<')
            return false;
        at += at + 1 < piece.len && piece.data[at + 1] == '/' ? 2 : 1;
        if (at >= piece.len || !mm_xml_starts_name((unsigned char)piece.data[at]))
            return false;
        while (at < piece.len && piece.data[at] != '>') {
            unsigned char c = (unsigned char)piece.data[at++];
            if (!mm_xml_starts_name(c) && !(c >= '0' && c <= '9') && c != '-' && c != '.')
                return false;
        }
        if (at == piece.len)
            return false;
    }
    return true;
}

/* Where a text of the document and the white space around it begin and end: both at a tag. False
 * where it is not one plain text between two tags, behind `from`. */
static bool find_text(const struct mm_xml_pull *p, size_t from, struct mm_view text, size_t *start,
                      size_t *end)
{
    const char *data = p->document.data;
    uintptr_t place = (uintptr_t)text.data - (uintptr_t)data;
    if (place < from || place > p->document.len || text.len > p->document.len - place)
        return false;
    size_t at = (size_t)place;
    while (at > from && mm_is_fws((unsigned char)data[at - 1]))
        at--;
    *start = at;
    at = (size_t)place + text.len;
    while (at < p->document.len && mm_is_fws((unsigned char)data[at]))
        at++;
    *end = at;
    return *start > from && data[*start - 1] == '>' && mm_xml_byte(p, at) == '<';
}

/* The way from a node that has this piece, made where there is none. 0: there is no room, or it
 * would mean something else. */
static uint32_t lead(struct mm_xml_shapes *s, uint32_t from, struct mm_view piece,
                     const struct mm_xml_step *steps, size_t step_count, bool ends)
{
    uint32_t children = 0;
    for (uint32_t i = s->nodes[from].child; i; i = s->nodes[i].sibling, children++) {
        const struct node *node = &s->nodes[i];
        if (!mm_view_eq((struct mm_view){s->pieces + node->piece_at, node->piece_len}, piece) ||
            node->ends != ends)
            continue;
        bool same = node->step_count == step_count;
        for (size_t k = 0; same && k < step_count; k++)
            same = s->steps[node->step_at + k] == steps[k].what;
        return same ? i : 0;
    }
    if (children == MM_XML_SHAPE_CHILDREN_MAX || s->node_count == NODES_MAX ||
        step_count > STEPS_MAX - s->step_count || piece.len > PIECES_MAX_BYTES - s->piece_bytes)
        return 0;
    s->nodes[s->node_count] = (struct node){.piece_at = s->piece_bytes,
                                            .piece_len = (uint32_t)piece.len,
                                            .step_at = s->step_count,
                                            .step_count = (uint16_t)step_count,
                                            .ends = ends,
                                            .sibling = s->nodes[from].child};
    memcpy(s->pieces + s->piece_bytes, piece.data, piece.len);
    s->piece_bytes += (uint32_t)piece.len;
    for (size_t k = 0; k < step_count; k++)
        s->steps[s->step_count++] = steps[k].what;
    s->nodes[from].child = s->node_count;
    return s->node_count++;
}

/* Add the shape of what was noted. False where there is no room. */
static bool add_shape(struct mm_xml_shapes *s, const struct mm_xml_pull *p, size_t end)
{
    size_t at = s->start, first = 0; /* step of the piece */
    uint32_t from = 0;
    for (size_t i = 0; i <= s->noted_count; i++) {
        bool ends = i == s->noted_count;
        size_t text_start = end, text_end = end;
        if (!ends && !s->noted[i].text.data)
            continue;
        if (!ends && !find_text(p, at, s->noted[i].text, &text_start, &text_end))
            return true;
        struct mm_view piece = mm_xml_between(p, at, text_start);
        if (!is_simple(piece))
            return true;
        from = lead(s, from, piece, s->noted + first, i + !ends - first, ends);
        if (from == 0)
            return false;
        first = i + 1;
        at = text_end;
    }
    return true;
}

void mm_xml_shapes_end(struct mm_xml_shapes *s, const struct mm_xml_pull *p)
{
    if (!s || !s->listening)
        return;
    s->listening = false;
    assert(p->event == MM_XML_END && s->start < p->at);
    if (s->noted_count == 0)
        return;
    if (s->depth != p->depth) {
        forget(s);
        s->depth = p->depth;
    }
    if (!add_shape(s, p, p->at)) {
        forget(s);
        add_shape(s, p, p->at);
    }
}
