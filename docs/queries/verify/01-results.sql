-- How the run went: messages by result, and what was rejected, by reason.
-- SPDX-License-Identifier: Apache-2.0
select coalesce(result, 'rejected') as outcome, coalesce(rejected, '') as reason, count(*) as messages, sum(bytes) as bytes
from read_parquet(getvariable('dataset') || '/messages/*.parquet')
group by all
order by messages desc, outcome, reason;
