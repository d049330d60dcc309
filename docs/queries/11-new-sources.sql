-- Sources of the last week that were not there in the four weeks before it.
-- SPDX-License-Identifier: Apache-2.0
with records as (from read_parquet(getvariable('dataset') || '/dmarc_records/*.parquet')),
     last as (select max(date) as day from records)
select policy_domain, source_ip_text, sum(count) as messages, bool_or(dmarc_pass) as any_pass
from records, last
where date > last.day - 7
  and (policy_domain, source_ip) not in (select policy_domain, source_ip from records, last
                                         where date <= last.day - 7 and date > last.day - 35
                                           and policy_domain is not null and source_ip is not null)
group by all
order by messages desc, policy_domain, source_ip_text;
