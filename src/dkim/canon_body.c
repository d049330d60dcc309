/*
 * canon_body.c - a body's bytes to the bytes that are hashed.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The byte-wise machine `step` is the reference and knows every state. Between states that hold
 * something back the body is a plain run, which a kernel takes in wide steps: it writes line ends
 * as it meets them, and those at its end are taken back into the counter afterwards, since they may
 * turn out to be the empty lines at the end of the body.
 */
#include "dkim/canon_body.h"

#include "base/word.h"

/* A kernel needs this much room a step: a whole block and 64 bare LFs that grow to CRLF. */
enum { RUN_ROOM = 64 + 2 * 64 };
_Static_assert(RUN_ROOM <= (int)MM_CANON_OUT_MIN, "the smallest output still takes a block");

/*
 * Canonicalize the head of *in from a state that holds nothing back, up to where one would have to
 * begin. cap is at least RUN_ROOM. Returns the bytes written; *in moves on.
 */
typedef size_t run_fn(struct mm_view *in, char *out, size_t cap, bool relaxed);

void mm_canon_body_init(struct mm_canon_body *c, enum mm_canon canon)
{
    *c = (struct mm_canon_body){.canon = canon};
}

static bool holds_back(const struct mm_canon_body *c)
{
    return c->pending_lines > 0 || c->pending_wsp || c->pending_cr;
}

static size_t put_crlf(char *out)
{
    memcpy(out, "\r\n", 2);
    return 2;
}

/* Write what was held back, now that content follows. False where `out` is full before the end. */
static bool release(struct mm_canon_body *c, char *out, size_t cap, size_t *len)
{
    for (; c->pending_lines > 0 && cap - *len >= 2; c->pending_lines--)
        *len += put_crlf(out + *len);
    size_t rest = (size_t)c->pending_wsp + c->pending_cr;
    if (c->pending_lines > 0 || cap - *len < rest)
        return false;
    if (c->pending_wsp)
        out[(*len)++] = ' ';
    if (c->pending_cr)
        out[(*len)++] = '\r';
    c->any_output |= rest > 0;
    c->pending_wsp = c->pending_cr = false;
    return true;
}

/*
 * Take a byte whose fate is open into the state. False for content, and for whatever follows a CR
 * that is thereby content: release() comes first then.
 */
static bool hold(struct mm_canon_body *c, char byte)
{
    if (byte == '\n') {
        c->pending_lines++;
        c->pending_wsp = c->pending_cr = false;
        return true;
    }
    if (c->pending_cr)
        return false;
    if (byte == '\r')
        c->pending_cr = true;
    else if (c->canon == MM_CANON_RELAXED && mm_is_wsp((unsigned char)byte))
        c->pending_wsp = true;
    else
        return false;
    return true;
}

/* A byte that goes out as it is, wherever nothing is held back. */
static bool is_content(const struct mm_canon_body *c, char byte)
{
    if (byte == '\n' || byte == '\r')
        return false;
    return c->canon == MM_CANON_SIMPLE || !mm_is_wsp((unsigned char)byte);
}

/*
 * One byte at a time until `in` or `out` is used up or, with to_run, nothing is held back. At least
 * STEP_BYTES then, so that text that is all exceptions is not handed to and fro for every byte.
 */
enum { STEP_BYTES = 8 };

static size_t step(struct mm_canon_body *c, struct mm_view *in, char *out, size_t cap, bool to_run)
{
    const char *at = in->data, *end = at + in->len;
    const char *enough = to_run && in->len > STEP_BYTES ? at + STEP_BYTES : end;
    size_t len = 0;
    bool holds = holds_back(c);
    while (at < end && (at < enough || holds)) {
        if (!holds && is_content(c, *at)) {
            if (len == cap)
                break;
            out[len++] = *at++;
            c->any_output = true;
            continue;
        }
        if (hold(c, *at)) {
            at++;
            holds = true;
        } else if (release(c, out, cap, &len)) {
            holds = false; /* now the byte itself is looked at */
        } else {
            break;
        }
    }
    *in = (struct mm_view){at, (size_t)(end - at)};
    return len;
}

size_t mm_canon_body_feed_reference(struct mm_canon_body *c, struct mm_view *in, char *out,
                                    size_t cap)
{
    size_t len = step(c, in, out, cap, false);
    c->out_bytes += len;
    return len;
}

/*
 * Portable: copy up to the first byte that is not written as it stands. Eight bytes are looked at
 * together with the one that follows each.
 */
static size_t run_portable(struct mm_view *in, char *out, size_t cap, bool relaxed)
{
    size_t most = in->len < cap ? in->len : cap, len = 0;
    if (in->data[0] == '\n')
        return 0;
    for (; len + 8 <= most && len + 8 < in->len; len += 8) {
        uint64_t word = mm_word_load(in->data + len), after = mm_word_load(in->data + len + 1);
        uint64_t lf = mm_word_equal(after, '\n');
        uint64_t odd = lf & ~mm_word_equal(word, '\r'); /* a bare LF follows */
        if (relaxed)
            odd |= mm_word_equal(word, '\t') |
                   (mm_word_equal(word, ' ') &
                    (mm_word_equal(after, ' ') | mm_word_equal(after, '\t') |
                     mm_word_equal(after, '\r') | lf));
        mm_word_store(out + len, word);
        if (odd) {
            len += (size_t)__builtin_ctzll(odd) / 8;
            break;
        }
    }
    while (len > 0 && in->data[len - 1] == '\r') /* an LF may follow */
        len--;
    *in = mm_view_sub(*in, len, in->len - len);
    return len;
}

#define MM_KERNEL "dkim/x86/canon_body_kernel.inc"
#include "text/x86/each_width.inc"

/*
 * Take the line ends at the end of out[0..len) back into the counter; what stays is content.
 * Every LF in canonical output is the second half of a CRLF.
 */
static size_t take_back_lines(struct mm_canon_body *c, const char *out, size_t len)
{
    while (len > 0 && out[len - 1] == '\n') {
        len -= 2;
        c->pending_lines++;
    }
    c->any_output |= len > 0;
    return len;
}

static size_t feed(run_fn *run, struct mm_canon_body *c, struct mm_view *in, char *out, size_t cap)
{
    bool relaxed = c->canon == MM_CANON_RELAXED;
    size_t len = 0, before;
    do {
        before = in->len;
        if (in->len > 0 && !holds_back(c))
            len += take_back_lines(c, out + len, run(in, out + len, cap - len, relaxed));
        len += step(c, in, out + len, cap - len, true);
    } while (in->len > 0 && in->len < before && cap - len >= RUN_ROOM);
    c->out_bytes += len;
    return len;
}

/* Whole blocks with blanks and line ends across their edges, then every rule once, and a run of
 * blanks across the edge of a block. */
#define FILL_50 "fifty bytes of text without any blank at its end.."
#define FILL_62 FILL_50 "twelve of it"
static bool gives_known_answer(mm_kernel_fn *run)
{
    static const char text[] =
        FILL_62 " \r\n" FILL_62 " \t" FILL_62 " \r\n" FILL_62 FILL_62
                "a \t b\tc \r\nd\n\r\n  e\r f" FILL_50 " \t \r \t " FILL_50 FILL_50 "\t\t\n \r\n\n",
                      simple[] = FILL_62 " \r\n" FILL_62 " \t" FILL_62 " \r\n" FILL_62 FILL_62
                                         "a \t b\tc \r\nd\r\n\r\n  e\r f" FILL_50
                                         " \t \r \t " FILL_50 FILL_50 "\t\t\r\n ",
                      relaxed[] = FILL_62 "\r\n" FILL_62 " " FILL_62 "\r\n" FILL_62 FILL_62
                                          "a b c\r\nd\r\n\r\n e\r f" FILL_50 " \r " FILL_50 FILL_50;
    const struct mm_view wanted[] = {MM_VIEW(simple), MM_VIEW(relaxed)};
    for (int canon = MM_CANON_SIMPLE; canon <= MM_CANON_RELAXED; canon++) {
        char out[2 * sizeof text + RUN_ROOM];
        struct mm_view rest = MM_VIEW(text);
        struct mm_canon_body c;
        mm_canon_body_init(&c, canon);
        size_t len = feed((run_fn *)run, &c, &rest, out, sizeof out);
        if (rest.len > 0 || !mm_view_eq((struct mm_view){out, len}, wanted[canon]))
            return false;
    }
    return true;
}

struct mm_kernel mm_canon_body_kernel = {
    .forms = MM_KERNEL_FORMS(run, run_portable),
    .works = gives_known_answer,
};

size_t mm_canon_body_feed(struct mm_canon_body *c, struct mm_view *in, char *out, size_t cap)
{
    return feed((run_fn *)mm_kernel_pick(&mm_canon_body_kernel), c, in, out, cap);
}

size_t mm_canon_body_end(struct mm_canon_body *c, char out[8])
{
    enum { CAP = 8 };
    size_t len = 0;
    if (c->ended)
        return 0;
    if (c->pending_cr && !release(c, out, CAP, &len)) {
        c->out_bytes += len;
        return len; /* more empty lines before that CR than fit */
    }
    if (CAP - len >= 2) {
        /* RFC 6376 section 3.4.3: a body without a line end at its end gets one, an empty one too;
         * section 3.4.4: not where nothing is left of it. */
        if (c->any_output || c->canon == MM_CANON_SIMPLE)
            len += put_crlf(out + len);
        c->ended = true;
    }
    c->out_bytes += len;
    return len;
}

struct mm_view mm_canon_body_simple_trim(struct mm_view body, bool *add_crlf)
{
    bool ends_line = false;
    while (mm_view_ends(body, MM_VIEW("\r\n"))) {
        body.len -= 2;
        ends_line = true;
    }
    if (ends_line && body.len > 0)
        body.len += 2; /* the last line keeps its own end, in place */
    *add_crlf = body.len == 0 || !ends_line;
    return body;
}
