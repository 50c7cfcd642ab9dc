# The host's permissions in AWS: it may use its bucket, over TLS, without a key that could leak.

locals {
  over_tls = { Bool = { "aws:SecureTransport" = "true" } }
}

resource "aws_iam_role" "host" {
  name_prefix = "${local.project}-host-"
  description = "HN Pal's host"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "ec2.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy" "bucket" {
  name = "its-bucket"
  role = aws_iam_role.host.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "List"
        Effect    = "Allow"
        Action    = ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"]
        Resource  = aws_s3_bucket.data.arn
        Condition = local.over_tls
      },
      {
        Sid    = "ReadAndWrite"
        Effect = "Allow"
        Action = [
          "s3:AbortMultipartUpload",
          "s3:DeleteObject",
          "s3:GetObject",
          "s3:ListMultipartUploadParts",
          "s3:PutObject",
        ]
        Resource  = "${aws_s3_bucket.data.arn}/*"
        Condition = local.over_tls
      },
    ]
  })
}

resource "aws_iam_instance_profile" "host" {
  name_prefix = "${local.project}-host-"
  role        = aws_iam_role.host.name
}
