-- Fields that a reader sees and a passing signature does not cover: they may have been added or changed.
-- SPDX-License-Identifier: Apache-2.0
select lower(domain) as signer, selector, field, count(*) as signatures
from (select domain, selector, string_split(lower(headers), ':') as names, unnest(['to', 'subject', 'date']) as field
      from read_parquet(getvariable('dataset') || '/signatures/*.parquet')
      where result = 'pass')
where not list_contains(names, field)
group by all
order by signatures desc, signer, selector, field;
