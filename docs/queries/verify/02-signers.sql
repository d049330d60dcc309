-- Who signs, how much of it passes, and how much signs for the domain of From or one above or below it.
-- SPDX-License-Identifier: Apache-2.0
select lower(domain) as signer, count(distinct message) as messages, count(*) as signatures,
       round(100.0 * count(*) filter (result = 'pass') / count(*), 2) as pass_percent,
       count(*) filter (lower(from_domain) = lower(domain) or ends_with(lower(from_domain), '.' || lower(domain))
                        or ends_with(lower(domain), '.' || lower(from_domain))) as aligned
from read_parquet(getvariable('dataset') || '/signatures/*.parquet')
where domain <> ''
group by all
order by messages desc, signer;
