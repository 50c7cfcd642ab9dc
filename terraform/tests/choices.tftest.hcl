# What follows from the operator's choices: image, size, key, budget, and what is told of them.

mock_provider "aws" {
  source = "./tests/aws"
}

variables {
  admin_cidr    = ["198.51.100.7/32"]
  key_pair_name = "operator"
}

run "defaults" {
  command = plan

  assert {
    condition     = data.aws_ami.host.owners == tolist(["099720109477"])
    error_message = "Ubuntu images must be Canonical's."
  }

  assert {
    condition     = one(data.aws_ami.host.filter).values == toset(["ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-*"])
    error_message = "The default must be Ubuntu 24.04 on x86-64."
  }

  assert {
    condition     = aws_instance.host.instance_type == "t3.micro" && output.region == "ap-southeast-1"
    error_message = "The default must be a t3.micro in Singapore."
  }

  assert {
    condition     = aws_instance.host.key_name == "operator" && length(aws_key_pair.admin) == 0
    error_message = "An existing key pair must be used as it is."
  }

  assert {
    condition     = length(aws_budgets_budget.monthly) == 0
    error_message = "A budget must be asked for."
  }

  assert {
    condition     = length(aws_sns_topic.alarms) == 0 && alltrue([for alarm in aws_cloudwatch_metric_alarm.host : length(alarm.alarm_actions) == 1])
    error_message = "Mails must be asked for."
  }

  assert {
    condition     = aws_subnet.public.availability_zone == "ap-southeast-1a"
    error_message = "The zone must be the region's first that offers the instance type, never a Local Zone."
  }
}

run "another_zone" {
  command = plan

  variables {
    zone = "ap-southeast-1c"
  }

  assert {
    condition     = aws_subnet.public.availability_zone == "ap-southeast-1c" && output.zone == "ap-southeast-1c"
    error_message = "The zone must be the one asked for."
  }
}

run "ubuntu_24_04_on_arm64" {
  command = plan

  variables {
    instance_type = "t4g.micro"
  }

  assert {
    condition     = one(data.aws_ami.host.filter).values == toset(["ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-arm64-server-*"])
    error_message = "A t4g needs an arm64 image."
  }
}

run "debian_13" {
  command = plan

  variables {
    image = "debian-13"
  }

  assert {
    condition     = data.aws_ami.host.owners == tolist(["136693071363"])
    error_message = "Debian images must be Debian's."
  }

  assert {
    condition     = one(data.aws_ami.host.filter).values == toset(["debian-13-amd64-*"])
    error_message = "debian-13 must be Debian 13."
  }

  assert {
    condition     = aws_instance.host.tags["SshUser"] == "admin"
    error_message = "Debian's images have a user admin."
  }
}

run "debian_13_on_arm64" {
  command = plan

  variables {
    image         = "debian-13"
    instance_type = "t4g.small"
  }

  assert {
    condition     = one(data.aws_ami.host.filter).values == toset(["debian-13-arm64-*"])
    error_message = "A t4g needs an arm64 image."
  }
}

run "a_second_installation" {
  command = plan

  variables {
    project = "hnpal-staging"
  }

  assert {
    condition     = aws_instance.host.tags["Name"] == "hnpal-staging-host" && aws_s3_bucket.data.bucket_prefix == "hnpal-staging-"
    error_message = "Names must begin with the project."
  }
}

run "budget" {
  command = plan

  variables {
    monthly_budget_usd = 20
    budget_email       = "operator@example.org"
  }

  assert {
    condition     = aws_budgets_budget.monthly[0].limit_amount == "20" && aws_budgets_budget.monthly[0].time_unit == "MONTHLY"
    error_message = "The budget must be the one asked for."
  }

  assert {
    condition = alltrue([
      for warning in aws_budgets_budget.monthly[0].notification : warning.subscriber_email_addresses == toset(["operator@example.org"])
    ]) && toset(aws_budgets_budget.monthly[0].notification[*].notification_type) == toset(["ACTUAL", "FORECASTED"])
    error_message = "Somebody must be warned of cost that came and of cost to come."
  }
}

run "alarms_by_mail" {
  command = apply

  variables {
    alarm_emails = ["operator@example.org", "colleague@example.org"]
  }

  assert {
    condition = length(aws_cloudwatch_metric_alarm.host) == 2 && alltrue([
      for alarm in aws_cloudwatch_metric_alarm.host :
      alarm.alarm_actions == toset(["arn:aws:automate:ap-southeast-1:ec2:${alarm.metric_name == "StatusCheckFailed_System" ? "recover" : "reboot"}", aws_sns_topic.alarms[0].arn])
      && alarm.ok_actions == toset([aws_sns_topic.alarms[0].arn])
    ])
    error_message = "Both alarms must help the host first, and mail their beginning and their end."
  }

  assert {
    condition = alltrue([
      for subscription in aws_sns_topic_subscription.alarms :
      subscription.topic_arn == aws_sns_topic.alarms[0].arn && subscription.protocol == "email"
    ]) && toset([for subscription in aws_sns_topic_subscription.alarms : subscription.endpoint]) == toset(["operator@example.org", "colleague@example.org"])
    error_message = "Everybody who was named must get the mails."
  }
}

run "the_inventory_finds_what_it_needs" {
  command = apply

  assert {
    condition     = aws_instance.host.tags["Bucket"] == aws_s3_bucket.data.bucket
    error_message = "The host must tell the inventory its bucket."
  }

  assert {
    condition     = output.ssh_command == "ssh ubuntu@${aws_eip.host.public_ip}"
    error_message = "ssh_command must log in to the static address as the image's user."
  }

  assert {
    condition     = aws_instance.host.tags["SshKey"] == ""
    error_message = "Which key belongs to a key pair is the operator's to say."
  }

  assert {
    condition     = output.public_address == aws_eip.host.public_ip && output.bucket == aws_s3_bucket.data.bucket
    error_message = "Address and bucket must be told."
  }

  assert {
    condition     = strcontains(output.inventory_check, "ansible-inventory -i inventory/production") && strcontains(output.inventory_check, "AWS_REGION=ap-southeast-1")
    error_message = "The inventory check must be ready to run in the host's region."
  }
}

run "the_key_of_a_key_pair_is_told" {
  command = apply

  variables {
    private_key_file = "~/.ssh/operator.pem"
  }

  assert {
    condition     = output.ssh_command == "ssh -i ~/.ssh/operator.pem -o IdentitiesOnly=yes ubuntu@${aws_eip.host.public_ip}"
    error_message = "ssh_command must offer the key that was named, and no other."
  }

  assert {
    condition     = aws_instance.host.tags["SshKey"] == "~/.ssh/operator.pem"
    error_message = "The inventory must learn the same key."
  }
}

run "the_key_of_a_public_key_file_is_its_private_half" {
  command = plan

  variables {
    key_pair_name   = null
    public_key_file = "tests/keys/ed25519.pub"
  }

  assert {
    condition     = aws_instance.host.tags["SshKey"] == "tests/keys/ed25519"
    error_message = "The private half lies beside the public one."
  }
}

# The host of the run before stands: another zone, image or architecture must not silently replace it.

run "a_zone_is_for_a_new_host" {
  command         = plan
  expect_failures = [aws_subnet.public]

  variables {
    zone = "ap-southeast-1c"
  }
}

run "an_image_is_for_a_new_host" {
  command         = plan
  expect_failures = [aws_instance.host]

  variables {
    image = "debian-13"
  }
}

run "an_architecture_is_for_a_new_host" {
  command         = plan
  expect_failures = [aws_instance.host]

  variables {
    instance_type = "t4g.micro"
  }
}

run "a_size_is_not" {
  command = apply

  variables {
    instance_type = "t3.small"
    disk_gb       = 30
  }

  assert {
    condition     = aws_instance.host.id == run.the_inventory_finds_what_it_needs.instance
    error_message = "A larger size must not replace the host."
  }
}

run "a_newer_image_and_another_key_are_not" {
  command = apply

  variables {
    key_pair_name = "another"
  }

  override_data {
    target = data.aws_ami.host
    values = { id = "ami-0fedcba9876543210" }
  }

  assert {
    condition     = aws_instance.host.ami == "ami-0123456789abcdef0" && aws_instance.host.key_name == "operator"
    error_message = "A newer image or another key must not replace the host."
  }
}
