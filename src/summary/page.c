/*
 * page.c - one page of HTML with everything in it: charts, tables, style, script, data.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "summary/page.h"

#include "crypto/digest.h"
#include "summary/page_internal.h"
#include "summary/page_markup.h"
#include "summary/page_shown.h"
#include "text/base64.h"

/* Memory of one page in the making: texts and cells of its tables, sums of its charts. */
enum { PAGE_ARENA_BYTES = 256 * 1024 * 1024 };

/* ---- the policy ---- */

/* 'sha256-…' of what stands between the tags (CSP level 3 section 2.3.1). */
struct page_hash {
    char text[MM_BASE64_ENCODED_BYTES(MM_SHA256_BYTES) + 1];
};

static enum mm_status hash_of(struct mm_digest_ctx *digest, struct mm_view text,
                              struct page_hash *hash)
{
    struct mm_digest_job job = {.alg = MM_SHA256, .whole = text, .size_hint = text.len};
    MM_TRY(mm_digest_many(digest, &job, 1));
    hash->text[mm_base64_encode(hash->text, job.digest, MM_SHA256_BYTES)] = '\0';
    return MM_OK;
}

static enum mm_status make_hashes(struct page_hash *style, struct page_hash *script)
{
    struct mm_digest_ctx *digest = mm_digest_ctx_new();
    enum mm_status status = digest ? hash_of(digest, mm_page_style(), style) : MM_E_NOMEM;
    if (status == MM_OK)
        status = hash_of(digest, mm_page_script(), script);
    mm_digest_ctx_free(&digest);
    return status;
}

/* ---- the document ---- */

static void put_opening(struct mm_page *page, const struct page_hash *style,
                        const struct page_hash *script)
{
    struct mm_buf *out = page->out;
    mm_buf_printf(out,
                  "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
                  "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                  "script-src 'sha256-%s'; style-src 'sha256-%s'; base-uri 'none'; "
                  "form-action 'none'\">\n",
                  script->text, style->text);
    mm_buf_append_str(out, "<meta name=\"viewport\" content=\"width=device-width, "
                           "initial-scale=1\">\n<meta name=\"referrer\" content=\"no-referrer\">\n"
                           "<meta name=\"robots\" content=\"noindex\">\n"
                           "<title>Mail summary");
    if (page->head->has_window) {
        mm_buf_append_str(out, ", ");
        mm_page_day(out, page->head->first_day);
        mm_buf_append_str(out, " to ");
        mm_page_day(out, page->head->last_day);
    }
    mm_buf_append_str(out, "</title>\n<style>");
    mm_buf_append(out, mm_page_style());
    mm_buf_append_str(out, "</style></head>\n<body>\n");
}

static void put_end(struct mm_page *page)
{
    mm_buf_append_str(page->out, "<footer><div class=\"wide\">Made by mailmill ");
    mm_page_words(page->out, page->head->mailmill);
    mm_buf_append_str(page->out,
                      " out of datasets alone. Days are days in UTC. Nothing of this page comes "
                      "from, or goes to, a server.</div></footer>\n"
                      "<script type=\"application/json\" id=\"data\">");
    mm_page_put_data(page);
    mm_buf_append_str(page->out, "</script>\n<script>");
    mm_buf_append(page->out, mm_page_script());
    mm_buf_append_str(page->out, "</script>\n</body></html>\n");
}

/* Whole in `out`, or out->failed. */
static enum mm_status make_page(struct mm_page *page, const struct mm_summary *summary)
{
    struct page_hash style, script;
    mm_buf_clear(page->out);
    struct mm_summary_table *tables = mm_page_shown_tables(page->arena, summary, page->data_rows);
    if (!tables)
        return MM_E_NOMEM;
    MM_TRY(make_hashes(&style, &script));
    mm_page_find_cards(page, tables, summary->table_count);
    mm_page_find_charts(page);
    put_opening(page, &style, &script);
    mm_page_put_head(page);
    mm_page_put_tiles(page);
    mm_page_put_advice(page);
    mm_page_put_cards(page);
    mm_buf_append_str(page->out, "</main>\n");
    put_end(page);
    return MM_OK;
}

enum mm_status mm_page_make(struct mm_buf *out, const struct mm_summary *summary,
                            struct mm_error *err)
{
    enum { ROWS_MIN = 4 };
    struct mm_arena arena = {0};
    struct mm_page page = {.out = out,
                           .arena = &arena,
                           .head = &summary->head,
                           .data_rows = MM_PAGE_DATA_ROWS,
                           .html_rows = MM_PAGE_HTML_ROWS};
    enum mm_status status;
    mm_arena_init(&arena, PAGE_ARENA_BYTES);
    do {
        mm_arena_reset(&arena);
        status = make_page(&page, summary);
        page.data_rows /= 2; /* too large: half the rows are as good, and say so */
        page.html_rows = page.html_rows < page.data_rows ? page.html_rows : page.data_rows;
    } while (status == MM_OK && out->failed && page.data_rows >= ROWS_MIN);
    mm_arena_deinit(&arena);
    if (status != MM_OK)
        return mm_fail(err, status, "the page cannot be made: %s", mm_status_text(status));
    if (out->failed)
        return mm_fail(err, MM_E_LIMIT, "the page has no room in %d bytes", MM_PAGE_BYTES_MAX);
    return MM_OK;
}
