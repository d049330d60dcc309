/*
 * bench_keys.h - the keys that workloads sign and verify with, as files.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_BENCH_BENCH_KEYS_H
#define MM_BENCH_BENCH_KEYS_H

#include "bench/workload.h"

/*
 * Fill a folder that is there: a private key of both kinds for each domain, KeyTable,
 * SigningTable-KEYS for each choice of them, and zone. MM_E_IO, MM_E_CRYPTO, MM_E_NOMEM.
 */
enum mm_status mm_bench_keys_write(const char *folder, struct mm_error *err) MM_MUST_CHECK;

#endif /* MM_BENCH_BENCH_KEYS_H */
