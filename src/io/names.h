/*
 * names.h - a list of names of any length, in bounded memory: sorted, or in the order they came.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Past the limit, runs go to an unlinked temporary file and are merged while reading.
 */
#ifndef MM_IO_NAMES_H
#define MM_IO_NAMES_H

#include "base/error.h"
#include "base/view.h"

enum { MM_NAMES_MEMORY_BYTES = 256 * 1024 * 1024 };

struct mm_names;

/* sorted: bytewise by name on reading; else the order of adding. memory_limit 0:
 * MM_NAMES_MEMORY_BYTES. spill_dir: where the temporary file goes (NULL: $TMPDIR or /tmp).
 * Returns NULL without memory. */
struct mm_names *mm_names_new(bool sorted, size_t memory_limit, const char *spill_dir);
void mm_names_free(struct mm_names **names);
/* kind: a byte of the caller's, kept with the name (d_type). */
enum mm_status mm_names_add(struct mm_names *names, struct mm_view name, uint8_t kind,
                            struct mm_error *err) MM_MUST_CHECK;
/* After the last add, before the first next. */
enum mm_status mm_names_seal(struct mm_names *names, struct mm_error *err) MM_MUST_CHECK;
/* MM_OK with a name that lasts until the next call (NUL behind it), MM_END. */
enum mm_status mm_names_next(struct mm_names *names, struct mm_view *name, uint8_t *kind,
                             struct mm_error *err) MM_MUST_CHECK;
uint64_t mm_names_count(const struct mm_names *names);
size_t mm_names_bytes(const struct mm_names *names);      /* memory held now */
size_t mm_names_bytes_peak(const struct mm_names *names); /* most held so far */

#endif /* MM_IO_NAMES_H */
