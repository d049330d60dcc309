-- Sources that are seen by several reporters on several days, whose SPF or DKIM passes, and that are not aligned:
-- likely senders of the domain's owner.
-- SPDX-License-Identifier: Apache-2.0
select policy_domain, source_ip_text, count(distinct org_name) as reporters, count(distinct date) as days, sum(count) as messages
from read_parquet(getvariable('dataset') || '/dmarc_records/*.parquet')
where not dmarc_pass
  and (len(list_filter(dkim, d -> d.result = 'pass')) > 0 or len(list_filter(spf, s -> s.result = 'pass')) > 0)
group by all
having reporters >= 2 and days >= 2
order by policy_domain, messages desc, source_ip_text;
