/*
 * fuzz_mime.c - the parts of a message hang together whatever the bytes are.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>

#include "mail/encoded_word.h"
#include "mail/mime.h"
#include "text/base64_body.h"
#include "text/utf8.h"

static void require(int holds)
{
    if (!holds)
        abort();
}

static void require_utf8(struct mm_view text)
{
    uint32_t code_point;
    while (text.len > 0) {
        size_t len = mm_utf8_decode(text, &code_point);
        require(len > 0);
        text = mm_view_sub(text, len, text.len - len);
    }
}

/* A child lies inside its parent, in the array and in the text. */
static void check_place(const struct mm_mime *mime, uint32_t index)
{
    const struct mm_mime_part *p = &mime->parts[index];
    char path[MM_MIME_PATH_BYTES];
    require(p->subtree_end > index && p->subtree_end <= mime->count);
    require(mm_mime_path(mime, index, path) < sizeof path);
    if (index == 0) {
        require(p->parent == MM_PART_NONE && p->depth == 0);
        return;
    }
    require(p->parent < index && p->depth <= MM_MIME_DEPTH_MAX && p->ordinal > 0);
    const struct mm_mime_part *up = &mime->parts[p->parent];
    require(p->depth == up->depth + 1 && p->subtree_end <= up->subtree_end);
    require(up->media == MM_MEDIA_MULTIPART || up->media == MM_MEDIA_MESSAGE);
    if (up->media == MM_MEDIA_MULTIPART) {
        require(p->head.data >= up->body.data);
        require(p->body.data + p->body.len <= up->body.data + up->body.len);
    }
}

static void check_body(struct mm_mime_part *p, struct mm_arena *arena)
{
    struct mm_view first, again;
    require(mm_mime_decode(p, arena, &first, NULL) == MM_OK);
    require(mm_mime_decode(p, arena, &again, NULL) == MM_OK);
    require(first.data == again.data && first.len == again.len);
    require(first.len <= p->body.len);
    if (p->encoding != MM_ENCODING_BASE64)
        return;
    uint8_t *plain = malloc(MM_BASE64_BODY_ROOM(p->body.len));
    size_t len = mm_base64_decode_body_reference(p->body, plain, NULL);
    require(len == first.len && (len == 0 || memcmp(plain, first.data, len) == 0));
    free(plain);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mm_arena arena;
    struct mm_mime mime;
    struct mm_view subject;
    mm_arena_init(&arena, 256 << 20);
    require(mm_mime_walk(&mime, (struct mm_view){(const char *)data, size}, &arena) == MM_OK);
    require(mime.count > 0 && mime.count <= MM_MIME_PARTS_MAX);
    for (uint32_t i = 0; i < mime.count; i++) {
        check_place(&mime, i);
        check_body(&mime.parts[i], &arena);
        require_utf8(mime.parts[i].name);
        require(mm_encoded_words_decode(mm_mime_field(&mime.parts[i], MM_VIEW("subject")), &arena,
                                        &subject, NULL) == MM_OK);
        require_utf8(subject);
    }
    mm_arena_deinit(&arena);
    return 0;
}
