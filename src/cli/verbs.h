/*
 * verbs.h - one function and one table of options for each verb.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_CLI_VERBS_H
#define MM_CLI_VERBS_H

#include "options.h"

extern const struct option_group sign_groups[], verify_groups[], reports_groups[], summary_groups[],
    bench_groups[], version_groups[];

/* mailmill keys ...; ends in a name of NULL. */
extern const struct verb keys_verbs[];
extern const struct option_group keys_new_groups[], keys_record_groups[], keys_check_groups[],
    keys_zone_groups[];
int cmd_keys_new(const struct verb *verb, int argc, char **argv);
int cmd_keys_record(const struct verb *verb, int argc, char **argv);
int cmd_keys_check(const struct verb *verb, int argc, char **argv);
int cmd_keys_zone(const struct verb *verb, int argc, char **argv);

int cmd_bench(const struct verb *verb, int argc, char **argv);
int cmd_sign(const struct verb *verb, int argc, char **argv);
int cmd_reports(const struct verb *verb, int argc, char **argv);
int cmd_summary(const struct verb *verb, int argc, char **argv);
int cmd_verify(const struct verb *verb, int argc, char **argv);
int cmd_version(const struct verb *verb, int argc, char **argv);

#endif /* MM_CLI_VERBS_H */
