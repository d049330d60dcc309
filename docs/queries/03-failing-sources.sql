-- The addresses that fail most, for each domain, with the author domains that they use.
-- SPDX-License-Identifier: Apache-2.0
select policy_domain, source_ip_text, sum(count) as messages, list_sort(list(distinct header_from)) as header_from,
       min(date) as first_day, max(date) as last_day
from read_parquet(getvariable('dataset') || '/dmarc_records/*.parquet')
where not dmarc_pass
group by policy_domain, source_ip_text
qualify row_number() over (partition by policy_domain order by sum(count) desc, source_ip_text) <= 20
order by policy_domain, messages desc, source_ip_text;
