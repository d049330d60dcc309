/*
 * archive_names.c - names of members of an archive that is to be made, known before work starts.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "pipeline/archive_names.h"

#include <limits.h>
#include <stdio.h>

#include "io/tar_write.h"

bool mm_output_is_tar(const char *output)
{
    struct mm_view out = mm_view_of(output ? output : "");
    return mm_view_ends(out, MM_VIEW(".tar")) || mm_view_ends(out, MM_VIEW(".tar.zst"));
}

enum mm_status mm_archive_names_init(struct mm_archive_names *a, struct mm_error *err)
{
    *a = (struct mm_archive_names){.names = mm_names_new(true, 0, NULL)};
    return a->names ? MM_OK : mm_fail(err, MM_E_NOMEM, "no memory for the names of an archive");
}

void mm_archive_names_deinit(struct mm_archive_names *a)
{
    mm_names_free(&a->names);
}

/* As a file system reads it: "a//b" and "./a/b" are a/b. */
static struct mm_view plain_path(struct mm_view name, char out[PATH_MAX])
{
    size_t len = 0;
    while (name.len) {
        struct mm_view part;
        mm_view_cut(name, '/', &part, &name);
        if (part.len == 0 || mm_view_eq(part, MM_VIEW(".")) || len + 1 + part.len >= PATH_MAX)
            continue;
        if (len)
            out[len++] = '/';
        memcpy(out + len, part.data, part.len);
        len += part.len;
    }
    return (struct mm_view){out, len};
}

enum mm_status mm_archive_names_add(struct mm_archive_names *a, struct mm_view source,
                                    struct mm_error *err)
{
    char plain[PATH_MAX];
    struct mm_view member = mm_tar_name_inside(source);
    a->shortened = a->shortened || member.len < source.len;
    return mm_names_add(a->names, plain_path(member, plain), 0, err);
}

enum mm_status mm_archive_names_check(struct mm_archive_names *a, const char *output,
                                      struct mm_error *err)
{
    char last[PATH_MAX];
    struct mm_view name, before = {NULL, 0};
    uint8_t kind;
    enum mm_status st = mm_names_seal(a->names, err);
    while (st == MM_OK && (st = mm_names_next(a->names, &name, &kind, err)) == MM_OK) {
        if (before.data && mm_view_eq(name, before))
            return mm_fail(err, MM_E_ARG,
                           "%.*s: two of the names listed would be this member of %s, and one "
                           "would be lost when it is unpacked; give them an OUT each",
                           (int)(name.len < 200 ? name.len : 200), name.data, output);
        memcpy(last, name.data, name.len);
        before = (struct mm_view){last, name.len};
    }
    return st == MM_END ? MM_OK : st;
}
