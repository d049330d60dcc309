-- Algorithms, key sizes and canonical forms still in use. rsa-sha1 and RSA below 1024 bits count for nothing (RFC 8301).
-- SPDX-License-Identifier: Apache-2.0
select lower(algorithm) as algorithm, key_bits, canon, count(*) as signatures, count(distinct lower(domain)) as domains,
       max(signed_at) as last_signed
from read_parquet(getvariable('dataset') || '/signatures/*.parquet')
group by all
order by signatures desc, algorithm, key_bits, canon;
