-- Signatures with l=, which leave the end of the body to whoever wants to add one.
-- SPDX-License-Identifier: Apache-2.0
select lower(domain) as signer, selector, count(*) as signatures, count(*) filter (uncovered_bytes > 0) as with_an_open_end,
       max(uncovered_bytes) as most_bytes
from read_parquet(getvariable('dataset') || '/signatures/*.parquet')
where body_length is not null
group by all
order by with_an_open_end desc, signatures desc, signer, selector;
