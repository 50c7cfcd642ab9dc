resource "aws_key_pair" "admin" {
  count = var.public_key_file == null ? 0 : 1

  key_name_prefix = "${local.project}-"
  public_key      = file(pathexpand(var.public_key_file))
}

resource "aws_instance" "host" {
  #checkov:skip=CKV_AWS_126: detailed monitoring costs $2 a month; status checks come every minute without it
  ami                     = data.aws_ami.host.id
  instance_type           = var.instance_type
  key_name                = coalesce(one(aws_key_pair.admin[*].key_name), var.key_pair_name)
  subnet_id               = aws_subnet.public.id
  vpc_security_group_ids  = [aws_security_group.host.id]
  iam_instance_profile    = aws_iam_instance_profile.host.name
  ebs_optimized           = true
  disable_api_termination = true

  metadata_options {
    http_endpoint = "enabled"
    http_tokens   = "required"
    # One hop ends on the host: containers cannot ask for its credentials.
    http_put_response_hop_limit = 1
  }

  root_block_device {
    volume_type = "gp3"
    volume_size = var.disk_gb
    encrypted   = true
    # The database is on it: when the host goes, the disk stays, unless data may go as well.
    delete_on_termination = local.data_may_go

    tags = { Name = "${local.project}-disk" }
  }

  # The inventory reads these.
  tags = {
    Name         = "${local.project}-host"
    Architecture = local.architecture
    Bucket       = aws_s3_bucket.data.bucket
    Image        = var.image
    SshUser      = local.images[var.image].user
  }

  lifecycle {
    # A newer image, or another key, is no reason to replace a running host; protection that somebody lifted
    # in order to take the host down stays lifted.
    ignore_changes = [
      ami, key_name, disable_api_termination,
      tags["Architecture"], tags["Image"], tags["SshUser"],
      tags_all["Architecture"], tags_all["Image"], tags_all["SshUser"],
    ]

    postcondition {
      condition     = self.tags["Image"] == var.image && self.tags["Architecture"] == local.architecture
      error_message = <<-EOT
        The host was made from ${self.tags["Image"]} (${self.tags["Architecture"]}); ${var.image} (${local.architecture}) needs a new one.
        Put back image and instance_type, or take a backup and replace the host: terraform apply -replace=aws_instance.host
      EOT
    }
  }
}

resource "aws_eip" "host" {
  domain   = "vpc"
  instance = aws_instance.host.id

  tags = { Name = "${local.project}-host" }

  # An address in a network without a way out cannot be attached.
  depends_on = [aws_internet_gateway.main]
}
