-- DMARC pass rate by domain and day.
-- SPDX-License-Identifier: Apache-2.0
select policy_domain, date, sum(message_count) as messages,
       round(100.0 * coalesce(sum(message_count) filter (dkim_aligned or spf_aligned), 0) / nullif(sum(message_count), 0), 2) as pass_percent
from read_parquet(getvariable('dataset') || '/daily/*.parquet')
group by all
order by policy_domain, date;
