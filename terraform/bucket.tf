# The bucket of backups, logs and exports: private, versioned, encrypted, and independent of the host.

resource "aws_s3_bucket" "data" {
  #checkov:skip=CKV_AWS_18: an access log would need a second bucket, to watch a single reader and writer
  #checkov:skip=CKV_AWS_144: one region is the promise; a copy elsewhere would double the cost
  #checkov:skip=CKV_AWS_145: S3's own keys are free; a customer key is a dollar a month and one more thing to lose
  #checkov:skip=CKV2_AWS_62: nothing waits for events of this bucket
  # A prefix, because bucket names are global, and a bucket may be left from an earlier installation.
  bucket_prefix = "${local.project}-"
  force_destroy = local.data_may_go

  tags = { Name = "${local.project}-data" }
}

resource "aws_s3_bucket_public_access_block" "data" {
  bucket = aws_s3_bucket.data.id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "data" {
  bucket = aws_s3_bucket.data.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

# The host may delete objects, but not versions, so whatever a broken or captured host removes can be restored.
resource "aws_s3_bucket_versioning" "data" {
  bucket = aws_s3_bucket.data.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "data" {
  bucket = aws_s3_bucket.data.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "data" {
  bucket = aws_s3_bucket.data.id

  rule {
    id     = "forget-what-was-replaced"
    status = "Enabled"

    filter {}

    noncurrent_version_expiration {
      noncurrent_days = 30
    }

    expiration {
      expired_object_delete_marker = true
    }
  }

  rule {
    id     = "drop-unfinished-uploads"
    status = "Enabled"

    filter {}

    abort_incomplete_multipart_upload {
      days_after_initiation = 2
    }
  }

  # S3 accepts the rule about versions only after versioning is enabled.
  depends_on = [aws_s3_bucket_versioning.data]
}
