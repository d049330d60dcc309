/*
 * packing.h - gzip, zip and base64 of a few bytes, for tests of what takes them apart.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_SUPPORT_PACKING_H
#define MM_SUPPORT_PACKING_H

#include "base/buf.h"

/* One gzip member behind what `out` holds. */
void mm_pack_gzip(struct mm_buf *out, struct mm_view text);
/* A bare zlib stream. */
void mm_pack_zlib(struct mm_buf *out, struct mm_view text);
/* A zstd frame. */
void mm_pack_zstd(struct mm_buf *out, struct mm_view text);
/* base64 in lines of 76, ended with LF. */
void mm_pack_base64(struct mm_buf *out, struct mm_view bytes);

/* A zip of stored members, in memory of the maker until it is freed. */
struct mm_zip_maker {
    struct mm_buf out, directory;
    unsigned count;
};
void mm_zip_make_begin(struct mm_zip_maker *maker);
void mm_zip_make_add(struct mm_zip_maker *maker, const char *name, struct mm_view bytes);
/* A member whose general flags say that it is encrypted. */
void mm_zip_make_add_encrypted(struct mm_zip_maker *maker, const char *name);
struct mm_view mm_zip_make_end(struct mm_zip_maker *maker);
void mm_zip_make_free(struct mm_zip_maker *maker);

#endif /* MM_SUPPORT_PACKING_H */
