/*
 * parquet_format.h - the numbers by which a Parquet file says what is in it.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Source: parquet.thrift and Encodings.md of the Apache Parquet format, 2.10. Only what the profile
 * of docs/design/columnar.md uses is here.
 */
#ifndef MM_COLUMNAR_PARQUET_FORMAT_H
#define MM_COLUMNAR_PARQUET_FORMAT_H

/* At the beginning and at the end of a file. */
#define MM_PARQUET_MAGIC "PAR1"
enum { MM_PARQUET_MAGIC_BYTES = 4 };

/* Type */
enum mm_parquet_type {
    MM_PARQUET_BOOLEAN = 0,
    MM_PARQUET_INT32 = 1,
    MM_PARQUET_INT64 = 2,
    MM_PARQUET_BYTE_ARRAY = 6,
    MM_PARQUET_FIXED_LEN_BYTE_ARRAY = 7
};

/* FieldRepetitionType */
enum mm_parquet_repetition {
    MM_PARQUET_REQUIRED = 0,
    MM_PARQUET_OPTIONAL = 1,
    MM_PARQUET_REPEATED = 2
};

/* ConvertedType: what readers older than LogicalType look at. */
enum mm_parquet_converted {
    MM_PARQUET_CONVERTED_NONE = -1,
    MM_PARQUET_CONVERTED_UTF8 = 0,
    MM_PARQUET_CONVERTED_LIST = 3,
    MM_PARQUET_CONVERTED_DATE = 6,
    MM_PARQUET_CONVERTED_TIMESTAMP_MICROS = 10,
    MM_PARQUET_CONVERTED_INT_8 = 15,
    MM_PARQUET_CONVERTED_INT_16 = 16
};

/* LogicalType: the member of the union. */
enum mm_parquet_logical {
    MM_PARQUET_LOGICAL_STRING = 1,
    MM_PARQUET_LOGICAL_LIST = 3,
    MM_PARQUET_LOGICAL_DATE = 6,
    MM_PARQUET_LOGICAL_TIMESTAMP = 8,
    MM_PARQUET_LOGICAL_INTEGER = 10
};

enum mm_parquet_encoding {
    MM_PARQUET_PLAIN = 0,
    MM_PARQUET_RLE = 3,
    MM_PARQUET_DELTA_BINARY_PACKED = 5,
    MM_PARQUET_RLE_DICTIONARY = 8
};

/* CompressionCodec */
enum { MM_PARQUET_ZSTD = 6 };

enum mm_parquet_page_type { MM_PARQUET_DATA_PAGE = 0, MM_PARQUET_DICTIONARY_PAGE = 2 };

/* BoundaryOrder */
enum mm_parquet_order {
    MM_PARQUET_UNORDERED = 0,
    MM_PARQUET_ASCENDING = 1,
    MM_PARQUET_DESCENDING = 2
};

#endif /* MM_COLUMNAR_PARQUET_FORMAT_H */
