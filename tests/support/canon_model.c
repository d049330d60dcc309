/*
 * canon_model.c - canonical bodies and fields the slow and obvious way, and digests of them.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "support/canon_model.h"

#include <openssl/evp.h>

/* Cut the first line off *rest; its line end (CRLF or LF) goes. False for a line without one. */
static bool next_line(struct mm_view *rest, struct mm_view *line)
{
    bool ended = mm_view_cut(*rest, '\n', line, rest);
    if (ended && line->len > 0 && line->data[line->len - 1] == '\r')
        line->len--;
    return ended;
}

static void append_collapsed(struct mm_buf *out, struct mm_view line)
{
    while (line.len > 0 && mm_is_wsp((unsigned char)line.data[line.len - 1]))
        line.len--;
    for (size_t i = 0; i < line.len; i++) {
        if (!mm_is_wsp((unsigned char)line.data[i]))
            mm_buf_append_char(out, line.data[i]);
        else if (i == 0 || !mm_is_wsp((unsigned char)line.data[i - 1]))
            mm_buf_append_char(out, ' ');
    }
}

void mm_model_body(struct mm_buf *out, enum mm_canon canon, struct mm_view body)
{
    mm_buf_clear(out);
    size_t content_end = 0;
    while (body.len > 0) {
        struct mm_view line;
        size_t line_start = out->len;
        next_line(&body, &line);
        if (canon == MM_CANON_RELAXED)
            append_collapsed(out, line);
        else
            mm_buf_append(out, line);
        bool empty = out->len == line_start;
        mm_buf_append_str(out, "\r\n");
        if (!empty)
            content_end = out->len;
    }
    out->len = content_end;
    if (content_end == 0 && canon == MM_CANON_SIMPLE)
        mm_buf_append_str(out, "\r\n");
}

void mm_model_header(struct mm_buf *out, enum mm_canon canon, struct mm_view field, size_t value_at,
                     bool add_crlf)
{
    struct mm_buf unfolded;
    mm_buf_init(&unfolded, field.len + 1);
    mm_buf_clear(out);
    struct mm_view rest =
        canon == MM_CANON_SIMPLE ? field : mm_view_sub(field, value_at, field.len - value_at);
    bool ended = rest.len > 0;
    while (ended) {
        struct mm_view line;
        ended = next_line(&rest, &line);
        mm_buf_append(canon == MM_CANON_SIMPLE ? out : &unfolded, line);
        if (ended && canon == MM_CANON_SIMPLE)
            mm_buf_append_str(out, "\r\n");
    }
    if (canon == MM_CANON_RELAXED) {
        struct mm_view name = mm_view_trim_wsp(mm_view_sub(field, 0, value_at - 1));
        for (size_t i = 0; i < name.len; i++)
            mm_buf_append_char(out, (char)mm_ascii_lower((unsigned char)name.data[i]));
        mm_buf_append_char(out, ':');
        append_collapsed(out, mm_view_trim_wsp(mm_buf_view(&unfolded)));
    }
    if (add_crlf)
        mm_buf_append_str(out, "\r\n");
    mm_buf_deinit(&unfolded);
}

void mm_run_body(struct mm_buf *out, mm_feed_fn *feed, enum mm_canon canon, struct mm_view body,
                 size_t piece_max, size_t cap_max, uint64_t *seed)
{
    struct mm_canon_body c;
    char tail[8];
    static char zeros[65536];
    struct mm_guard page = mm_guard_copy((struct mm_view){zeros, cap_max});
    mm_canon_body_init(&c, canon);
    mm_buf_clear(out);
    while (body.len > 0) {
        size_t take = piece_max ? 1 + mm_random(seed) % piece_max : body.len;
        struct mm_view piece = mm_view_sub(body, 0, take < body.len ? take : body.len);
        body = mm_view_sub(body, piece.len, body.len - piece.len);
        while (piece.len > 0) {
            size_t cap = MM_CANON_OUT_MIN + mm_random(seed) % (cap_max - MM_CANON_OUT_MIN + 1);
            char *at = (char *)(uintptr_t)page.view.data + cap_max - cap;
            size_t before = piece.len, len = feed(&c, &piece, at, cap);
            assert_true(len <= cap && (len > 0 || piece.len < before));
            mm_buf_append(out, (struct mm_view){at, len});
        }
    }
    for (size_t len; (len = mm_canon_body_end(&c, tail)) > 0;)
        mm_buf_append(out, (struct mm_view){tail, len});
    assert_false(out->failed);
    assert_int_equal(c.out_bytes, out->len);
    mm_guard_free(&page);
}

void mm_digest_base64(const char *algorithm, struct mm_view bytes, char out[64])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int len = 0;
    const EVP_MD *md = EVP_get_digestbyname(algorithm);
    assert_non_null(md);
    assert_int_equal(EVP_Digest(bytes.data, bytes.len, digest, &len, md, NULL), 1);
    assert_true(len <= 32);
    EVP_EncodeBlock((unsigned char *)out, digest, (int)len);
}
