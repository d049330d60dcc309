-- Who fails and why, by domain and selector, with a message to look at: mailmill verify --explain MESSAGE.
-- SPDX-License-Identifier: Apache-2.0
select lower(domain) as signer, selector, result, reason, count(*) as signatures, min(message) as a_message
from read_parquet(getvariable('dataset') || '/signatures/*.parquet')
where result <> 'pass'
group by all
order by signatures desc, signer, selector, result, reason;
