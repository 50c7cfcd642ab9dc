# The newest image of the distribution, from its publisher's account: anybody can use the same name.

locals {
  publishers = {
    canonical = "099720109477" # https://documentation.ubuntu.com/aws/aws-how-to/instances/find-ubuntu-images/
    debian    = "136693071363" # https://wiki.debian.org/Cloud/AmazonEC2Image
  }

  # Canonical and Debian name the architectures amd64 and arm64, AWS x86_64 and arm64.
  architecture = startswith(var.instance_type, "t4g.") ? "arm64" : "amd64"

  images = {
    "ubuntu-24.04" = {
      owner = local.publishers.canonical
      name  = "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-${local.architecture}-server-*"
      user  = "ubuntu"
    }
    "debian-13" = {
      owner = local.publishers.debian
      name  = "debian-13-${local.architecture}-*"
      user  = "admin"
    }
  }
}

data "aws_ami" "host" {
  most_recent = true
  owners      = [local.images[var.image].owner]

  filter {
    name   = "name"
    values = [local.images[var.image].name]
  }
}
