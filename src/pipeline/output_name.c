/*
 * output_name.c - what the name that -o is given stands for.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "pipeline/output_name.h"

#include "base/view.h"

enum mm_output_name mm_output_name_of(const char *output)
{
    static const struct {
        struct mm_view suffix;
        enum mm_output_name name;
    } SUFFIXES[] = {{{".mbox", 5}, MM_NAMES_MBOX},
                    {{".tar", 4}, MM_NAMES_TAR},
                    {{".tar.zst", 8}, MM_NAMES_TAR_ZST},
                    {{".bsmtp", 6}, MM_NAMES_BSMTP},
                    {{".ndjson", 7}, MM_NAMES_NDJSON}};
    struct mm_view out = mm_view_of(output ? output : "");
    if (mm_view_eq(out, MM_VIEW("-")))
        return MM_NAMES_STDOUT;
    for (size_t i = 0; i < MM_COUNT(SUFFIXES); i++)
        if (mm_view_ends(out, SUFFIXES[i].suffix))
            return SUFFIXES[i].name;
    return MM_NAMES_FOLDER;
}
