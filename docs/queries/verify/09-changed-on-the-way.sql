-- What was changed on the way: a body whose header still holds (footers of lists), or a header whose body still holds.
-- SPDX-License-Identifier: Apache-2.0
select lower(domain) as signer, selector, count(*) as signatures,
       count(*) filter (body_hash = 'bad') as body_changed,
       count(*) filter (body_hash = 'ok' and signature = 'bad') as header_changed
from read_parquet(getvariable('dataset') || '/signatures/*.parquet')
group by all
having body_changed + header_changed > 0
order by signatures desc, signer, selector;
