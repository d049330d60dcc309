-- DKIM domains and selectors in use for each domain, with their pass rate: rotations that are over, selectors that
-- are dead.
-- SPDX-License-Identifier: Apache-2.0
select policy_domain, result.domain as signer, result.selector as selector, sum(count) as messages,
       round(100.0 * coalesce(sum(count) filter (result.result = 'pass'), 0) / nullif(sum(count), 0), 2) as pass_percent,
       min(date) as first_day, max(date) as last_day
from (select policy_domain, date, count, unnest(dkim) as result
      from read_parquet(getvariable('dataset') || '/dmarc_records/*.parquet'))
group by all
order by policy_domain, messages desc, signer, selector;
