# A small network of its own: an account's default VPC may be missing, or shared with strangers.

resource "aws_vpc" "main" {
  #checkov:skip=CKV2_AWS_11: flow logs cost more than this host, and its only open port is limited to admin_cidr
  cidr_block           = "10.76.0.0/24"
  enable_dns_support   = true
  enable_dns_hostnames = true

  tags = { Name = local.project }
}

# Zones differ in the types they offer; us-east-1e, for one, has no t3.
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
  availability_zone = sort(data.aws_ec2_instance_type_offerings.zones.locations)[0]

  tags = { Name = "${local.project}-public" }

  lifecycle {
    # Another zone would be another subnet and so another host.
    ignore_changes = [availability_zone]
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

# Adopted to be emptied: nothing may get access by forgetting to name a security group.
resource "aws_default_security_group" "closed" {
  vpc_id  = aws_vpc.main.id
  ingress = []
  egress  = []

  tags = { Name = "${local.project}-unused" }
}

# The rules stand inside the group, where Terraform also sees, and takes back, those added by hand.
resource "aws_security_group" "host" {
  #checkov:skip=CKV_AWS_382: articles are linked on any address and port; what the app may fetch is the app's to judge
  name        = "${local.project}-host"
  description = "HN Pal: SSH for its operators, nothing for anybody else"
  vpc_id      = aws_vpc.main.id

  ingress {
    description = "SSH from admin_cidr"
    protocol    = "tcp"
    from_port   = 22
    to_port     = 22
    cidr_blocks = [var.admin_cidr]
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
