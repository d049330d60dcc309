/*
 * key_source.h - the store behind the public handle.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_DNS_KEY_SOURCE_H
#define MM_DNS_KEY_SOURCE_H

#include "dns/txt_store.h"
#include "mailmill/keys.h"

/* Lives as long as the source; NULL for NULL. */
const struct mm_txt_store *mm_key_source_store(const struct mm_key_source *source);

#endif /* MM_DNS_KEY_SOURCE_H */
