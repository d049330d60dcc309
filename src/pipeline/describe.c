/*
 * describe.c - what this build runs on: libraries, processor, kernels of code, the ring.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <ares.h>
#include <idn2.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <xxhash.h>

#include "crypto/digest.h"
#include "crypto/pk_many.h"
#include "dkim/canon_header.h"
#include "io/reader.h"
#include "mailmill/run.h"
#include "text/base64.h"
#include "text/eol.h"
#include "text/line_marks.h"
#include "text/unfold.h"
#include "text/xml_marks.h"

static const struct {
    const char *name;
    struct mm_kernel *kernel;
} kernels[] = {
    {"canonicalization", &mm_canon_body_kernel},
    {"header fields", &mm_canon_header_kernel},
    {"line ends", &mm_eol_count_kernel},
    {"line marks", &mm_line_marks_kernel},
    {"unfolding", &mm_unfold_kernel},
    {"base64", &mm_base64_kernel},
    {"xml marks", &mm_xml_marks_kernel},
};

void mm_describe(void (*line)(void *context, const char *name, const char *value), void *context)
{
    char text[256];
    line(context, "openssl", OpenSSL_version(OPENSSL_FULL_VERSION_STRING));
    line(context, "liburing", MAILMILL_LIBURING_VERSION);
    unsigned v = XXH_versionNumber();
    snprintf(text, sizeof text, "%u.%u.%u", v / 10000, v / 100 % 100, v % 100);
    line(context, "xxhash", text);
    line(context, "libidn2", idn2_check_version(NULL));
    line(context, "c-ares", ares_version(NULL));
    line(context, "cpu", mm_cpu_features());
    for (size_t i = 0; i < MM_COUNT(kernels); i++)
        line(context, kernels[i].name, mm_kernel_tier_name(kernels[i].kernel));
    line(context, "sha256", mm_digest_backend());
    line(context, "public keys", mm_pk_backend());
    mm_reader_probe(text, sizeof text);
    line(context, "io", text[0] ? text : "uring");
}
