/*
 * mac_litter.h - what macOS adds to an archive beside the files that were meant.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Attributes of a file go along as an AppleDouble file (RFC 1740) that is called ._NAME; the
 * Archive Utility has them below __MACOSX/. The Finder leaves .DS_Store in folders.
 */
#ifndef MM_IO_MAC_LITTER_H
#define MM_IO_MAC_LITTER_H

#include "base/view.h"

static inline bool mm_path_is_mac_litter(struct mm_view path)
{
    const char *slash = path.len ? memrchr(path.data, '/', path.len) : NULL;
    size_t base_at = slash ? (size_t)(slash - path.data) + 1 : 0;
    struct mm_view base = mm_view_sub(path, base_at, path.len - base_at);
    return mm_view_starts(path, MM_VIEW("__MACOSX/")) || mm_view_starts(base, MM_VIEW("._")) ||
           mm_view_eq(base, MM_VIEW(".DS_Store"));
}

#endif /* MM_IO_MAC_LITTER_H */
