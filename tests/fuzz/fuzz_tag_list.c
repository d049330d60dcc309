/*
 * fuzz_tag_list.c - any bytes as a tag list: tags lie inside the text, in order, each name once.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>

#include "dkim/tag_list.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mm_view text = {(const char *)data, size};
    struct mm_tag_list list;
    enum mm_status status = mm_tag_list_parse(text, &list);
    if (list.fault_offset > size || list.count > MM_TAGS_MAX || (status == MM_OK && !list.count))
        abort();
    const char *at = text.data;
    for (size_t i = 0; i < list.count; i++) {
        const struct mm_tag *tag = &list.tags[i];
        if (tag->name.len == 0 || tag->name.data < at ||
            tag->raw_value.data < tag->name.data + tag->name.len + 1 ||
            tag->value.len > tag->raw_value.len || mm_tag_find(&list, tag->name) != tag)
            abort();
        at = tag->raw_value.data + tag->raw_value.len;
    }
    if (size > 0 && at > text.data + size)
        abort();
    return 0;
}
