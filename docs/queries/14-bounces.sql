-- Bounces by provider, domain, day and class, with the rule that says so most often; only hard ones mean that an
-- address is gone. docs/recipes.md makes a suppression list of them. An address is one however its domain is written.
-- SPDX-License-Identifier: Apache-2.0
select provider, recipient_domain, cast(coalesce(arrival_date, received_at) as date) as day, class, count(*) as recipients,
       count(distinct coalesce(regexp_replace(final_recipient, '[^@]*$', '') || recipient_domain, final_recipient)) as addresses,
       mode(rule_id order by rule_id) as first_rule
from read_parquet(getvariable('dataset') || '/bounces/*.parquet')
group by all
order by recipients desc, recipient_domain, day, class, provider;
