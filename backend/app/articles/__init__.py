"""The pages that stories link to: fetched safely, converted to text, stored in RocksDB."""
