-- Signatures by the day on which they were made, with their pass rate.
-- SPDX-License-Identifier: Apache-2.0
select signed_at::date as day, count(*) as signatures,
       round(100.0 * count(*) filter (result = 'pass') / count(*), 2) as pass_percent
from read_parquet(getvariable('dataset') || '/signatures/*.parquet')
where signed_at is not null
group by all
order by day;
