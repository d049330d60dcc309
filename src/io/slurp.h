/*
 * slurp.h - a whole file into memory: key zones, tables, lists. Never mail.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_IO_SLURP_H
#define MM_IO_SLURP_H

#include "base/error.h"

/*
 * Read a file to its end; pipes too. Memory is asked for once where the size is known.
 * data     [out] the bytes with a NUL behind them, to be given to free(); NULL on failure.
 * Returns  MM_OK; MM_E_LIMIT for more than max_bytes; MM_E_IO with the path in the text;
 * MM_E_NOMEM.
 */
enum mm_status mm_slurp(const char *path, size_t max_bytes, char **data, size_t *len,
                        struct mm_error *err) MM_MUST_CHECK;

#endif /* MM_IO_SLURP_H */
