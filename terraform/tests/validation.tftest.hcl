# Every refusal of variables.tf, and beside it what is nearly refused.

mock_provider "aws" {
  source = "./tests/aws"
}

variables {
  admin_cidr    = ["198.51.100.7/32"]
  key_pair_name = "operator"
}

run "accepts_the_least_one_can_give" {
  command = plan
}

run "accepts_two_operators" {
  command = plan

  variables {
    admin_cidr = ["198.51.100.7/32", "192.0.2.0/24"]
  }
}

run "accepts_the_widest_network" {
  command = plan

  variables {
    admin_cidr = ["198.51.0.0/16"]
  }
}

run "refuses_ssh_from_everywhere" {
  command         = plan
  expect_failures = [var.admin_cidr]

  variables {
    admin_cidr = ["0.0.0.0/0"]
  }
}

run "refuses_ssh_from_half_the_internet" {
  command         = plan
  expect_failures = [var.admin_cidr]

  variables {
    admin_cidr = ["128.0.0.0/1"]
  }
}

run "refuses_a_slash_8" {
  command         = plan
  expect_failures = [var.admin_cidr]

  variables {
    admin_cidr = ["10.0.0.0/8"]
  }
}

run "refuses_more_than_a_slash_16" {
  command         = plan
  expect_failures = [var.admin_cidr]

  variables {
    admin_cidr = ["198.50.0.0/15"]
  }
}

run "refuses_everywhere_beside_an_address" {
  command         = plan
  expect_failures = [var.admin_cidr]

  variables {
    admin_cidr = ["198.51.100.7/32", "0.0.0.0/0"]
  }
}

run "refuses_ssh_from_everywhere_over_ipv6" {
  command         = plan
  expect_failures = [var.admin_cidr]

  variables {
    admin_cidr = ["::/0"]
  }
}

run "refuses_an_address_without_prefix" {
  command         = plan
  expect_failures = [var.admin_cidr]

  variables {
    admin_cidr = ["198.51.100.7"]
  }
}

run "refuses_an_address_inside_its_network" {
  command         = plan
  expect_failures = [var.admin_cidr]

  variables {
    admin_cidr = ["198.51.100.7/24"]
  }
}

run "refuses_an_empty_admin_cidr" {
  command         = plan
  expect_failures = [var.admin_cidr]

  variables {
    admin_cidr = [""]
  }
}

run "refuses_nobody" {
  command         = plan
  expect_failures = [var.admin_cidr]

  variables {
    admin_cidr = []
  }
}

run "refuses_more_networks_than_operators" {
  command         = plan
  expect_failures = [var.admin_cidr]

  variables {
    admin_cidr = [for number in range(21) : "198.51.100.${number}/32"]
  }
}

run "refuses_two_networks_in_one_word" {
  command         = plan
  expect_failures = [var.admin_cidr]

  variables {
    admin_cidr = ["198.51.100.7/32,0.0.0.0/0"]
  }
}

run "refuses_the_examples_address" {
  command         = plan
  expect_failures = [var.admin_cidr]

  variables {
    admin_cidr = ["203.0.113.7/32"]
  }
}

run "refuses_the_examples_address_beside_another" {
  command         = plan
  expect_failures = [var.admin_cidr]

  variables {
    admin_cidr = ["198.51.100.7/32", "203.0.113.7/32"]
  }
}

run "refuses_the_examples_network" {
  command         = plan
  expect_failures = [var.admin_cidr]

  variables {
    admin_cidr = ["203.0.113.0/24"]
  }
}

run "refuses_a_host_without_key" {
  command         = plan
  expect_failures = [var.key_pair_name]

  variables {
    key_pair_name = null
  }
}

run "refuses_two_keys" {
  command         = plan
  expect_failures = [var.key_pair_name]

  variables {
    public_key_file = "tests/keys/ed25519.pub"
  }
}

run "accepts_an_ed25519_key" {
  command = plan

  variables {
    key_pair_name   = null
    public_key_file = "tests/keys/ed25519.pub"
  }

  assert {
    condition     = startswith(aws_key_pair.admin[0].public_key, "ssh-ed25519 ")
    error_message = "The key pair must be made from the file."
  }
}

run "accepts_an_rsa_key" {
  command = plan

  variables {
    key_pair_name   = null
    public_key_file = "tests/keys/rsa.pub"
  }
}

run "refuses_a_key_that_ec2_does_not_take" {
  command         = plan
  expect_failures = [var.public_key_file]

  variables {
    key_pair_name   = null
    public_key_file = "tests/keys/ecdsa.pub"
  }
}

run "refuses_what_is_no_public_key" {
  command         = plan
  expect_failures = [var.public_key_file]

  variables {
    key_pair_name   = null
    public_key_file = "README.md"
  }
}

run "refuses_a_key_file_that_is_missing" {
  command         = plan
  expect_failures = [var.public_key_file]

  variables {
    key_pair_name   = null
    public_key_file = "tests/keys/missing.pub"
  }
}

run "refuses_what_is_no_region" {
  command         = plan
  expect_failures = [var.region]

  variables {
    region = "Singapore"
  }
}

run "refuses_an_unknown_image" {
  command         = plan
  expect_failures = [var.image]

  variables {
    image = "ubuntu-20.04"
  }
}

run "refuses_ubuntu_22_04_whose_s3fs_cannot_use_the_role" {
  command         = plan
  expect_failures = [var.image]

  variables {
    image = "ubuntu-22.04"
  }
}

run "refuses_debian_12_whose_s3fs_cannot_use_the_role" {
  command         = plan
  expect_failures = [var.image]

  variables {
    image = "debian-12"
  }
}

run "refuses_the_public_half_as_private_key" {
  command         = plan
  expect_failures = [var.private_key_file]

  variables {
    private_key_file = "~/.ssh/id_ed25519.pub"
  }
}

run "refuses_a_private_key_whose_path_no_command_line_takes" {
  command         = plan
  expect_failures = [var.private_key_file]

  variables {
    private_key_file = "~/my keys/id; rm -rf"
  }
}

run "refuses_a_local_zone" {
  command         = plan
  expect_failures = [var.zone]

  variables {
    zone = "ap-southeast-1-mnl-1a"
  }
}

run "refuses_a_zone_of_another_region" {
  command         = plan
  expect_failures = [var.zone]

  variables {
    zone = "eu-central-1a"
  }
}

run "refuses_a_zone_without_the_type" {
  command         = plan
  expect_failures = [aws_subnet.public]

  variables {
    zone = "ap-southeast-1f"
  }
}

run "refuses_a_project_that_is_no_name" {
  command         = plan
  expect_failures = [var.project]

  variables {
    project = "HN Pal"
  }
}

run "refuses_a_host_with_too_little_memory" {
  command         = plan
  expect_failures = [var.instance_type]

  variables {
    instance_type = "t3.nano"
  }
}

run "refuses_another_family" {
  command         = plan
  expect_failures = [var.instance_type]

  variables {
    instance_type = "p4d.24xlarge"
  }
}

run "accepts_the_smallest_disk" {
  command = plan

  variables {
    disk_gb = 12
  }
}

run "refuses_a_disk_that_is_too_small" {
  command         = plan
  expect_failures = [var.disk_gb]

  variables {
    disk_gb = 11
  }
}

run "refuses_a_disk_beyond_gp3" {
  command         = plan
  expect_failures = [var.disk_gb]

  variables {
    disk_gb = 16385
  }
}

run "refuses_a_disk_of_half_gigabytes" {
  command         = plan
  expect_failures = [var.disk_gb]

  variables {
    disk_gb = 20.5
  }
}

run "refuses_a_negative_budget" {
  command         = plan
  expect_failures = [var.monthly_budget_usd]

  variables {
    monthly_budget_usd = -1
    budget_email       = "operator@example.org"
  }
}

run "refuses_a_budget_that_nobody_hears_of" {
  command         = plan
  expect_failures = [var.budget_email]

  variables {
    monthly_budget_usd = 20
  }
}

run "refuses_what_is_no_email" {
  command         = plan
  expect_failures = [var.budget_email]

  variables {
    budget_email = "operator"
  }
}

run "refuses_an_alarm_to_what_is_no_email" {
  command         = plan
  expect_failures = [var.alarm_emails]

  variables {
    alarm_emails = ["operator@example.org", "operator"]
  }
}

run "refuses_alarms_to_a_crowd" {
  command         = plan
  expect_failures = [var.alarm_emails]

  variables {
    alarm_emails = [for number in range(11) : "operator${number}@example.org"]
  }
}

run "refuses_half_a_word_about_data" {
  command         = plan
  expect_failures = [var.destroy_data]

  variables {
    destroy_data = "yes"
  }
}
