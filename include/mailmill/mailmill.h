/*
 * mailmill.h - the whole public library: sign, verify and audit mail by the million, offline.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MAILMILL_MAILMILL_H
#define MAILMILL_MAILMILL_H

#include "mailmill/auth.h"
#include "mailmill/base.h"
#include "mailmill/bench.h"
#include "mailmill/columnar.h"
#include "mailmill/dkim.h"
#include "mailmill/keys.h"
#include "mailmill/run.h"
#include "mailmill/summary.h"

#endif /* MAILMILL_MAILMILL_H */
