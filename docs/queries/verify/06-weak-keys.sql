-- Keys to replace: RSA below 2048 bits, and records that still say t=y (testing), which lets receivers ignore them.
-- SPDX-License-Identifier: Apache-2.0
select lower(domain) as signer, selector, key_bits, testing, count(*) as signatures, max(signed_at) as last_signed
from read_parquet(getvariable('dataset') || '/signatures/*.parquet')
where (starts_with(lower(algorithm), 'rsa') and key_bits < 2048) or testing
group by all
order by key_bits, signatures desc, signer, selector, testing;
