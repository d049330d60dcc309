-- Who reports, on how many days of how many, with which share of the messages, and whose reports are unusual.
-- SPDX-License-Identifier: Apache-2.0
select org_name, count(*) as reports, count(distinct cast(begin_time as date)) as days,
       date_diff('day', cast(min(begin_time) as date), cast(max(begin_time) as date)) + 1 as days_spanned,
       sum(message_count) as messages,
       round(100.0 * sum(message_count) / nullif(sum(sum(message_count)) over (), 0), 2) as share_percent,
       count(*) filter (len(flags) > 0) as unusual, count(*) filter (span_seconds > 90000) as over_a_day
from read_parquet(getvariable('dataset') || '/dmarc_reports/*.parquet')
group by all
order by messages desc, org_name;
