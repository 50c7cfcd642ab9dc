# A separate small network, because the account's default VPC may be missing or shared.

resource "aws_vpc" "main" {
  #checkov:skip=CKV2_AWS_11: flow logs cost more than this host, and its only open port is limited to admin_cidr
  cidr_block           = "10.76.0.0/24"
  enable_dns_support   = true
  enable_dns_hostnames = true

  tags = { Name = local.project }
}

# Zones offer different types; us-east-1e, for example, has no t3. Local Zones, if the account has opted
# in, are listed too and may come first (ap-southeast-1-mnl-1a), but have neither the free tier nor all disk types.
locals {
  zones = sort([
    for zone in data.aws_ec2_instance_type_offerings.zones.locations : zone if can(regex("^${var.region}[a-z]$", zone))
  ])
}

data "aws_ec2_instance_type_offerings" "zones" {
  location_type = "availability-zone"

  filter {
    name   = "instance-type"
    values = [var.instance_type]
  }
}

resource "aws_subnet" "public" {
  vpc_id            = aws_vpc.main.id
  cidr_block        = aws_vpc.main.cidr_block
  availability_zone = try(coalesce(var.zone, local.zones[0]), null)

  tags = { Name = "${local.project}-public" }

  lifecycle {
    # Another zone would need another subnet and therefore another host.
    ignore_changes = [availability_zone]

    precondition {
      condition     = var.zone == null ? length(local.zones) > 0 : contains(local.zones, coalesce(var.zone, "-"))
      error_message = "${coalesce(var.zone, var.region)} offers no ${var.instance_type}. Zones that do: ${join(", ", local.zones)}."
    }

    postcondition {
      condition     = var.zone == null || self.availability_zone == var.zone
      error_message = <<-EOT
        The network is in ${self.availability_zone}; ${coalesce(var.zone, "-")} needs another one, and so another host.
        Put zone back, or take a backup (ansible-playbook backup.yml), then: make destroy, make infra, site.yml, restore.yml
      EOT
    }
  }
}

resource "aws_internet_gateway" "main" {
  vpc_id = aws_vpc.main.id

  tags = { Name = local.project }
}

resource "aws_route_table" "public" {
  vpc_id = aws_vpc.main.id

  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.main.id
  }

  tags = { Name = "${local.project}-public" }
}

resource "aws_route_table_association" "public" {
  subnet_id      = aws_subnet.public.id
  route_table_id = aws_route_table.public.id
}

# Adopted and emptied, so that a resource without an explicit security group has no access.
resource "aws_default_security_group" "closed" {
  vpc_id  = aws_vpc.main.id
  ingress = []
  egress  = []

  tags = { Name = "${local.project}-unused" }
}

# The rules are inside the group, so that Terraform detects and removes rules added by hand.
resource "aws_security_group" "host" {
  #checkov:skip=CKV_AWS_24: checkov does not see a list's content; what admin_cidr may hold is validated in variables.tf
  #checkov:skip=CKV_AWS_382: articles are linked on any address and port; what the app may fetch is the app's to judge
  name        = "${local.project}-host"
  description = "HN Pal: SSH for its operators, nothing for anybody else"
  vpc_id      = aws_vpc.main.id

  ingress {
    description = "SSH from admin_cidr"
    protocol    = "tcp"
    from_port   = 22
    to_port     = 22
    cidr_blocks = distinct(var.admin_cidr)
  }

  egress {
    description = "Telegram, Hacker News, articles, packages, time"
    protocol    = "-1"
    from_port   = 0
    to_port     = 0
    cidr_blocks = ["0.0.0.0/0"]
  }

  tags = { Name = "${local.project}-host" }
}
