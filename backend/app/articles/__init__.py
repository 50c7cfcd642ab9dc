"""The pages that stories link to: fetched safely, read into text, kept in RocksDB."""
