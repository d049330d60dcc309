-- Sources whose SPF or DKIM passes for some domain, but not for the author's: alignment is what they lack.
-- SPDX-License-Identifier: Apache-2.0
select policy_domain, source_ip_text, sum(count) as messages,
       list_sort(list_distinct(flatten(list(list_transform(list_filter(dkim, d -> d.result = 'pass'), d -> d.domain))))) as dkim_domains,
       list_sort(list_distinct(flatten(list(list_transform(list_filter(spf, s -> s.result = 'pass'), s -> s.domain))))) as spf_domains
from read_parquet(getvariable('dataset') || '/dmarc_records/*.parquet')
where not dmarc_pass
  and (len(list_filter(dkim, d -> d.result = 'pass')) > 0 or len(list_filter(spf, s -> s.result = 'pass')) > 0)
group by all
order by messages desc, policy_domain, source_ip_text;
