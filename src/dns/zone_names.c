/*
 * zone_names.c - the names that exist in master files, and the wildcard that answers for others.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dns/zone_names.h"

void mm_zone_names_deinit(struct mm_zone_names *names)
{
    mm_map_deinit(&names->nodes);
}

bool mm_zone_name_is_wildcard(struct mm_view name)
{
    return name.len && name.data[0] == '*' && (name.len == 1 || name.data[1] == '.');
}

/* The name without its first label; the root is above all but itself. */
static struct mm_view parent_of(struct mm_view name)
{
    size_t at = 0;
    while (at < name.len && name.data[at] != '.')
        at += name.data[at] == '\\' ? 2 : 1;
    at = at < name.len ? at + 1 : name.len;
    return mm_view_sub(name, at, name.len - at);
}

enum mm_status mm_zone_names_add(struct mm_zone_names *names, struct mm_view name)
{
    for (;; name = parent_of(name)) {
        enum mm_status st = mm_map_put(&names->nodes, name, 0);
        if (st != MM_OK)
            return st == MM_END ? MM_OK : st; /* what is there has all above it there */
        if (!name.len)
            return MM_OK;
    }
}

bool mm_zone_names_source(const struct mm_zone_names *names, struct mm_view name,
                          char out[MM_ZONE_SOURCE_MAX_BYTES], size_t *len)
{
    uint32_t unused;
    struct mm_view encloser = name;
    while (!mm_map_get(&names->nodes, encloser, &unused)) {
        if (!encloser.len)
            return false; /* not even the root: there are no names */
        encloser = parent_of(encloser);
    }
    if (encloser.len == name.len || encloser.len + 2 > MM_ZONE_SOURCE_MAX_BYTES)
        return false;
    memcpy(out, "*.", 2);
    memcpy(out + 2, encloser.data, encloser.len);
    *len = encloser.len ? 2 + encloser.len : 1;
    return true;
}
