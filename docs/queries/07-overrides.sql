-- Why reporters did not do what the policy says, by reporter.
-- SPDX-License-Identifier: Apache-2.0
select org_name, reason.type as reason, sum(count) as messages, count(*) as records
from (select org_name, count, unnest(override_reasons) as reason
      from read_parquet(getvariable('dataset') || '/dmarc_records/*.parquet'))
group by all
order by messages desc, org_name, reason;
