-- Which policy was published when, as reporters saw it; a day with two lines is a day of change, or a cache.
-- SPDX-License-Identifier: Apache-2.0
select policy_domain, cast(begin_time as date) as day, p, sp, np, adkim, aspf, pct, testing, count(*) as reports
from read_parquet(getvariable('dataset') || '/dmarc_reports/*.parquet')
group by all
order by policy_domain, day, reports desc, p, sp, np, adkim, aspf, pct, testing;
