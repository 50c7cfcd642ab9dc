# What must hold for every host, read from the plan and from a simulated apply: no account, no network.

mock_provider "aws" {
  source = "./tests/aws"
}

variables {
  admin_cidr    = ["198.51.100.7/32"]
  key_pair_name = "operator"
}

run "ssh_from_admin_cidr_and_nothing_else" {
  command = plan

  assert {
    condition = toset([
      for rule in aws_security_group.host.ingress : "${rule.protocol} ${rule.from_port}-${rule.to_port} ${join(" ", rule.cidr_blocks)}"
    ]) == toset(["tcp 22-22 198.51.100.7/32"])
    error_message = "SSH from admin_cidr must be the only way in."
  }

  assert {
    condition     = length(aws_default_security_group.closed.ingress) + length(aws_default_security_group.closed.egress) == 0
    error_message = "The default security group must allow nothing."
  }
}

run "metadata_service" {
  command = plan

  assert {
    condition     = aws_instance.host.metadata_options[0].http_tokens == "required"
    error_message = "IMDSv2 must be required."
  }

  assert {
    condition     = aws_instance.host.metadata_options[0].http_put_response_hop_limit == 1
    error_message = "Containers must not reach the metadata service."
  }
}

run "nothing_runs_at_first_boot" {
  command = apply

  override_resource {
    target = aws_instance.host
    # Shows only where the configuration itself says nothing.
    values = { user_data = "none", user_data_base64 = "none" }
  }

  assert {
    condition     = aws_instance.host.user_data == "none" && aws_instance.host.user_data_base64 == "none"
    error_message = "The host must come up bare: no user data, and so no secret in it."
  }
}

run "disk" {
  command = plan

  assert {
    condition     = aws_instance.host.root_block_device[0].encrypted && aws_instance.host.root_block_device[0].volume_type == "gp3"
    error_message = "The root disk must be an encrypted gp3 volume."
  }

  assert {
    condition     = aws_instance.host.root_block_device[0].delete_on_termination == false
    error_message = "The disk with the database must outlive the host."
  }

  assert {
    condition     = aws_instance.host.disable_api_termination
    error_message = "The host must not be terminated by a wrong click."
  }
}

run "bucket" {
  command = apply

  assert {
    condition = alltrue([
      aws_s3_bucket_public_access_block.data.block_public_acls,
      aws_s3_bucket_public_access_block.data.block_public_policy,
      aws_s3_bucket_public_access_block.data.ignore_public_acls,
      aws_s3_bucket_public_access_block.data.restrict_public_buckets,
    ])
    error_message = "Every kind of public access to the bucket must be blocked."
  }

  assert {
    condition     = aws_s3_bucket_ownership_controls.data.rule[0].object_ownership == "BucketOwnerEnforced"
    error_message = "Access must not be granted by lists on objects."
  }

  assert {
    condition     = aws_s3_bucket_versioning.data.versioning_configuration[0].status == "Enabled"
    error_message = "The bucket must keep versions."
  }

  assert {
    condition = one(one(
      aws_s3_bucket_server_side_encryption_configuration.data.rule
    ).apply_server_side_encryption_by_default).sse_algorithm == "AES256"
    error_message = "The bucket must encrypt what it stores."
  }

  assert {
    condition     = aws_s3_bucket.data.force_destroy == false
    error_message = "A bucket with backups must not be destroyed with them."
  }

  assert {
    condition     = alltrue([for rule in aws_s3_bucket_lifecycle_configuration.data.rule : rule.status == "Enabled"])
    error_message = "Every lifecycle rule must be in force."
  }

  assert {
    condition = alltrue([
      for expiration in flatten(aws_s3_bucket_lifecycle_configuration.data.rule[*].expiration) :
      try(expiration.days > 0, false) == false && expiration.date == null
    ])
    error_message = "The lifecycle may forget old versions and unfinished uploads, never a current backup."
  }

  assert {
    condition = alltrue([
      for of in [
        aws_s3_bucket_public_access_block.data.bucket, aws_s3_bucket_ownership_controls.data.bucket,
        aws_s3_bucket_versioning.data.bucket, aws_s3_bucket_lifecycle_configuration.data.bucket,
        aws_s3_bucket_server_side_encryption_configuration.data.bucket,
      ] : of == aws_s3_bucket.data.id
    ])
    error_message = "All of this must be said of the one bucket."
  }
}

run "role_is_limited_to_its_bucket" {
  command = apply

  assert {
    condition = toset(flatten([
      for statement in jsondecode(aws_iam_role_policy.bucket.policy).Statement : statement.Resource
    ])) == toset([aws_s3_bucket.data.arn, "${aws_s3_bucket.data.arn}/*"])
    error_message = "The host must have rights in its one bucket and nowhere else."
  }

  assert {
    condition = toset(flatten([
      for statement in jsondecode(aws_iam_role_policy.bucket.policy).Statement : statement.Action
      ])) == toset([
      "s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetBucketLocation", "s3:GetObject", "s3:ListBucket",
      "s3:ListBucketMultipartUploads", "s3:ListMultipartUploadParts", "s3:PutObject",
    ])
    error_message = "The host must be able to list, read, write and delete, not to touch versions, policies or rules."
  }

  assert {
    condition = alltrue([
      for statement in jsondecode(aws_iam_role_policy.bucket.policy).Statement :
      statement.Condition.Bool["aws:SecureTransport"] == "true"
    ])
    error_message = "The host must use the bucket over TLS only."
  }

  assert {
    condition = [
      for statement in jsondecode(aws_iam_role.host.assume_role_policy).Statement : statement.Principal.Service
    ] == ["ec2.amazonaws.com"]
    error_message = "Only EC2 may hand out the role."
  }

  assert {
    condition     = aws_instance.host.iam_instance_profile == aws_iam_instance_profile.host.name
    error_message = "The host must have its role."
  }
}

run "help_without_a_human" {
  command = apply

  assert {
    condition = toset([for alarm in aws_cloudwatch_metric_alarm.host : "${alarm.metric_name} ${join(" ", alarm.alarm_actions)}"]) == toset([
      "StatusCheckFailed_System arn:aws:automate:ap-southeast-1:ec2:recover",
      "StatusCheckFailed_Instance arn:aws:automate:ap-southeast-1:ec2:reboot",
    ])
    error_message = "AWS must recover a host whose hardware failed and reboot one that hangs."
  }

  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.host : alarm.dimensions["InstanceId"] == aws_instance.host.id])
    error_message = "The alarms must watch this host."
  }

  assert {
    condition     = aws_eip.host.instance == aws_instance.host.id
    error_message = "The static address must belong to the host."
  }
}

run "nothing_is_public_unless_asked_for" {
  command = apply

  assert {
    condition = sum([
      length(aws_s3_bucket.website), length(aws_s3_bucket_policy.website), length(aws_iam_role_policy.website),
      length(aws_s3_bucket_website_configuration.website), length(aws_s3_bucket_public_access_block.website),
    ]) == 0
    error_message = "Without publish there must be no second bucket, no policy and no right in one."
  }

  assert {
    condition     = output.website == "" && !contains(keys(aws_instance.host.tags), "Website")
    error_message = "Without publish the host must know of no website."
  }
}

run "a_published_website_opens_its_own_bucket_only" {
  command = apply

  variables {
    publish = true
  }

  override_resource {
    target = aws_s3_bucket.website
    values = { id = "hnpal-website-simulated", bucket = "hnpal-website-simulated", arn = "arn:aws:s3:::hnpal-website-simulated" }
  }

  assert {
    condition     = aws_s3_bucket_policy.website[0].bucket == aws_s3_bucket.website[0].id && aws_s3_bucket.website[0].id != aws_s3_bucket.data.id
    error_message = "The public policy must be that of the website's bucket."
  }

  assert {
    condition = [
      for statement in jsondecode(aws_s3_bucket_policy.website[0].policy).Statement :
      "${statement.Effect} ${statement.Principal} ${statement.Action} ${statement.Resource}"
    ] == ["Allow * s3:GetObject ${aws_s3_bucket.website[0].arn}/*"]
    error_message = "Everybody must be able to read the website's files, and nothing more."
  }

  assert {
    condition     = aws_s3_bucket_public_access_block.website[0].block_public_acls && aws_s3_bucket_public_access_block.website[0].ignore_public_acls
    error_message = "No access list may open an object."
  }

  assert {
    condition     = aws_s3_bucket_ownership_controls.website[0].rule[0].object_ownership == "BucketOwnerEnforced"
    error_message = "Access must not be granted by lists on objects."
  }

  assert {
    condition = alltrue([
      aws_s3_bucket_public_access_block.data.block_public_acls,
      aws_s3_bucket_public_access_block.data.block_public_policy,
      aws_s3_bucket_public_access_block.data.ignore_public_acls,
      aws_s3_bucket_public_access_block.data.restrict_public_buckets,
      aws_s3_bucket_public_access_block.data.bucket == aws_s3_bucket.data.id,
    ])
    error_message = "The bucket of backups must stay private."
  }

  assert {
    condition = toset(flatten([
      for statement in jsondecode(aws_iam_role_policy.website[0].policy).Statement : [
        for action in flatten([statement.Action]) : "${action} ${statement.Resource} ${statement.Condition.Bool["aws:SecureTransport"]}"
      ]
      ])) == toset([
      "s3:ListBucket ${aws_s3_bucket.website[0].arn} true",
      "s3:DeleteObject ${aws_s3_bucket.website[0].arn}/* true",
      "s3:GetObject ${aws_s3_bucket.website[0].arn}/* true",
      "s3:PutObject ${aws_s3_bucket.website[0].arn}/* true",
    ])
    error_message = "The host must be able to list, read, write and delete the website's files over TLS, and nothing more."
  }

  assert {
    condition = toset(flatten([
      for statement in jsondecode(aws_iam_role_policy.bucket.policy).Statement : statement.Resource
    ])) == toset([aws_s3_bucket.data.arn, "${aws_s3_bucket.data.arn}/*"])
    error_message = "The rights in the bucket of backups must stay as they are."
  }

  assert {
    condition     = aws_instance.host.tags["Website"] == aws_s3_bucket.website[0].bucket && startswith(output.website, "http://") && endswith(output.website, "/")
    error_message = "The inventory must learn the bucket, and the operator the address."
  }
}

run "data_may_go_when_asked_for" {
  command = plan

  variables {
    destroy_data = "yes, delete all backups"
  }

  assert {
    condition     = aws_s3_bucket.data.force_destroy && aws_instance.host.root_block_device[0].delete_on_termination
    error_message = "Asked for in so many words, a destroy takes the data along."
  }
}
