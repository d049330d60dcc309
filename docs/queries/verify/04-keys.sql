-- Each key in use: its size, since when and until when it signed, and how often that held. Keys that signed for years
-- are due for a change.
-- SPDX-License-Identifier: Apache-2.0
select lower(domain) as signer, selector, any_value(key_bits) as bits, count(*) as signatures,
       round(100.0 * count(*) filter (result = 'pass') / count(*), 2) as pass_percent,
       min(signed_at)::date as first_signed, max(signed_at)::date as last_signed,
       date_diff('day', min(signed_at), max(signed_at)) as days
from read_parquet(getvariable('dataset') || '/signatures/*.parquet')
where key_bits is not null
group by all
order by days desc nulls last, signatures desc, signer, selector;
