-- How the run went: reports that were kept, told again, and refused, by reason.
-- SPDX-License-Identifier: Apache-2.0
select 'kept' as outcome, 'dmarc_reports' as reason, count(*) as rows
from read_parquet(getvariable('dataset') || '/dmarc_reports/*.parquet')
union all
select 'kept', 'tls_reports', count(*) from read_parquet(getvariable('dataset') || '/tls_reports/*.parquet')
union all
select 'duplicate', if(same_content, 'same content', 'other content'), count(*)
from read_parquet(getvariable('dataset') || '/duplicates/*.parquet')
group by all
union all
select 'rejected', reason, count(*) from read_parquet(getvariable('dataset') || '/rejects/*.parquet')
group by all
order by outcome, rows desc, reason;
