-- Domains of From: mail without any signature, and mail that no signature of that domain, one above or one below vouches for.
-- SPDX-License-Identifier: Apache-2.0
with vouched as (
    select distinct message
    from read_parquet(getvariable('dataset') || '/signatures/*.parquet')
    where result = 'pass' and (lower(from_domain) = lower(domain) or ends_with(lower(from_domain), '.' || lower(domain))
                               or ends_with(lower(domain), '.' || lower(from_domain)))
)
select lower(from_domain) as author_domain, count(*) as messages, count(*) filter (result = 'none') as unsigned,
       count(*) filter (v.message is null) as not_vouched_for
from read_parquet(getvariable('dataset') || '/messages/*.parquet') m left join vouched v using (message)
where rejected is null
group by all
order by not_vouched_for desc, messages desc, author_domain;
