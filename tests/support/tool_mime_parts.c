/*
 * tool_mime_parts.c - the leaf parts of messages, for a comparison with another reader.
 * SPDX-License-Identifier: Apache-2.0
 *
 *   mime_parts < NAMES
 *
 * Prints a line a leaf: file, path of the part, type, octets of the decoded body, their SHA-256;
 * the line ends at the end of the body left out.
 */
#include <inttypes.h>
#include <openssl/evp.h>

#include "mail/mime.h"
#include "support/mm_test.h"

enum { ARENA_BYTES = 1 << 30 };

static void print_leaf(const char *name, struct mm_mime *mime, uint32_t index,
                       struct mm_arena *arena)
{
    struct mm_mime_part *part = &mime->parts[index];
    struct mm_view body;
    char path[MM_MIME_PATH_BYTES];
    unsigned char sum[EVP_MAX_MD_SIZE];
    unsigned sum_bytes = 0;
    if (mm_mime_decode(part, arena, &body, NULL) != MM_OK)
        exit(1);
    while (mm_view_ends(body, MM_VIEW("\r")) || mm_view_ends(body, MM_VIEW("\n")))
        body.len--;
    if (EVP_Digest(body.data, body.len, sum, &sum_bytes, EVP_sha256(), NULL) != 1)
        exit(1);
    mm_mime_path(mime, index, path);
    printf("%s\t%s\t%.*s/%.*s\t%zu\t", name, path, (int)part->type.len, part->type.data,
           (int)part->subtype.len, part->subtype.data, body.len);
    for (unsigned i = 0; i < sum_bytes; i++)
        printf("%02x", sum[i]);
    putchar('\n');
}

int main(void)
{
    char name[4096];
    struct mm_arena arena;
    mm_arena_init(&arena, ARENA_BYTES);
    while (fgets(name, sizeof name, stdin)) {
        name[strcspn(name, "\n")] = '\0';
        struct mm_view bytes = mm_test_read_file(name);
        struct mm_mime mime;
        if (mm_mime_walk(&mime, bytes, &arena) != MM_OK)
            return 1;
        for (uint32_t i = 0; i < mime.count; i++)
            if (mm_mime_is_leaf(&mime, i))
                print_leaf(name, &mime, i, &arena);
        free((void *)(uintptr_t)bytes.data);
        mm_arena_reset(&arena);
    }
    mm_arena_deinit(&arena);
    return 0;
}
