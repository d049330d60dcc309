/*
 * list.h - the messages of a campaign, as make_campaign lists them.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_BENCH_LIST_H
#define MM_BENCH_LIST_H

#include "campaign/campaign.h"

struct campaign_item {
    char path[32]; /* below the folder of the messages */
    unsigned key;
    size_t header_bytes, body_bytes; /* as relaxed/relaxed hashes them */
};

/* All of them, on the heap; never none. */
static inline struct campaign_item *campaign_list(const char *folder, size_t *count)
{
    FILE *list = must_open(folder, "list", "r");
    struct campaign_item item, *items = NULL;
    size_t cap = 0;
    *count = 0;
    while (fscanf(list, "%31s %u %zu %zu", item.path, &item.key, &item.header_bytes,
                  &item.body_bytes) == 4) {
        if (*count == cap) {
            cap = cap ? 2 * cap : 1024;
            items = realloc(items, cap * sizeof(item));
            if (!items)
                die("out of memory", "list");
        }
        if (item.key >= CAMPAIGN_DOMAINS_MAX ||
            item.header_bytes + item.body_bytes > MM_MAIL_MAX_BYTES)
            die("bad list", item.path);
        items[(*count)++] = item;
    }
    if (!feof(list) || *count == 0)
        die("bad list", folder);
    fclose(list);
    return items;
}

#endif /* MM_BENCH_LIST_H */
