-- Signatures that had expired when they were looked at, and how long they were meant to live.
-- SPDX-License-Identifier: Apache-2.0
select lower(domain) as signer, selector, count(*) as signatures, count(*) filter (reason = 'expired') as expired,
       min(date_diff('hour', signed_at, expires_at)) as least_hours, max(date_diff('hour', signed_at, expires_at)) as most_hours
from read_parquet(getvariable('dataset') || '/signatures/*.parquet')
where expires_at is not null
group by all
order by expired desc, signatures desc, signer, selector;
