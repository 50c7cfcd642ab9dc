locals {
  # The key for ssh_command, the inventory and the manual; if empty, the operator's SSH chooses.
  operators_key = (
    var.private_key_file != null ? var.private_key_file :
    endswith(coalesce(var.public_key_file, "-"), ".pub") ? trimsuffix(var.public_key_file, ".pub") : ""
  )
}

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
    # With one hop, containers cannot get the host's credentials.
    http_put_response_hop_limit = 1
  }

  root_block_device {
    volume_type = "gp3"
    volume_size = var.disk_gb
    encrypted   = true
    # It holds the database, so it outlives the host unless destroy_data is set.
    delete_on_termination = local.data_may_go

    tags = { Name = "${local.project}-disk" }
  }

  # The dynamic inventory reads these tags. The names of the website exist only with its bucket.
  tags = merge(
    {
      Name         = "${local.project}-host"
      Architecture = local.architecture
      Bucket       = aws_s3_bucket.data.bucket
      Image        = var.image
      SshKey       = local.operators_key
      SshUser      = local.images[var.image].user
    },
    { for bucket in aws_s3_bucket.website : "Website" => bucket.bucket },
  )

  lifecycle {
    # A newer image or another key does not replace a running host. Protection that was disabled to destroy
    # the host stays disabled.
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

  # An address can only be attached in a network with an internet gateway.
  depends_on = [aws_internet_gateway.main]
}
