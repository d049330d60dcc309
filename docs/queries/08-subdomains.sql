-- Subdomains that mail claims to be from, and the policy that holds for them: sp where it is published, else p.
-- SPDX-License-Identifier: Apache-2.0
select policy_domain, header_from, coalesce(sp, p) as policy, sum(count) as messages,
       round(100.0 * coalesce(sum(count) filter (dmarc_pass), 0) / nullif(sum(count), 0), 2) as pass_percent
from read_parquet(getvariable('dataset') || '/dmarc_records/*.parquet')
where header_from <> policy_domain
group by all
order by policy_domain, messages desc, header_from;
