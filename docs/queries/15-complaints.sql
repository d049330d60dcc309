-- Complaints by day, list and reporter; what was marked as no spam is counted apart, and so are failure reports.
-- SPDX-License-Identifier: Apache-2.0
select cast(coalesce(arrival_date, received_at) as date) as day, coalesce(sample_list_id, sample_feedback_id) as list,
       reporter_domain, coalesce(sum(incidents) filter (kind = 'complaint'), 0) as complaints,
       coalesce(sum(incidents) filter (kind = 'not_spam'), 0) as not_spam,
       coalesce(sum(incidents) filter (kind = 'auth_failure'), 0) as failure_reports,
       list_sort(list(distinct source_ip_text)) as sources
from read_parquet(getvariable('dataset') || '/arf/*.parquet')
group by all
order by day, list, reporter_domain;
