# What a simulated AWS answers; Terraform makes up the rest.

mock_data "aws_ami" {
  defaults = {
    id = "ami-0123456789abcdef0"
  }
}

mock_data "aws_ec2_instance_type_offerings" {
  defaults = {
    # A Local Zone, which sorts before the zones of the region.
    locations = ["ap-southeast-1c", "ap-southeast-1-mnl-1a", "ap-southeast-1a"]
  }
}

mock_resource "aws_s3_bucket" {
  defaults = {
    arn = "arn:aws:s3:::hnpal-simulated"
  }
}

mock_resource "aws_sns_topic" {
  defaults = {
    arn = "arn:aws:sns:ap-southeast-1:123456789012:hnpal-alarms"
  }
}
