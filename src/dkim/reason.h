/*
 * reason.h - the table of reasons, for the layers inside.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_DKIM_REASON_H
#define MM_DKIM_REASON_H

#include "mailmill/dkim.h"

#endif /* MM_DKIM_REASON_H */
