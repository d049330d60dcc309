/*
 * member_name.c - names of messages in containers: in rows, in lists, in a tree.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "pipeline/member_name.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>

struct mm_view mm_member_name_make(struct mm_view container, struct mm_view member, uint64_t offset,
                                   char buffer[MM_MEMBER_NAME_MAX_BYTES])
{
    if (member.len)
        snprintf(buffer, MM_MEMBER_NAME_MAX_BYTES, "%.*s!%.*s", (int)container.len, container.data,
                 (int)member.len, member.data);
    else
        snprintf(buffer, MM_MEMBER_NAME_MAX_BYTES, "%.*s!%" PRIu64, (int)container.len,
                 container.data, offset);
    return mm_view_of(buffer);
}

bool mm_member_name_split(struct mm_view name, char path[PATH_MAX], struct mm_view *member)
{
    struct stat st;
    for (size_t cut = 1; cut + 1 < name.len && cut < PATH_MAX; cut++) {
        if (name.data[cut] != '!')
            continue;
        snprintf(path, PATH_MAX, "%.*s", (int)cut, name.data);
        if (stat(path, &st) != 0 || !S_ISREG(st.st_mode))
            continue;
        *member = mm_view_sub(name, cut + 1, name.len - cut - 1);
        return true;
    }
    return false;
}

struct mm_view mm_member_below(struct mm_view member, uint64_t offset,
                               char buffer[MM_MEMBER_BELOW_MAX_BYTES])
{
    if (member.len)
        return member;
    snprintf(buffer, MM_MEMBER_BELOW_MAX_BYTES, "%012" PRIu64 ".eml", offset);
    return mm_view_of(buffer);
}

void mm_unpacked_name(struct mm_view path, char name[NAME_MAX + 1])
{
    static const char *const SUFFIXES[] = {".gz", ".zst"};
    size_t slash = path.len;
    while (slash > 0 && path.data[slash - 1] != '/')
        slash--;
    struct mm_view base = mm_view_sub(path, slash, path.len - slash);
    for (size_t i = 0; i < MM_COUNT(SUFFIXES); i++)
        if (base.len > strlen(SUFFIXES[i]) && mm_view_ends(base, mm_view_of(SUFFIXES[i]))) {
            base.len -= strlen(SUFFIXES[i]);
            break;
        }
    snprintf(name, NAME_MAX + 1, "%.*s", (int)base.len, base.data);
}
