-- Messages by what was done with them and the policy that was published; the last two columns are what p=reject
-- would have hit.
-- SPDX-License-Identifier: Apache-2.0
select policy_domain, p, disposition, sum(count) as messages,
       coalesce(sum(count) filter (not dmarc_pass), 0) as failing_messages,
       count(distinct source_ip) filter (not dmarc_pass) as failing_sources
from read_parquet(getvariable('dataset') || '/dmarc_records/*.parquet')
group by all
order by policy_domain, messages desc, p, disposition;
