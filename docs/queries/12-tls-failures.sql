-- How often TLS fails, by domain, day and kind of policy. Policies of one domain may count the same sessions.
-- SPDX-License-Identifier: Apache-2.0
select policy_domain, date, policy_type, sum(total_successful_session_count) as successful,
       sum(total_failure_session_count) as failed,
       round(100.0 * sum(total_failure_session_count) /
             nullif(sum(total_successful_session_count) + sum(total_failure_session_count), 0), 3) as failed_percent
from read_parquet(getvariable('dataset') || '/tls_policies/*.parquet')
group by all
order by policy_domain, date, policy_type;
