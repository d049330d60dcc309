/*
 * escape.h - a stranger's bytes where a person or a program reads them (public, in run.h).
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_TEXT_ESCAPE_H
#define MM_TEXT_ESCAPE_H

#include "mailmill/run.h"

/* Most bytes that n bytes can become: \xNN each. */
#define MM_ESCAPE_MAX(n) ((n)*4)

#endif /* MM_TEXT_ESCAPE_H */
