/*
 * tool_secret_fields.c - where secret_walk.py finds what is public in the lanes' structures.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stddef.h>
#include <stdio.h>

#include "crypto/rsa_lanes.h"

#define ROOM(field)                                                                                \
    printf("room %zu " #field "\n", offsetof(struct mm_lanes_private, field));                     \
    _Static_assert(sizeof((struct mm_lanes_private *)0)->field == 4, #field)
#define KEY(field)                                                                                 \
    printf("key %zu " #field "\n", offsetof(struct mm_rsa_signing_key, field));                    \
    _Static_assert(sizeof((struct mm_rsa_signing_key *)0)->field == 4, #field)

int main(void)
{
    ROOM(check.modulus.limbs);
    ROOM(check.squarings);
    ROOM(prime.limbs);
    KEY(limbs);
    KEY(bits);
    return 0;
}
