/*
 * private_key.h - a signing key: loaded once, locked in memory, wiped, never printed.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_CRYPTO_PRIVATE_KEY_H
#define MM_CRYPTO_PRIVATE_KEY_H

#include "crypto/public_key.h"

struct mm_private_key; /* immutable; shared by workers without locks */

/* Key files are small; more is not a key. */
enum { MM_KEY_FILE_MAX_BYTES = 64 * 1024 };

/*
 * From bytes: PEM (PKCS#1 "RSA PRIVATE KEY", PKCS#8 "PRIVATE KEY"), DER of either, or one line of
 * base64 with the 32 octets of an Ed25519 seed. The text is told apart by content. Encrypted PEM is
 * refused with a text that names `openssl pkey`. name    for error texts only (a path). bytes
 * wiping them is the caller's duty.
 */
enum mm_status mm_private_key_parse(struct mm_view bytes, const char *name,
                                    struct mm_private_key **out,
                                    struct mm_error *err) MM_MUST_CHECK;

enum mm_key_mode { MM_KEY_MODE_PRIVATE, MM_KEY_MODE_GROUP_READABLE, MM_KEY_MODE_WORLD_READABLE };
/*
 * From a file. The modes are judged on the open descriptor: a private key that others can
 * read (in PEM one of any type, encrypted or not; in DER one that is understood) is MM_E_PERM with
 * the `chmod` to type unless allow_insecure; *mode (may be NULL) tells what was found. The file is
 * read into locked memory which is wiped before return.
 */
enum mm_status mm_private_key_load(const char *path, bool allow_insecure, enum mm_key_mode *mode,
                                   struct mm_private_key **out, struct mm_error *err) MM_MUST_CHECK;
void mm_private_key_free(struct mm_private_key **key);

enum mm_key_type mm_private_key_type(const struct mm_private_key *key);
uint32_t mm_private_key_bits(const struct mm_private_key *key);
size_t mm_private_key_signature_bytes(const struct mm_private_key *key);
/* The public half; owned by the private key. */
const struct mm_public_key *mm_private_key_public(const struct mm_private_key *key);
/* The same, now the caller's: the private key is good for nothing but mm_private_key_free(). */
struct mm_public_key *mm_private_key_take_public(struct mm_private_key *key);

#endif /* MM_CRYPTO_PRIVATE_KEY_H */
