/*
 * keys.h - a key for each domain of the campaign, its table, its zone.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_BENCH_KEYS_H
#define MM_BENCH_KEYS_H

/* Write keys/, KeyTable, SigningTable, zone and public for so many domains. Private keys that are
 * there already are kept. */
void keys_write(const char *folder, unsigned domains);

#endif /* MM_BENCH_KEYS_H */
