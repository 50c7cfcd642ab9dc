# The bucket of the published website, only if asked for. It holds nothing else, so that no policy opens the bucket of
# backups. Its files are made anew from the exports, so they may go with it.

resource "aws_s3_bucket" "website" {
  #checkov:skip=CKV_AWS_18: an access log of a public website would need a second bucket, and keeps who read what
  #checkov:skip=CKV_AWS_21: every file can be made again from the exports
  #checkov:skip=CKV_AWS_144: every file can be made again from the exports
  #checkov:skip=CKV_AWS_145: S3's own keys are free, and what everybody may read needs no other
  #checkov:skip=CKV2_AWS_6: the public access block is below; that everybody may read is what the bucket is for
  #checkov:skip=CKV2_AWS_61: without versions there is nothing to expire
  #checkov:skip=CKV2_AWS_62: nothing waits for events of this bucket
  count = var.publish ? 1 : 0

  bucket_prefix = "${local.project}-website-"
  force_destroy = true

  tags = { Name = "${local.project}-website" }
}

# Access lists on objects stay without effect; only the policy below can open the bucket.
resource "aws_s3_bucket_public_access_block" "website" {
  #checkov:skip=CKV_AWS_54: the policy below is public
  #checkov:skip=CKV_AWS_56: the policy below is public
  count  = var.publish ? 1 : 0
  bucket = aws_s3_bucket.website[0].id

  block_public_acls       = true
  block_public_policy     = false
  ignore_public_acls      = true
  restrict_public_buckets = false
}

resource "aws_s3_bucket_ownership_controls" "website" {
  count  = var.publish ? 1 : 0
  bucket = aws_s3_bucket.website[0].id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_website_configuration" "website" {
  count  = var.publish ? 1 : 0
  bucket = aws_s3_bucket.website[0].id

  index_document {
    suffix = "index.html"
  }
}

resource "aws_s3_bucket_policy" "website" {
  #checkov:skip=CKV_AWS_70: everybody may read the website, and nothing else is allowed
  count  = var.publish ? 1 : 0
  bucket = aws_s3_bucket.website[0].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "EverybodyReads"
      Effect    = "Allow"
      Principal = "*"
      Action    = "s3:GetObject"
      Resource  = "${aws_s3_bucket.website[0].arn}/*"
    }]
  })

  # S3 rejects a public policy while it is blocked.
  depends_on = [aws_s3_bucket_public_access_block.website]
}

# The host's permissions there, beside those in its own bucket (role.tf).
resource "aws_iam_role_policy" "website" {
  count = var.publish ? 1 : 0

  name = "its-website"
  role = aws_iam_role.host.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "List"
        Effect    = "Allow"
        Action    = "s3:ListBucket"
        Resource  = aws_s3_bucket.website[0].arn
        Condition = local.over_tls
      },
      {
        Sid       = "ReadAndWrite"
        Effect    = "Allow"
        Action    = ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
        Resource  = "${aws_s3_bucket.website[0].arn}/*"
        Condition = local.over_tls
      },
    ]
  })
}
