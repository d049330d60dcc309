/*
 * usage.h - what a program that measures itself has taken: time and memory.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_BENCH_USAGE_H
#define MM_BENCH_USAGE_H

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

struct usage {
    double cpu_s, wall_s;
};

static inline double seconds_of(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

/* Of all threads, from the process' begin on; the wall's clock begins anywhere. */
static inline struct usage usage_now(void)
{
    struct rusage cpu;
    struct timespec wall;
    getrusage(RUSAGE_SELF, &cpu);
    clock_gettime(CLOCK_MONOTONIC, &wall);
    return (struct usage){.cpu_s = seconds_of(cpu.ru_utime) + seconds_of(cpu.ru_stime),
                          .wall_s = (double)wall.tv_sec + (double)wall.tv_nsec / 1e9};
}

/* The most memory so far; 0 where the system does not tell. Not ru_maxrss: that counts what the
 * process was before it became this program. */
static inline unsigned long long usage_peak_bytes(void)
{
    unsigned long long kib = 0;
    char line[256];
    FILE *status = fopen("/proc/self/status", "r");
    while (status && fgets(line, sizeof(line), status) && sscanf(line, "VmHWM: %llu", &kib) != 1)
        continue;
    if (status)
        fclose(status);
    return kib * 1024;
}

/* The begin of the line that tells what was taken since; what was worked on comes behind it. */
static inline void usage_print(struct usage since)
{
    struct usage now = usage_now();
    printf("cpu_s=%.6f wall_s=%.6f peak_bytes=%llu ", now.cpu_s - since.cpu_s,
           now.wall_s - since.wall_s, usage_peak_bytes());
}

#endif /* MM_BENCH_USAGE_H */
