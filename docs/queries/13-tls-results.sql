-- What fails at which host, and who says so.
-- SPDX-License-Identifier: Apache-2.0
select receiving_mx_hostname, result_type, organization_name, sum(failed_session_count) as sessions, count(*) as lines
from read_parquet(getvariable('dataset') || '/tls_failures/*.parquet')
group by all
order by sessions desc, receiving_mx_hostname, result_type, organization_name;
